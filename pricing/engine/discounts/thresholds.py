"""Thresholds, after every other discount of every priority: an amount reached once for the whole basket.

The highest priority that has a threshold is settled first. An exclusive or best-price threshold looks at units without
any discount; a compound one also at units that hold only compound discounts. Reaching the limit is enough, however
often the basket would reach it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import permutations

from pricing.engine.discounts.levels import MODEL_A
from pricing.engine.discounts.model import AMOUNT_OFF, PERCENT_OFF
from pricing.engine.discounts.pools import BEST, COMPOUND, EXCLUSIVE, OPEN, RULES
from pricing.engine.discounts.terms import Rate, Terms
from pricing.engine.minor import PERCENT, Minor, half_up, shares
from pricing.engine.model import PricingSettings, Reason
from pricing.engine.rows import Given, Part, Row, fresh_parts

MOST_ORDERS = 4  # best-price thresholds of one priority that are tried in every order


class Spread:
    """What a threshold gives: parts with their amounts in smallest units, and the reason when it gives nothing."""

    __slots__ = ("amounts", "missing", "rate", "terms", "worth")

    def __init__(
        self, terms: Terms, rate: Rate | None, amounts: list[tuple[Part, int]], missing: int
    ) -> None:
        self.terms = terms
        self.rate = rate
        self.amounts = amounts
        self.missing = missing
        self.worth = sum(amount for _, amount in amounts)


class Thresholds:
    """The thresholds that touch these rows of one sign."""

    def __init__(self, rows: Sequence[Row], settings: PricingSettings, money: Minor) -> None:
        self.money = money
        self.settings = settings
        self.model_a = settings.concurrency_model == MODEL_A
        self.on_original = settings.on_original
        self.rows: dict[Terms, list[Row]] = {}
        for row in rows:
            for terms in row.item.offers.thresholds:
                self.rows.setdefault(terms, []).append(row)

    def settle(self) -> None:
        """Give every threshold that is reached, priority by priority, and say why of those that are not."""
        levels = sorted({terms.priority for terms in self.rows}, reverse=True)
        for level in levels:
            here = sorted((terms for terms in self.rows if terms.priority == level), key=_order)
            self._exclusives([terms for terms in here if terms.exclusive], level)
            self._others([terms for terms in here if not terms.exclusive], level)

    def compete(self) -> list[Row]:
        """Let an exclusive threshold that gives more than the exclusive discounts of its priority take their place.

        Goods with a discount of a higher priority stay as they are; a threshold that loses is asked again later. The
        answer are the rows that hold nothing any more: sets that they were part of are none now.
        """
        freed: list[Row] = []
        for terms in sorted(self.rows, key=lambda one: (-one.priority, one.order)):
            if not terms.exclusive:
                continue
            rows = [
                row for row in self.rows[terms] if not any(self._is_above(part, terms) for part in row.parts)
            ]
            exclusive = sum(
                part.gross - part.left for row in rows for part in row.parts if part.status == EXCLUSIVE
            )
            kept = {id(row): row.parts for row in rows}
            for row in rows:
                row.parts = fresh_parts(row, [row.size], self.money)
            if not exclusive or self.spread(terms, ()).worth <= exclusive:
                for row in rows:
                    row.parts = kept[id(row)]
            else:
                freed += rows
        return freed

    def _is_above(self, part: Part, terms: Terms) -> bool:
        return any(level > terms.priority for level in part.levels)

    def _exclusives(self, terms: list[Terms], level: int) -> None:
        """The largest first; the next on what is still without a discount."""
        waiting = list(terms)
        while waiting:
            tried = [self.spread(one, ()) for one in waiting]
            best = max(tried, key=lambda spread: spread.worth)
            if not best.worth:
                for spread in tried:
                    self._refuse(spread)
                return
            self._give(best, EXCLUSIVE, level)
            waiting.remove(best.terms)

    def _others(self, terms: list[Terms], level: int) -> None:
        """Best-price thresholds against the compound ones together (A), or the best one for each unit (B)."""
        for group in self._apart(terms):
            self._compare(group, level)

    def _apart(self, terms: list[Terms]) -> list[list[Terms]]:
        """The thresholds in groups that share rows, directly or through others."""
        groups: list[tuple[list[Terms], set[int]]] = []
        for one in terms:
            own, places = [one], {row.place for row in self.rows[one]}
            apart = []
            for group, others in groups:
                if places.isdisjoint(others):
                    apart.append((group, others))
                else:
                    own, places = group + own, places | others
            groups = [*apart, (own, places)]
        return [sorted(group, key=_order) for group, _ in groups]

    def _compare(self, terms: list[Terms], level: int) -> None:
        if len(terms) == 1 and not terms[0].compound:
            (spread,) = plan = [self.spread(terms[0], ())]
            if not spread.worth:
                self._refuse(spread, by=plan)
                return
        alone = [one for one in terms if not one.compound or not self.model_a]
        added = [one for one in terms if one.compound and self.model_a]
        best_plan: list[Spread] = []
        most = -1
        for order in _orders(alone):
            plan = self._plan(order, added)
            worth = sum(spread.worth for spread in plan)
            if worth > most:
                best_plan, most = plan, worth
        given = set()
        for spread in best_plan:
            if spread.worth:
                given.add(spread.terms)
                self._give(spread, COMPOUND if spread.terms.compound or not self.model_a else BEST, level)
        if self.model_a:  # a priority that gave a threshold closes its parts to the thresholds of lower ones
            for spread in best_plan:
                for part, amount in spread.amounts:
                    if amount:
                        part.status = BEST
        for one in terms:
            if one not in given:
                self._refuse(self.spread(one, ()), by=best_plan)

    def _plan(self, order: Sequence[Terms], added: Sequence[Terms]) -> list[Spread]:
        """What comes of giving these best-price thresholds in this order, then the compound ones on the rest."""
        plan: list[Spread] = []
        taken: set[int] = set()
        reduced: dict[int, int] = {}
        for one in order:
            spread = self.spread(one, taken, reduced)
            plan.append(spread)
            reduced.update((id(part), amount) for part, amount in spread.amounts if amount)
            taken.update(reduced)
        for one in sorted(added, key=lambda terms: (terms.rank, terms.order)):
            spread = self.spread(one, taken, reduced)
            plan.append(spread)
            for part, amount in spread.amounts:
                reduced[id(part)] = reduced.get(id(part), 0) + amount
        return plan

    # --- one threshold ------------------------------------------------------------------------------------------

    def spread(self, terms: Terms, taken: object, reduced: dict[int, int] | None = None) -> Spread:
        """What the threshold gives to which parts, ``reduced`` by amounts; ``taken`` ones may only help to reach it."""
        applying: list[tuple[Row, Part]] = []
        reached = 0
        lost = reduced or {}
        for row in self.rows[terms]:
            for part in row.parts:
                held = id(part) in taken  # type: ignore[operator]
                fits = not held and not row.item.blocked and self._applies(terms, part)
                if fits:
                    applying.append((row, part))
                if fits or terms.helpers:
                    reached += part.left - lost.get(id(part), 0)
        rate, missing = self._tier(terms, reached)
        if rate is None or not applying:
            return Spread(terms, None, [], missing)
        return Spread(terms, rate, self._amounts(terms, rate, applying, lost), 0)

    def _applies(self, terms: Terms, part: Part) -> bool:
        if part.status == OPEN:
            return True
        if terms.exclusive or part.status != COMPOUND:
            return False
        return terms.compound if self.model_a else terms.priority not in part.levels

    def _tier(self, terms: Terms, reached: int) -> tuple[Rate | None, int]:
        """The highest tier that the amount reaches; else what is missing to the first."""
        best, missing = None, 0
        for minimum, rate in terms.tiers:
            limit = self.money.units(minimum)
            if reached > limit or (reached == limit and terms.discount.tier_inclusive):
                best = rate
            elif best is None:
                missing = limit - reached
                break
        return best, missing

    def _amounts(
        self, terms: Terms, rate: Rate, applying: list[tuple[Row, Part]], lost: dict[int, int]
    ) -> list[tuple[Part, int]]:
        lefts = [part.left - lost.get(id(part), 0) for _, part in applying]
        cap = None if terms.cap is None else self.money.rounded(terms.cap)
        if rate.method == PERCENT_OFF and self.settings.percent_rounding_scope == "line_total":
            amounts = self._percent_by_line(rate, applying, lost)
            if cap is None or sum(amounts) <= cap:
                return list(zip((part for _, part in applying), amounts, strict=True))
        whole = sum(lefts)
        if rate.method == PERCENT_OFF:
            wanted = half_up(sum(self._basis(part, lost) for _, part in applying) * rate.value, PERCENT)
        elif rate.method == AMOUNT_OFF:
            wanted = self.money.rounded(rate.value)
        else:
            wanted = max(whole - self.money.rounded(rate.value), 0)
        wanted = min(wanted, whole) if cap is None else min(wanted, whole, cap)
        places = self._places(applying)
        parts = shares(wanted, [lefts[place] for place in places], self.settings.remainder)
        amounts = [0] * len(applying)
        for place, amount in zip(places, parts, strict=True):
            amounts[place] = amount
        return list(zip((part for _, part in applying), amounts, strict=True))

    def _places(self, applying: list[tuple[Row, Part]]) -> list[int]:
        """The order in which odd cents are handed out: that of the lines where the setting says so, else the goods'."""
        if self.settings.remainder == "largest_share":
            return sorted(range(len(applying)), key=lambda place: _canonical(applying[place][0]))
        return sorted(range(len(applying)), key=lambda place: applying[place][0].place)

    def _basis(self, part: Part, lost: dict[int, int]) -> int:
        return part.gross if self.on_original else max(min(part.basis, part.left) - lost.get(id(part), 0), 0)

    def _percent_by_line(
        self, rate: Rate, applying: list[tuple[Row, Part]], lost: dict[int, int]
    ) -> list[int]:
        """Each line's percentage rounded once, shared by its parts."""
        by_row: dict[int, list[int]] = {}
        for place, (row, _) in enumerate(applying):
            by_row.setdefault(row.place, []).append(place)
        amounts = [0] * len(applying)
        for places in by_row.values():
            bases = [self._basis(applying[place][1], lost) for place in places]
            whole = half_up(sum(bases) * rate.value, PERCENT)
            for place, amount in zip(places, shares(whole, bases), strict=True):
                part = applying[place][1]
                amounts[place] = min(amount, part.left - lost.get(id(part), 0))
        return amounts

    # --- the outcome --------------------------------------------------------------------------------------------

    def _give(self, spread: Spread, status: int, level: int) -> None:
        for part, amount in spread.amounts:
            if amount:
                part.take(Given(spread.terms, amount, RULES[status]), on_original=self.on_original)
                part.levels = (*part.levels, level)
                part.status = status

    def _refuse(self, spread: Spread, by: Sequence[Spread] = ()) -> None:
        terms = spread.terms
        if spread.missing:
            alone = terms.exclusive or (self.model_a and not terms.compound)
            reason = Reason(
                "threshold_not_reached", terms.id, terms.name, self.money.money(spread.missing),
                " of goods without another discount" if alone else "",
            )  # fmt: skip
        elif spread.worth:
            reason = Reason("lost_to_better", terms.id, terms.name, self.money.money(spread.worth))
        else:
            reason = Reason("nothing_left", terms.id, terms.name)
        for row in self.rows[terms]:
            row.reasons = (*row.reasons, reason)


def _order(terms: Terms) -> tuple:
    return (terms.rank, terms.order)


def _canonical(row: Row) -> tuple:
    return (row.item.key, -row.size, row.line.id)


def _orders(terms: list[Terms]) -> Iterator[Sequence[Terms]]:
    """Every choice and order of them; when they are many, each first with the others after it by id."""
    if len(terms) <= MOST_ORDERS:
        for count in range(len(terms) + 1):
            yield from permutations(terms, count)
        return
    yield ()
    for first in terms:
        yield (first, *(one for one in terms if one is not first))
