"""From rows of lines to their parts: which units stand alone, which stand together, and what each is given."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import attrgetter

from pricing.engine.discounts.contest import Note
from pricing.engine.discounts.levels import Levels
from pricing.engine.discounts.pools import WHOLE, Pool, Take
from pricing.engine.discounts.terms import Slot, Terms
from pricing.engine.items import SETTLED_KEPT, Context, Item
from pricing.engine.minor import Minor, shares
from pricing.engine.model import PricingSettings
from pricing.engine.quick import settle_quickly
from pricing.engine.rows import Row, fresh_parts, give
from pricing.engine.splitting import assign_to_lines

Tied = tuple[list[Row], list[Terms]]  # rows, and the offers that tie them together, in their order
_PLACE, _ORDER = attrgetter("place"), attrgetter("order")


class Fate:
    """How some units of an item fare: what the pool at the end of all priorities holds, without the pool."""

    __slots__ = ("levels", "size", "status", "takes", "units")

    def __init__(self, pool: Pool) -> None:
        self.size = pool.size
        self.units = pool.units
        self.takes = pool.takes
        self.status = pool.status
        self.levels = pool.levels


class Portion:
    """The units of a fate that lie on one line; ``amounts`` are its shares of single amounts, by place of the take."""

    __slots__ = ("amounts", "fate", "units")

    def __init__(self, fate: Fate, units: int) -> None:
        self.fate = fate
        self.units = units
        self.amounts: dict[int, int] = {}

    def share(self, number: int) -> int:
        """Its fine share of the take's single amount."""
        return (self.fate.takes[number].share or 0) * self.units // self.fate.units


class Settled:
    """How the units of one component fare: by item its fates, and what the search has to say."""

    __slots__ = ("fates", "notes")

    def __init__(self, fates: dict[int, list[Fate]], notes: list[Note]) -> None:
        self.fates = fates
        self.notes = notes


class Settler:
    """Gives discounts that are no thresholds to the rows of one sign."""

    def __init__(self, context: Context, settings: PricingSettings) -> None:
        self.context = context
        self.money: Minor = context.minor
        self.settings = settings
        self.on_original = settings.on_original

    # --- one line by itself -------------------------------------------------------------------------------------

    def alone(self, row: Row) -> None:
        """A row whose units need no others: all of them fare alike."""
        pool = row.item.alone
        if pool is None:
            pool = row.item.alone = self._fare_alone(row.item)
        (part,) = row.parts = fresh_parts(row, [row.size], self.money)
        if pool.takes:  # type: ignore[attr-defined]
            takes = [(take, None) for take in pool.takes]  # type: ignore[attr-defined]
            give(part, takes, pool.status, pool.levels, self.money, on_original=self.on_original)  # type: ignore[attr-defined]

    def _fare_alone(self, item: Item) -> Pool:
        start = Pool(item, 1, WHOLE, item.price, item.base)
        if not item.offers.levels:
            return start
        lone = Pool(_Lone(item), 1, WHOLE, item.price, item.base)  # type: ignore[arg-type]
        (pool,) = self._levels().settle([lone], sorted(item.offers.levels, reverse=True))
        return pool

    def _levels(self) -> Levels:
        settings = self.settings
        return Levels(
            model=settings.concurrency_model,
            on_original=self.on_original,
            distribute=settings.least_expensive_distribute,
            work_limit=settings.work_limit,
        )

    # --- lines that stand together ------------------------------------------------------------------------------

    def settle_component(self, rows: list[Row], terms: list[Terms]) -> list[Note]:
        """Fill the parts of rows that these offers tie together; what the search has to tell."""
        notes = settle_quickly(
            rows, terms, self._levels, self.settings, self.money, on_original=self.on_original
        )
        return self._settle_at_length(rows) if notes is None else notes

    def _settle_at_length(self, rows: list[Row]) -> list[Note]:
        by_item: dict[int, list[Row]] = {}
        for row in rows:
            by_item.setdefault(row.item.serial, []).append(row)
        counts: list[tuple[int, tuple[tuple[int, int], ...]]] = []
        for serial, alike in sorted(by_item.items()):
            sizes: dict[int, int] = {}
            for row in alike:
                whole, rest = divmod(row.size, WHOLE)
                if whole:
                    sizes[WHOLE] = sizes.get(WHOLE, 0) + whole
                if rest:
                    sizes[rest] = sizes.get(rest, 0) + 1
            counts.append((serial, tuple(sorted(sizes.items()))))
        key = tuple(counts)
        settled = self.context.settled.get(key)
        if settled is None:
            settled = self._solve(by_item, counts)
            if len(self.context.settled) >= SETTLED_KEPT:
                self.context.settled.clear()
            self.context.settled[key] = settled
        handed = [
            pair
            for serial in sorted(by_item, key=lambda serial: by_item[serial][0].item.key)
            for pair in self._portions(by_item[serial], settled.fates[serial])  # type: ignore[attr-defined]
        ]
        self._fix_shares(handed)
        for row, portions in handed:
            self._fill(row, portions)
        return settled.notes  # type: ignore[attr-defined]

    def _solve(
        self, by_item: dict[int, list[Row]], counts: Iterable[tuple[int, tuple[tuple[int, int], ...]]]
    ) -> Settled:
        pools, levels = [], set()
        for serial, sizes in counts:
            item = by_item[serial][0].item
            levels.update(item.levels)
            pools += [Pool(item, count, size, item.price, item.base) for size, count in sizes]
        work = self._levels()
        done = work.settle(pools, sorted(levels, reverse=True))
        fates: dict[int, list[Fate]] = {serial: [] for serial in by_item}
        for pool in self._keep_ceilings(done):
            fates[pool.item.serial].append(Fate(pool))
        return Settled(fates, work.notes)

    def _keep_ceilings(self, pools: list[Pool]) -> list[Pool]:
        """Cut discounts with a ceiling of money down to it, every unit's part alike, whatever line it is of.

        One that comes after another gives more when that one is cut, so they are cut in their order.
        """
        while (rows := self._beyond_its_ceiling(pools)) is not None:
            pool, place, _ = rows[0]
            cap = pool.takes[place].terms.cap
            for (pool, place, _), part in zip(rows, shares(cap, [row[2] for row in rows]), strict=True):  # type: ignore[arg-type]
                take = pool.takes[place]
                cut = Take(take.terms, take.status, share=part)
                pool.takes = (*pool.takes[:place], cut, *pool.takes[place + 1 :])
        return pools

    def _beyond_its_ceiling(self, pools: Iterable[Pool]) -> list[tuple[Pool, int, int]] | None:
        """The first discount that gives more than its ceiling: by pool its place there, and what it gives."""
        savings: dict[str, list[tuple[Pool, int, int]]] = {}
        for pool in pools:
            if any(take.terms.cap is not None for take in pool.takes):
                for place, saving in enumerate(savings_of(pool, on_original=self.on_original)):
                    if pool.takes[place].terms.cap is not None:
                        whole = saving * pool.units * pool.size // WHOLE
                        savings.setdefault(pool.takes[place].terms.id, []).append((pool, place, whole))
        beyond = [
            rows
            for rows in savings.values()
            if sum(row[2] for row in rows) > rows[0][0].takes[rows[0][1]].terms.cap
        ]
        return min(beyond, key=lambda rows: min(row[1] for row in rows), default=None)

    def _portions(self, rows: list[Row], fates: list[Fate]) -> Iterable[tuple[Row, list[Portion]]]:
        """The fates of an item's units handed to its lines, whole lines first."""
        if len(rows) == 1:
            yield rows[0], [Portion(fate, fate.units) for fate in fates]
            return
        rows = sorted(rows, key=lambda row: (-row.size, row.line.id))
        portions: list[list[Portion]] = [[] for _ in rows]
        for size in {fate.size for fate in fates}:
            alike = [fate for fate in fates if fate.size == size]
            counts = [row.size // WHOLE if size == WHOLE else int(row.size % WHOLE == size) for row in rows]
            cut = assign_to_lines(counts, [(number, fate.units) for number, fate in enumerate(alike)])  # type: ignore[arg-type,misc]
            for place, parts in enumerate(cut):
                portions[place] += [Portion(alike[int(number)], int(units)) for number, units in parts]
        yield from zip(rows, portions, strict=True)

    def _fix_shares(self, rows: Sequence[tuple[Row, list[Portion]]]) -> None:
        """Shares of single amounts in smallest units; those of one discount add up to its rounded whole."""
        spots: dict[str, list[tuple[int, Portion, int]]] = {}
        for row, portions in rows:
            for portion in portions:
                for number, take in enumerate(portion.fate.takes):
                    if take.share is not None:
                        spots.setdefault(take.terms.id, []).append((row.place, portion, number))
        for where in spots.values():
            if self.settings.remainder != "largest_share":
                where.sort(key=lambda spot: spot[0])
            weights = [portion.share(number) for _, portion, number in where]
            whole = self.money.rounded(sum(weights))
            parts = shares(whole, weights, self.settings.remainder)
            for (_, portion, number), amount in zip(where, parts, strict=True):
                portion.amounts[number] = amount

    def _fill(self, row: Row, portions: list[Portion]) -> None:
        """The row's parts; portions whose discounts are the same rates become one, so that they are rounded once."""
        merged: dict[tuple, list] = {}
        for number, portion in enumerate(portions):
            fate = portion.fate
            key = (
                (number,)
                if portion.amounts
                else tuple((id(take.terms), id(take.rate)) for take in fate.takes)
            )
            known = merged.setdefault(key, [0, portion])
            known[0] += portion.units * fate.size
        rows = list(merged.values())
        if row.plain:
            row.fate = (*(_fate(units, portion) for units, portion in rows), *row.unmet)
            row.fare = row.item.fares.get(row.fate)
            if row.fare is not None:
                row.fate = None
                return
        row.parts = fresh_parts(row, [entry[0] for entry in rows], self.money)
        for part, (_, portion) in zip(row.parts, rows, strict=True):
            fate = portion.fate
            if fate.takes:
                takes = [(take, portion.amounts.get(number)) for number, take in enumerate(fate.takes)]
                give(part, takes, fate.status, fate.levels, self.money, on_original=self.on_original)


def _fate(units: int, portion: Portion) -> tuple:
    """What tells the units' fate from others of their article."""
    fate = portion.fate
    takes = [
        (take.terms, take.status, take.rate, portion.amounts.get(number))
        for number, take in enumerate(fate.takes)
    ]
    return (units, fate.status, fate.levels, *takes)


class _Lone:
    """An item without its offers of several units: how it fares when they find no others."""

    def __init__(self, item: Item) -> None:
        self.at = item.at
        self.key = item.key
        self.blocked = item.blocked
        self.several: list[Terms] = []

    def takes_part(self, terms: Terms) -> bool:
        """Never: there are no others."""
        return False


def savings_of(pool: Pool, *, on_original: bool) -> list[int]:
    """What each of the pool's discounts gives one unit, in their order."""
    price, base = pool.item.price, pool.item.base
    found = []
    for take in pool.takes:
        if take.share is not None:
            saving = min(take.share // (pool.units or 1), price)
        else:
            saving = min(take.rate.saving(base), price) if take.rate is not None else 0
        found.append(saving)
        price -= saving
        if not on_original:
            base = max(base - saving, 0)
    return found


def tie(rows: Sequence[Row]) -> tuple[list[Tied], list[Row]]:
    """The groups of rows that offers of several units tie together, and the rows that none of these reaches.

    An offer that finds too few units in these rows ties nothing; every row is told which of its offers do not.
    """
    by_slot: dict[Slot, list[Row]] = {}
    rest: list[Row] = []
    for row in rows:
        slot = row.item.slot
        if slot is None:
            rest.append(row)
        elif slot in by_slot:
            by_slot[slot].append(row)
        else:
            by_slot[slot] = [row]
    together: list[Tied] = []
    lonely: list[Row] = []
    if rest:
        for slot in {slot for row in rest for slot, _ in row.item.offers.needs}:
            rest += by_slot.pop(slot, ())
        rest.sort(key=_PLACE)
        live = _reach(rest)
        lonely += [row for row in rest if row.unmet is row.item.linked]
        together += _components([row for row in rest if row.unmet is not row.item.linked], live)
    for slot, group in by_slot.items():
        if _units_for(slot, group) >= slot.needed:
            together.append((group, [slot.terms]))
            continue
        for row in group:
            row.unmet = row.item.linked
        lonely += group
    return together, lonely


def _units_for(slot: Slot, rows: Iterable[Row]) -> int:
    """How much of it they fill: a set takes whole units only."""
    if slot.terms.is_set:
        return sum([row.size // WHOLE for row in rows]) * WHOLE
    return sum([row.size for row in rows])


def _reach(rows: Sequence[Row]) -> set[Terms]:
    """The offers that find enough units in these rows. Every row is told which do not: all of its item's, or some."""
    sums: dict[Slot, int] = {}
    for row in rows:
        size = row.size
        for slot, by_whole in row.item.offers.needs:
            sums[slot] = sums.get(slot, 0) + (size - size % WHOLE if by_whole else size)
    live: set[Terms] = set()
    for slot, total in sums.items():
        slots = slot.terms.slots
        if total >= slot.needed and (
            len(slots) == 1 or all([sums.get(one, 0) >= one.needed for one in slots])  # noqa: C419 (a list is quicker)
        ):
            live.add(slot.terms)
    for row in rows:
        linked = row.item.linked
        unmet = [terms for terms in linked if terms not in live]
        row.unmet = linked if len(unmet) == len(linked) else unmet
    return live


def _components(rows: Sequence[Row], live: set[Terms]) -> list[Tied]:
    """The rows in groups that share offers, directly or through others."""
    group_of: dict[Terms, list[Row]] = {}
    groups: dict[int, list[Row]] = {}
    for row in rows:
        own: list[Row] | None = None
        for terms in row.item.linked:
            if terms not in live:
                continue
            other = group_of.get(terms)
            if own is None:
                if other is None:
                    own = group_of[terms] = [row]
                    groups[id(own)] = own
                else:
                    own = other
                    own.append(row)
            elif other is None:
                group_of[terms] = own
            elif other is not own:
                own.extend(other)
                for name, group in group_of.items():
                    if group is other:
                        group_of[name] = own
                del groups[id(other)]
    offers: dict[int, list[Terms]] = {name: [] for name in groups}
    for terms in sorted(group_of, key=_ORDER):
        offers[id(group_of[terms])].append(terms)
    return [(group, offers[name]) for name, group in groups.items()]
