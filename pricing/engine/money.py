"""Currencies: their smallest unit of account and their smallest coin.

Amounts are plain `Decimal`s in a currency that the context names; only the rules of rounding hang on the
currency. The units are those of ISO 4217; the coins those of Unicode CLDR, and national cash rounding where
CLDR is silent.
"""

from decimal import Decimal
from functools import lru_cache

from msgspec import Struct

from pricing.engine.rounding import round_to

ZERO = Decimal(0)

# ISO 4217 currencies whose account unit is not a hundredth, by number of decimals.
_DECIMALS = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
# Smallest amount that can be paid in coins, where it is larger than the account unit.
_COINS = {
    "0.05": "AUD CAD CHF MYR SGD",
    "0.10": "HKD ILS NZD ZAR",
    "0.50": "DKK",
    "1": "AMD CRC CZK GYD MNT MUR NOK RSD SEK TWD TZS UZS "
    "AFN ALL COP IDR IQD IRR KPW LAK LBP MGA MMK PKR SOS SYP YER",
    "5": "HUF",
}
_DECIMALS_OF = {code: decimals for decimals, codes in _DECIMALS.items() for code in codes.split()}
_COIN_OF = {code: Decimal(coin) for coin, codes in _COINS.items() for code in codes.split()}


class Currency(Struct, frozen=True):
    """A currency: `unit` is the smallest amount on a receipt, `cash_unit` the smallest that coins can pay."""

    code: str
    unit: Decimal = Decimal("0.01")
    cash_unit: Decimal | None = None
    cash_mode: str = "half_up"

    @property
    def decimals(self) -> int:
        """Digits after the point in which amounts of this currency are written."""
        return max(0, -int(self.unit.normalize().as_tuple().exponent))

    def round(self, amount: Decimal) -> Decimal:
        """The amount in whole account units, half away from zero."""
        return round_to(amount, self.unit)

    def round_cash(self, amount: Decimal) -> Decimal:
        """The nearest amount that can be paid in coins; the account unit where coins reach that far."""
        return round_to(amount, self.cash_unit or self.unit, self.cash_mode)

    def is_whole(self, amount: Decimal) -> bool:
        """Whether the amount is a whole number of account units."""
        return amount % self.unit == 0


def decimals_of(amount: Decimal, least: int = 2) -> int:
    """How many decimals an amount is written in: the least that its currency has, or as many as it needs."""
    return max(least, -int(amount.normalize().as_tuple().exponent))


def as_money(amount: Decimal, symbol: str, decimals: int) -> str:
    """An amount as people write it: −£1.00. `decimals` are those of its currency."""
    return f"{'−' if amount < 0 else ''}{symbol}{abs(amount):,.{decimals_of(amount, decimals)}f}"


@lru_cache(maxsize=256)
def currency(code: str) -> Currency:
    """The currency with this ISO 4217 code and its usual units (two decimals where the table does not
    differ).
    """
    unit = Decimal(1).scaleb(-_DECIMALS_OF.get(code, 2))
    return Currency(code=code, unit=unit, cash_unit=_COIN_OF.get(code, unit))
