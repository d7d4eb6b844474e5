"""Which taxes a line pays: codes that its two groups share, at the day's rate, less what it is exempt from.

A store, a customer or a destination brings a sales-tax group, a product an item-tax group; the codes in
both apply. A period starts on its first day and ends before `ends_on`, so neighbouring periods neither
overlap nor leave a gap.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from pricing.engine.tax_values import PERCENT, TaxInterval, TaxRule


class DatedRate(Struct, frozen=True):
    """A rate, or the intervals that hold rates, in a period."""

    rate: Decimal
    starts_on: date | None = None
    ends_on: date | None = None  # the first day on which it no longer holds
    intervals: tuple[TaxInterval, ...] = ()

    def holds_on(self, day: date) -> bool:
        """Whether this is the rate of that day."""
        return (self.starts_on is None or self.starts_on <= day) and (
            self.ends_on is None or day < self.ends_on
        )


class RateRow(NamedTuple):
    """A rate as it is entered: in a period, for amounts above one limit up to another (None: without end)."""

    rate: Decimal
    starts_on: date | None = None
    ends_on: date | None = None
    above: Decimal = Decimal(0)
    up_to: Decimal | None = None


def dated_rates(rows: Iterable[RateRow]) -> tuple[DatedRate, ...]:
    """The rates by period: one for all amounts, or where amounts are named its intervals, from below."""
    periods: dict[tuple[date | None, date | None], list[RateRow]] = {}
    for row in rows:
        periods.setdefault((row.starts_on, row.ends_on), []).append(row)
    found = []
    for (starts_on, ends_on), together in periods.items():
        if all(not row.above and row.up_to is None for row in together):
            found += [DatedRate(row.rate, starts_on, ends_on) for row in together]
            continue
        together.sort(key=lambda row: row.above)
        intervals = tuple(TaxInterval(row.above, row.up_to, row.rate) for row in together)
        found.append(DatedRate(together[0].rate, starts_on, ends_on, intervals))
    return tuple(found)


class TaxCode(Struct, frozen=True):
    """One tax with its rates; codes are computed in the order of `sequence`, then of `code`."""

    code: str
    rates: tuple[DatedRate, ...]
    name: str = ""
    kind: str = PERCENT
    sequence: int = 0
    included: bool | None = None
    affects_next_base: bool = False
    base_affected_by_previous: bool = True
    of: str | None = None
    calculate_before: bool = False
    method: str = "whole"
    marginal_base: str = "net_line"

    def rule_on(self, day: date) -> TaxRule | None:
        """The code as it stands on a day; None before its first and after its last rate."""
        dated = next((one for one in self.rates if one.holds_on(day)), None)
        if dated is None:
            return None
        return TaxRule(
            self.code,
            dated.rate,
            kind=self.kind,
            included=self.included,
            name=self.name,
            affects_next_base=self.affects_next_base,
            base_affected_by_previous=self.base_affected_by_previous,
            of=self.of,
            calculate_before=self.calculate_before,
            intervals=dated.intervals,
            method=self.method,
            marginal_base=self.marginal_base,
        )


class GroupCode(Struct, frozen=True):
    """A code in a sales-tax group; with a reason it is there to be shown, but exempt."""

    code: str
    exempt: str | None = None


class Exemption(Struct, frozen=True):
    """Why somebody or something pays nothing: a customer's certificate, a product's flag, a reason at the
    till.

    Without codes it holds for all. `lowers_price` takes an included tax off the price, as for goods that
    leave the country; otherwise the price stays and is all net.
    """

    reason: str
    codes: tuple[str, ...] = ()
    lowers_price: bool = False
    starts_on: date | None = None
    ends_on: date | None = None  # the first day on which it no longer holds


class TaxHoliday(Struct, frozen=True):
    """Days on which some goods pay no tax: all of an item-tax group up to a price per unit, from these
    codes.
    """

    name: str
    starts_on: date
    ends_on: date  # the first day after it
    item_tax_groups: tuple[str, ...] = ()  # none: all
    codes: tuple[str, ...] = ()  # none: all
    price_limit: Decimal | None = None  # per unit, inclusive

    def frees(self, item_tax_group: str | None, unit_price: Decimal | None, day: date) -> bool:
        """Whether goods of this group at this price are free on that day."""
        if not self.starts_on <= day < self.ends_on:
            return False
        if self.item_tax_groups and item_tax_group not in self.item_tax_groups:
            return False
        return self.price_limit is None or (unit_price is not None and unit_price <= self.price_limit)


class TaxOverride(Struct, frozen=True):
    """What a cashier may choose instead: another sales-tax group, item-tax group, or other codes for some
    codes, which leaves goods alone that do not pay these.

    `scope` is line or transaction.
    """

    id: str
    name: str
    scope: str = "transaction"
    sales_tax_group: str | None = None
    item_tax_group: str | None = None
    codes: tuple[tuple[str, str | None], ...] = ()  # (code, the one instead; None: left out)


class Destination(Struct, frozen=True):
    """Where goods go, as far as taxes tell places apart. Empty parts of a rule fit every place."""

    country: str = ""
    state: str = ""
    county: str = ""
    city: str = ""
    postcode: str = ""


def is_country(code: str) -> bool:
    """Whether it looks like the two letters of a country."""
    return len(code) == 2 and code.isascii() and code.isalpha()


class DestinationRule(Struct, frozen=True):
    """The sales-tax group of a place; `place.postcode` may be a pattern for the whole postcode."""

    place: Destination
    sales_tax_group: str

    def fits(self, address: Destination) -> bool:
        """Whether the address lies in this place."""
        for name in ("country", "state", "county", "city"):
            wanted = getattr(self.place, name)
            if wanted and wanted.casefold() != getattr(address, name).casefold():
                return False
        pattern = self.place.postcode
        return not pattern or re.fullmatch(pattern, address.postcode, re.IGNORECASE) is not None

    @property
    def specificity(self) -> tuple[bool, ...]:
        """Postcode before city before county before state before country."""
        place = self.place
        return tuple(map(bool, (place.postcode, place.city, place.county, place.state, place.country)))


def destination_group(rules: Iterable[DestinationRule], address: Destination) -> str | None:
    """The sales-tax group of the most precise rule for an address; None when no rule names its place."""
    fitting = [rule for rule in rules if rule.fits(address)]
    return max(fitting, key=lambda rule: rule.specificity).sales_tax_group if fitting else None


class TaxBook:
    """The company's tax codes and groups, ready to answer what a line pays."""

    def __init__(
        self,
        *,
        codes: Iterable[TaxCode],
        sales_groups: Mapping[str, Sequence[GroupCode | str]],
        item_groups: Mapping[str, Sequence[str]],
        holidays: Sequence[TaxHoliday] = (),
    ) -> None:
        self.codes = {code.code: code for code in codes}
        self.sales_groups = {
            name: {one.code: one for one in map(_group_code, members)}
            for name, members in sales_groups.items()
        }
        self.item_groups = {name: frozenset(members) for name, members in item_groups.items()}
        self.holidays = tuple(holidays)
        self._known: dict[tuple[str | None, str | None, date], tuple[TaxRule, ...]] = {}

    def rules_for(
        self,
        sales_group: str | None,
        item_group: str | None,
        day: date,
        *,
        unit_price: Decimal | None = None,
        exemptions: Sequence[Exemption] = (),
        override: TaxOverride | None = None,
    ) -> tuple[TaxRule, ...]:
        """The codes in both groups at the day's rates, in their order of computation, exempt where
        something frees.

        A group that is not known has no codes, so nothing is due. The unit price is for holidays with a
        limit. Who may have the price without the tax has it on a holiday, too, which leaves prices alone.
        """
        if override is not None:
            sales_group = override.sales_tax_group or sales_group
            item_group = override.item_tax_group or item_group
        rules = self._common(sales_group, item_group, day)
        if override is not None and override.codes:
            rules = self._swapped(rules, dict(override.codes), day)
        holidays = [
            Exemption(one.name, one.codes) for one in self.holidays if one.frees(item_group, unit_price, day)
        ]
        for exemption in in_order(exemptions, holidays):
            rules = exempt(rules, exemption, day)
        return rules

    def _common(self, sales_group: str | None, item_group: str | None, day: date) -> tuple[TaxRule, ...]:
        key = (sales_group, item_group, day)
        found = self._known.get(key)
        if found is None:
            brought = self.sales_groups.get(sales_group or "", {})
            shared = [
                self.codes[code] for code in brought if code in self.item_groups.get(item_group or "", ())
            ]
            dated = [(code, code.rule_on(day)) for code in sorted(shared, key=lambda c: (c.sequence, c.code))]
            found = self._known[key] = tuple(
                replace(rule, exempt=brought[code.code].exempt) for code, rule in dated if rule is not None
            )
        return found

    def _swapped(
        self, rules: tuple[TaxRule, ...], instead: Mapping[str, str | None], day: date
    ) -> tuple[TaxRule, ...]:
        names = [instead.get(rule.code, rule.code) for rule in rules]
        chosen = [self.codes[name] for name in dict.fromkeys(names) if name is not None]
        dated = [code.rule_on(day) for code in sorted(chosen, key=lambda c: (c.sequence, c.code))]
        stayed = {rule.code: rule for rule in rules}  # may be exempt in their group
        return tuple(stayed.get(rule.code, rule) for rule in dated if rule is not None)


def in_order(exemptions: Sequence[Exemption], holidays: Sequence[Exemption] = ()) -> list[Exemption]:
    """Those that lower the price, then holidays, which leave prices alone, then the rest: the first to free counts."""
    return sorted((*holidays, *exemptions), key=lambda one: not one.lowers_price)


def exempt(rules: tuple[TaxRule, ...], exemption: Exemption, day: date) -> tuple[TaxRule, ...]:
    """The rules with those that the exemption frees on that day marked so; what was exempt before keeps its
    reason.
    """
    if not DatedRate(Decimal(0), exemption.starts_on, exemption.ends_on).holds_on(day):
        return rules
    return tuple(
        replace(rule, exempt=exemption.reason, exempt_lowers_price=exemption.lowers_price)
        if rule.exempt is None and (not exemption.codes or rule.code in exemption.codes)
        else rule
        for rule in rules
    )


def _group_code(member: GroupCode | str) -> GroupCode:
    return GroupCode(member) if isinstance(member, str) else member
