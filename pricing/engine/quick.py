"""The everyday component: a few articles of one priority, best-price offers only, each article on one line.

Gives what `settle.py` gives by way of `levels.py`, without their pools, holdings and fates; a test compares the two.
One offer by itself is settled on the spot; several go to the search.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from pricing.engine.discounts.levels import Levels, Note
from pricing.engine.discounts.model import AMOUNT_OFF, DEAL_PRICE
from pricing.engine.discounts.pools import BEST, COMPOUND, OPEN, RULES, WHOLE, Pool
from pricing.engine.discounts.terms import Rate, Terms
from pricing.engine.machines import NEVER
from pricing.engine.minor import Minor, shares
from pricing.engine.rows import Given, Part, Row, amount_of, fresh_parts

Piece = tuple[Terms, int, Rate | None, int | None]  # units given a rate, or their share of one amount


def settle_quickly(
    rows: list[Row], live: set[Terms], levels: Levels, money: Minor, *, on_original: bool, remainder: str
) -> list[Note] | None:
    """Fill the parts of the rows and return the search's notes; None when this is no everyday component."""
    level = rows[0].item.everyday
    serials = set()
    for row in rows:
        item = row.item
        if level is None or item.everyday != level or row.size % WHOLE or item.serial in serials:
            return None
        serials.add(item.serial)
    rows.sort(key=lambda row: (-row.item.price, row.item.key))
    terms = _terms(rows, live)
    supply = [row.size // WHOLE for row in rows]
    only = terms[0]
    if len(terms) == 1 and (only.tiers or (len(only.sizes) == 1 and only.discount.max_applications is None)):
        pieces = (
            _tiered(rows, supply, only) if only.tiers else _one_group(rows, supply, only, levels.distribute)
        )
        if pieces is None:
            return None
        notes: list[Note] = []
    else:
        pools = [
            Pool(row.item, n, WHOLE, row.item.price, row.item.base)
            for row, n in zip(rows, supply, strict=True)
        ]
        found = levels.grants(terms, pools, supply, [row.item.option()[0] for row in rows], None)
        pieces = [found.get(place, []) for place in range(len(rows))]
        notes = levels.notes
    status = BEST if levels.model_a else COMPOUND
    _fill(rows, pieces, status, level, money, on_original=on_original, remainder=remainder)
    return notes


def _terms(rows: Sequence[Row], live: set[Terms]) -> list[Terms]:
    found: dict[Terms, None] = {}
    for row in rows:
        for terms in row.item.linked:
            if terms in live:
                found[terms] = None
    return list(found) if len(found) == 1 else sorted(found, key=lambda terms: terms.order)


# --- one offer ------------------------------------------------------------------------------------------------------


def _one_group(
    rows: list[Row], supply: list[int], terms: Terms, distribute: bool
) -> list[list[Piece]] | None:
    """A mix and match of one group: its units by row, and what each is given."""
    size, rate = terms.sizes[0], terms.rate
    one_amount = not terms.least and rate is not None and rate.method in (DEAL_PRICE, AMOUNT_OFF)
    items = [row.item for row in rows]
    standings = [item.standings.get(terms) or item.standing(terms) for item in items]
    prices = [item.price for item in items]
    rates = [rate for rate, _ in standings]
    constant = 0
    if one_amount:
        assert rate is not None
        if rate.method == AMOUNT_OFF:
            if rate.value > prices[-1] * size:  # some sets are worth less than the amount
                return None
            constant, worths = rate.value, [0] * len(rows)
        else:
            constant, worths = -rate.value, prices
    else:
        worths = [saving for _, saving in standings]
    least = terms.least if terms.least < size else 0
    options = [(item.single or item.option())[0] for item in items]
    if any(options) or not (one_amount or _descending(worths)):
        gains = [worth - option for worth, option in zip(worths, options, strict=True)]
        taken = ring_units(supply, gains, [-option for option in options], size, least, constant)
    else:
        taken = dearest(supply, sum(supply) // size * size)
    pieces: list[list[Piece]] = [[] for _ in rows]
    if not one_amount and not terms.least:
        for place, units in enumerate(taken):
            if units:
                pieces[place].append((terms, units, rates[place], None))
        return pieces
    for times, members in _blocks(taken, size):
        if not one_amount and not distribute:
            wanted = terms.least
            for place, units in reversed(members):
                cheap = units if units < wanted else wanted
                wanted -= cheap
                if cheap:
                    pieces[place].append((terms, cheap * times, rates[place], None))
                if units > cheap:
                    pieces[place].append((terms, (units - cheap) * times, None, None))
            continue
        amount, whole = _amount_of_set(terms, members, prices, worths)
        left = amount = amount * times
        for place, units in members[:-1] if amount else ():
            part = amount * prices[place] * units // whole
            left -= part
            pieces[place].append((terms, units * times, None, part if rates[place] else None))
        if amount:
            place, units = members[-1]
            pieces[place].append((terms, units * times, None, left if rates[place] else None))
    return pieces


def _descending(worths: Sequence[int]) -> bool:
    """Whether all are worth something, and none more than the one before it."""
    return worths[-1] > 0 and all([a >= b for a, b in pairwise(worths)])  # noqa: C419 (a list is quicker)


def dearest(supply: Sequence[int], count: int) -> list[int]:
    """So many units by row, from the first row on.

    Where no unit would be given anything otherwise, and none is given more than a dearer one, no choice of units for
    the applications gives more than the dearest ones: leaving one of them out moves cheaper ones into its place.
    """
    taken = []
    for units in supply:
        some = units if units < count else count
        taken.append(some)
        count -= some
    return taken


def ring_units(
    supply: Sequence[int], gains: Sequence[int], helpers: Sequence[int], size: int, least: int, constant: int
) -> list[int]:
    """Units of each row, dearest first, in whole applications of ``size`` so that the gain is largest.

    With ``least`` only so many cheapest units of an application gain; ``constant`` is gained by each application.
    """
    paying = size - least if least else 0
    later = [0] + [NEVER] * (size - 1)
    choices: list[list[int]] = []
    for row in range(len(supply) - 1, -1, -1):
        gain, most = gains[row], supply[row]
        if gain == NEVER:
            choices.append([0] * size)
            continue
        steps = [helpers[row]] * paying + [gain] * (size - paying)
        steps[0] += constant
        # As many whole applications of one article as there are, or none: only the rest is a choice.
        cycle = sum(steps)
        now, choice = [], []
        for state in range(size):
            best, units, total, after = NEVER, 0, 0, state
            for number in range(min(size, most + 1)):
                cycles = (most - number) // size if cycle > 0 else 0
                worth = total + cycles * cycle + later[after]
                if worth > best:
                    best, units = worth, number + cycles * size
                total += steps[after]
                after = after + 1 if after + 1 < size else 0
            now.append(best)
            choice.append(units)
        later = now
        choices.append(choice)
    taken, state = [], 0
    for choice in reversed(choices):
        taken.append(choice[state])
        state = (state + choice[state]) % size
    return taken


def _blocks(taken: Sequence[int], size: int) -> list[tuple[int, list[tuple[int, int]]]]:
    """The applications in order, alike ones together: (times, [(row, units)])."""
    found = []
    missing = size
    members: list[tuple[int, int]] = []
    for place, units in enumerate(taken):
        while units:
            if missing == size and units >= size:
                found.append((units // size, [(place, size)]))
                units %= size
                continue
            some = min(units, missing)
            members.append((place, some))
            missing -= some
            units -= some
            if not missing:
                found.append((1, members))
                members, missing = [], size
    return found


def _amount_of_set(
    terms: Terms, members: list[tuple[int, int]], prices: Sequence[int], worths: Sequence[int]
) -> tuple[int, int]:
    """What one application of these units is given as one amount, and what they cost together."""
    rate = terms.rate
    assert rate is not None
    whole = 0
    for place, units in members:
        whole += prices[place] * units
    if not terms.least:
        if rate.method == DEAL_PRICE:
            return (whole - rate.value if whole > rate.value else 0), whole
        return min(rate.value, whole), whole
    amount, wanted = 0, terms.least
    for place, units in reversed(members):
        amount += min(units, wanted) * worths[place]
        wanted -= min(units, wanted)
    return amount, whole


def _tiered(rows: list[Row], supply: list[int], terms: Terms) -> list[list[Piece]] | None:
    """A quantity discount by itself: every tier's best units, and the best tier."""
    if terms.limit is not None:
        return None
    best, chosen = 0, []
    options = [row.item.option()[0] for row in rows]
    places = [place for place, row in enumerate(rows) if terms in row.item.tiered]
    total = sum(supply[place] for place in places)
    for minimum, rate in terms.tiers:
        if total < minimum:
            break
        gains = [(min(rate.saving(rows[p].item.base), rows[p].item.price) - options[p], p) for p in places]
        gains.sort(key=lambda pair: -pair[0])
        gain, count, taken = 0, 0, []
        for each, place in gains:
            units = supply[place]
            if each < 0 or (each == 0 and count >= minimum):
                if count >= minimum:
                    break
                units = min(units, -int(count - minimum))
            taken.append((place, units))
            gain += each * units
            count += units
        if gain > best:
            best, chosen = gain, taken
    pieces: list[list[Piece]] = [[] for _ in rows]
    if chosen:
        count = sum(units for _, units in chosen)
        rate = [rate for minimum, rate in terms.tiers if minimum <= count][-1]
        for place, units in chosen:
            pieces[place].append((terms, units, rate, None))
    return pieces


# --- parts ----------------------------------------------------------------------------------------------------------


def _fill(
    rows: list[Row],
    pieces: list[list[Piece]],
    status: int,
    level: int,
    money: Minor,
    *,
    on_original: bool,
    remainder: str,
) -> None:
    """What becomes of every row: its pieces, those of one rate together, and the rest as it fares by itself.

    Each distinct fate of an article's plain lines is worked out once, and then only looked up.
    """
    amounts = _amounts(rows, pieces, money, remainder)
    rule = RULES[status]
    for row, own in zip(rows, pieces, strict=True):
        entries = _entries(row, own, amounts)
        if row.plain:
            fate = (*entries, *row.unmet) if row.unmet else tuple(entries)
            row.fare = row.item.fares.get(fate)
            if row.fare is not None:
                continue
            row.fate = fate
        row.parts = parts = fresh_parts(row, [entry[1] * WHOLE for entry in entries], money)
        for part, entry in zip(parts, entries, strict=True):
            _give(part, entry, status, level, rule, money, on_original)


def _entries(row: Row, own: list[Piece], amounts: dict[int, int]) -> list[Piece]:
    """The row's units by what they are given, the amounts as they were rounded."""
    left = row.size // WHOLE
    if len(own) == 1 and own[0][1] == left:
        (piece,) = own
        return own if piece[3] is None else [(piece[0], left, None, amounts[id(piece)])]
    entries: list[Piece] = []
    places: dict[tuple, int] = {}
    for piece in own:
        terms, units, rate, share = piece
        left -= units
        if share is not None:
            entries.append((terms, units, None, amounts[id(piece)]))
            continue
        place = places.get((terms, rate))
        if place is None:
            places[terms, rate] = len(entries)
            entries.append(piece)
        else:
            entries[place] = (terms, entries[place][1] + units, rate, None)
    if left:
        single = row.item.option()[1]
        entries.append((single, left, single.rate if single is not None else None, None))  # type: ignore[arg-type]
    return entries


def _give(
    part: Part, piece: Piece, status: int, level: int, rule: str, money: Minor, on_original: bool
) -> None:
    terms, _, rate, amount = piece
    if terms is None:
        part.status = OPEN
        return
    if amount is None:
        amount = amount_of(rate, part, money) if rate is not None else 0
    part.take(Given(terms, amount, rule), on_original=on_original)
    part.status = status
    part.levels = (level,)


def _amounts(rows: list[Row], pieces: list[list[Piece]], money: Minor, remainder: str) -> dict[int, int]:
    """Shares of one amount in smallest units; the shares of one discount add up to its rounded whole.

    The rows come in an order that hangs on nothing but their goods.
    """
    spots: dict[Terms, list[Piece]] = {}
    by_place = zip(rows, pieces, strict=True)
    if remainder != "largest_share":
        by_place = sorted(by_place, key=lambda pair: pair[0].place)  # type: ignore[assignment]
    for _, own in by_place:
        for piece in own:
            if piece[3] is not None:
                spots.setdefault(piece[0], []).append(piece)
    found: dict[int, int] = {}
    for where in spots.values():
        weights = [piece[3] for piece in where]
        parts = shares(money.rounded(sum(weights)), weights, remainder)  # type: ignore[arg-type]
        found.update(zip(map(id, where), parts, strict=True))
    return found
