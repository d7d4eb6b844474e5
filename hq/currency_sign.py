"""How a currency stands before a figure. Pure, so that tills, paper and the back office say it alike."""


def before_figure(symbol: str, code: str = "") -> str:
    """A currency's symbol, or its code where it has none: £, but letters stand apart from the figure (CHF 5, Fr. 5)."""
    sign = symbol or code
    return f"{sign}\N{NO-BREAK SPACE}" if sign[-1:].isalpha() or sign.endswith(".") else sign
