"""From the words of a stock list to a name that one can read on a till."""

from __future__ import annotations

import re
from pathlib import Path

_words, _phrases = (Path(__file__).parent / "capitals.txt").read_text(encoding="utf-8").split("\n\n")
_KEPT = {word.lower(): word for word in _words.split("\n", 1)[1].split()}
_KEPT |= {"bakelike": "Bakelite", "fuschia": "fuchsia"}
_PHRASES = _phrases.strip().splitlines()
# Shorthand of the stock list and its commonest slips, spelled out.
_SHORTHAND = [
    (re.compile(pattern, re.IGNORECASE), spelled)
    for pattern, spelled in [
        (r"\bS(?:ET)?\s*/\s*(\d+)", r"Set of \1 "),
        (r"\bSET OF(\d)", r"Set of \1"),
        (r"\bPACK\s*/\s*(\d+)", r"Pack of \1 "),
        (r"\bBOX\s*/\s*(\d+)", r"Box of \1 "),
        (r"\bW/ ?|\bW\b(?![/'.])", "with "),
        (r"\bASS(?:TD?|ORTED)?\.? COL(?:OURS?)?\b", "assorted colours"),
        (r"\bASS(?:TD?)?\b\.?", "assorted"),
        (r"\bDES\b", "design"),
        (r"\bHLDR\b|\bHOLD$", "holder"),
        (r"\bDECS?$", "decoration"),
        (r"\bNECKL(?:AC)?\b\.?(?=\d)?", "necklace "),
        (r"\bGARLD\b", "garland"),
        (r"\bB'FLY\b|\bBUTTERFL$", "butterfly"),
        (r"\bB'DRAW\b", "bedroom drawer"),
        (r"\bP'WEIGHT\b", "paperweight"),
        (r"\bTURQ\b\.?|\bTURQUOIS$", "turquoise"),
        (r"\bVINT\b", "vintage"),
        (r"\bANT\b (?=WHITE|SILVER|COPPER|GOLD)", "antique "),
        (r"\bCHILDRENS\b", "children's"),
        (r"\bCHILDS\b", "child's"),
        (r"\bBRACLET\b", "bracelet"),
        (r"\bCHRISTAMS\b", "Christmas"),
        (r"\bARTIIFCIAL\b", "artificial"),
        (r"\bTRADTIONAL\b", "traditional"),
        (r"\bMETALIC\b", "metallic"),
        (r"\bSILOUETTE\b", "silhouette"),
        (r"\bFLOWR\b|\bFLOWE$", "flower"),
        (r"\bHYDRANGA\b", "hydrangea"),
        (r"\bTASSLE\b", "tassel"),
        (r"\bCINAMMON\b", "cinnamon"),
        (r"\bSANDLEWOOD\b", "sandalwood"),
        (r"\bBUTTERFILES\b", "butterflies"),
        (r"\bRASPBERR$", "raspberry"),
        (r"\bPAISELY\b", "paisley"),
        (r"\bCEATURE\b", "creature"),
        (r"\bBRIGH$", "bright"),
        (r"\bRECT\b", "rectangular"),
    ]
]
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9'’.-]*")


def is_product_text(text: str) -> bool:
    """Say whether a text names a product: names are in capitals, notes ("damages", "ebay") are not."""
    letters = [letter for letter in text if letter.isalpha()]
    capitals = sum(letter.isupper() for letter in letters)
    return len(letters) >= 4 and capitals * 2 >= len(letters) and "?" not in text


def readable(text: str) -> str:
    """Turn WHITE HANGING HEART T-LIGHT HOLDER into White hanging heart T-light holder."""
    text = text.strip().strip("*.,").replace(" ,", ", ")
    for pattern, spelled in _SHORTHAND:
        text = pattern.sub(spelled, text)
    text = re.sub(r",(?=\S)", ", ", text)
    text = re.sub(r"\s+", " ", text).strip(" ,")
    text = re.sub(r'"(\w)"', lambda match: f"“{match[1].upper()}”", text)
    text = _WORD.sub(lambda match: _cased(match, text), text)
    for phrase in _PHRASES:
        text = re.sub(rf"\b{phrase}\b", phrase, text, flags=re.IGNORECASE)
    return text[:1].upper() + text[1:]


def _cased(match: re.Match[str], text: str) -> str:
    word = match[0].lower()
    if match.start() > 0 and text[match.start() - 1] == "“":
        return match[0]
    return _KEPT.get(word, word)
