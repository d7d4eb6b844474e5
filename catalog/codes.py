"""The keys under which scanned codes are looked up."""

GTIN_LENGTHS = frozenset({8, 12, 13, 14})


def lookup_key(code: str) -> str:
    """The one form of a code: worldwide numbers as 14 digits (GS1 General Specifications), others in capitals.

    UPC-A, EAN-8 and EAN-13 are the same number with leading zeros, so a scanner that adds or drops them finds
    the same article.
    """
    code = code.strip()
    if code.isascii() and code.isdigit() and len(code) in GTIN_LENGTHS:
        return code.zfill(14)
    return code.upper()
