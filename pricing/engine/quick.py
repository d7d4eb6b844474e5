"""The everyday component: a few articles of one priority, best-price offers only, each article on one line.

Gives what `settle.py` gives by way of `levels.py`, without their pools, holdings and fates; a test compares the two.
One offer by itself is settled on the spot; several go by way of all remainders where these are few, else to the search.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from operator import attrgetter

from pricing.engine.discounts.contest import Note
from pricing.engine.discounts.levels import MODEL_A, Levels
from pricing.engine.discounts.model import AMOUNT_OFF
from pricing.engine.discounts.pools import BEST, COMPOUND, OPEN, RULES, WHOLE, Pool
from pricing.engine.discounts.terms import Rate, Terms
from pricing.engine.few import Counts, best_of_few
from pricing.engine.machines import NEVER
from pricing.engine.minor import Minor, shares
from pricing.engine.model import PricingSettings
from pricing.engine.rows import Given, Part, Row, amount_of, fresh_parts

Piece = tuple[Terms, int, Rate | None, int | None]  # units given a rate, or their share of one amount
SharePart = tuple[int, int, int]  # row, its units, and their fine share of amounts
Block = tuple[int, list[tuple[int, int]]]  # how often an application occurs, its members (row, units)
_RANK = attrgetter("item.rank")  # dearest first


def settle_quickly(
    rows: list[Row],
    terms: list[Terms],
    levels: Callable[[], Levels],
    settings: PricingSettings,
    money: Minor,
    *,
    on_original: bool,
) -> list[Note] | None:
    """Fill the parts of rows that these offers tie together, and return the notes of the search that `levels` makes.

    None when this is no everyday component.
    """
    level = rows[0].item.everyday
    if level is None or any([row.item.everyday != level or row.size % WHOLE for row in rows]):  # noqa: C419
        return None
    if len({row.item for row in rows}) < len(rows):
        return None
    rows.sort(key=_RANK)
    supply = [row.size // WHOLE for row in rows]
    distribute, remainder = settings.least_expensive_distribute, settings.remainder
    only = terms[0]
    pieces: list[list[Piece]] | None
    notes: list[Note] = []
    amounts_alone = False
    if len(terms) == 1 and only.tiers:
        pieces = _tiered(rows, supply, only)
    elif len(terms) == 1 and len(only.sizes) == 1 and only.discount.max_applications is None:
        pieces = _one_group(rows, supply, only, money, distribute=distribute, remainder=remainder)
        amounts_alone = only.one_amount
    else:
        options = [row.item.option()[0] for row in rows]
        chosen = best_of_few([row.item for row in rows], supply, terms, options)
        if chosen is None:
            pools = [
                Pool(row.item, n, WHOLE, row.item.price, row.item.base)
                for row, n in zip(rows, supply, strict=True)
            ]
            search = levels()
            found = search.grants(terms, pools, supply, options, None)
            pieces = [found.get(place, []) for place in range(len(rows))]
            notes = search.notes
        else:
            pieces = _pieces_of(rows, terms, chosen, distribute=distribute)
        pieces = _rounded(rows, pieces, money, remainder)
    if pieces is None:
        return None
    status = BEST if settings.concurrency_model == MODEL_A else COMPOUND
    _fill(rows, supply, pieces, status, level, money, on_original=on_original, amounts_alone=amounts_alone)
    return notes


# --- one offer ------------------------------------------------------------------------------------------------------


def _one_group(
    rows: list[Row], supply: list[int], terms: Terms, money: Minor, *, distribute: bool, remainder: str
) -> list[list[Piece]] | None:
    """A mix and match of one group: its units by row, and what each is given, amounts in smallest units."""
    size, rate, one_amount = terms.sizes[0], terms.rate, terms.one_amount
    items = [row.item for row in rows]
    prices = [item.price for item in items]
    rates: list[Rate | None] = []
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
        standings = [item.standings.get(terms) or item.standing(terms) for item in items]
        rates = [rate for rate, _ in standings]
        worths = [saving for _, saving in standings]
    least = terms.least if terms.least < size else 0
    options = [(item.single or item.option())[0] for item in items]
    if any(options) or not (one_amount or _descending(worths)):
        gains = [worth - option for worth, option in zip(worths, options, strict=True)]
        taken = ring_units(supply, gains, [-option for option in options], size, least, constant)
    else:
        taken = all_but_cheapest(supply, sum(supply) % size)
    pieces: list[list[Piece]] = [[] for _ in rows]
    if not one_amount and not terms.least:
        for place, units in enumerate(taken):
            if units:
                pieces[place].append((terms, units, rates[place], None))
        return pieces
    if one_amount:
        parts = _parts_in_order(terms, taken, prices)
    elif distribute:
        parts = _parts_of_sets(terms, _blocks(taken, size), prices, worths)
    else:
        _to_the_cheapest(pieces, terms, _blocks(taken, size), rates)
        return pieces
    _share_amounts(rows, pieces, terms, parts, money, remainder)
    return pieces


def _to_the_cheapest(
    pieces: list[list[Piece]],
    terms: Terms,
    blocks: Iterable[Block],
    rates: Sequence[Rate | None],
) -> None:
    """Add what a set gives to the cheapest units of every application; the others help."""
    for times, members in blocks:
        wanted = terms.least
        for place, units in reversed(members):
            cheap = units if units < wanted else wanted
            wanted -= cheap
            if cheap:
                pieces[place].append((terms, cheap * times, rates[place], None))
            if units > cheap:
                pieces[place].append((terms, (units - cheap) * times, None, None))


def _descending(worths: Sequence[int]) -> bool:
    """Whether all are worth something, and none more than the one before it."""
    return worths[-1] > 0 and all([a >= b for a, b in pairwise(worths)])  # noqa: C419 (a list is quicker)


def all_but_cheapest(supply: Sequence[int], count: int) -> list[int]:
    """The units by row, dearest first, without so many from the last row on.

    Where no unit would be given anything otherwise, and none is given more than a dearer one, no choice of units for
    the applications gives more than the dearest ones: leaving one of them out moves cheaper ones into its place.
    """
    taken = [*supply]
    place = len(taken)
    while count:
        place -= 1
        units = taken[place]
        taken[place] = left = units - count if units > count else 0
        count -= units - left
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


def _blocks(taken: Sequence[int], size: int) -> list[Block]:
    """The applications in order, alike ones together."""
    found: list[Block] = []
    members: list[tuple[int, int]] = []  # of the application that is being filled
    missing = size
    for place, units in enumerate(taken):
        if members and units >= missing:
            members.append((place, missing))
            found.append((1, members))
            units -= missing
            members, missing = [], size
        if units >= missing:
            found.append((units // size, [(place, size)]))
            units %= size
        if units:
            members.append((place, units))
            missing -= units
    return found


def _parts_in_order(terms: Terms, taken: Sequence[int], prices: Sequence[int]) -> list[SharePart]:
    """The same as `_parts_of_sets` for one amount and the `_blocks` of these units, in one pass."""
    rate, size = terms.rate, terms.sizes[0]
    assert rate is not None
    value, is_amount_off = rate.value, rate.method == AMOUNT_OFF
    parts: list[SharePart] = []
    members: list[tuple[int, int, int]] = []  # with what they cost: of the application that is being filled
    whole, missing = 0, size
    for place, units in enumerate(taken):
        price = prices[place]
        if members and units >= missing:
            whole += price * missing
            left = amount = min(value, whole) if is_amount_off else whole - value
            if amount > 0:
                for other, some, worth in members:
                    part = amount * worth // whole
                    left -= part
                    parts.append((other, some, part))
                parts.append((place, missing, left))
            units -= missing
            members, whole, missing = [], 0, size
        if units >= missing:
            amount = min(value, price * size) if is_amount_off else price * size - value
            if amount > 0:
                times = units // size
                parts.append((place, times * size, amount * times))
            units %= size
        if units:
            worth = price * units
            members.append((place, units, worth))
            whole += worth
            missing -= units
    return parts


def _parts_of_sets(
    terms: Terms, blocks: Iterable[Block], prices: Sequence[int], worths: Sequence[int]
) -> list[SharePart]:
    """What the applications are given as one amount each, shared by price."""
    rate = terms.rate
    assert rate is not None
    value, least, is_amount_off = rate.value, terms.least, rate.method == AMOUNT_OFF
    parts = []
    for times, members in blocks:
        whole = 0
        for place, units in members:
            whole += prices[place] * units
        if least:
            amount, wanted = 0, least
            for place, units in reversed(members):
                amount += min(units, wanted) * worths[place]
                wanted -= min(units, wanted)
        elif is_amount_off:
            amount = min(value, whole)
        else:
            amount = whole - value
        if amount <= 0:
            continue
        left = amount = amount * times
        for place, units in members[:-1]:
            part = amount * prices[place] * units // whole
            left -= part
            parts.append((place, units * times, part))
        place, units = members[-1]
        parts.append((place, units * times, left))
    return parts


def _share_amounts(
    rows: list[Row],
    pieces: list[list[Piece]],
    terms: Terms,
    parts: list[SharePart],
    money: Minor,
    remainder: str,
) -> None:
    """Add the parts of one offer's amounts to the pieces, rounded so that they add up to its rounded whole."""
    if remainder != "largest_share":
        parts.sort(key=lambda part: rows[part[0]].place)
    weights = [weight for _, _, weight in parts]
    amounts = shares(money.rounded(sum(weights)), weights, remainder) if parts else ()
    for (place, units, _), amount in zip(parts, amounts, strict=True):
        pieces[place].append((terms, units, None, amount))


def _tiered(rows: list[Row], supply: list[int], terms: Terms) -> list[list[Piece]]:
    """A quantity discount by itself: every tier's best units, and the best tier."""
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


# --- several offers for a few units ---------------------------------------------------------------------------------


def _pieces_of(
    rows: Sequence[Row], terms: Sequence[Terms], chosen: dict[Terms, list[Counts]], *, distribute: bool
) -> list[list[Piece]]:
    """What the applications give to each row; shares of one amount are fine figures still."""
    pieces: list[list[Piece]] = [[] for _ in rows]
    prices = [row.item.price for row in rows]
    for one in sorted(chosen, key=lambda one: (bool(one.tiers), terms.index(one))):
        uses = chosen[one]
        taken = list(map(sum, zip(*uses, strict=True)))
        standings = [row.item.standing(one) for row in rows]
        rates = [rate for rate, _ in standings]
        if one.tiers:
            reached = [rate for minimum, rate in one.tiers if minimum <= sum(taken)][-1]
            rates = [reached] * len(rows)
        if one.tiers or not (one.one_amount or one.least):
            for place, units in enumerate(taken):
                if units:
                    pieces[place].append((one, units, rates[place], None))
            continue
        blocks = _blocks(taken, one.sizes[0]) if len(one.sizes) == 1 else _alike(uses)
        if not (one.one_amount or distribute):
            _to_the_cheapest(pieces, one, blocks, rates)
            continue
        worths = [saving for _, saving in standings]
        for place, units, share in _parts_of_sets(one, blocks, prices, worths):
            pieces[place].append((one, units, None, share))
    return pieces


def _alike(uses: Iterable[Counts]) -> list[Block]:
    """Applications that use the same units together."""
    return [
        (times, [(place, units) for place, units in enumerate(counts) if units])
        for counts, times in Counter(uses).items()
    ]


# --- parts ----------------------------------------------------------------------------------------------------------


def _fill(
    rows: list[Row],
    supply: Sequence[int],
    pieces: list[list[Piece]],
    status: int,
    level: int,
    money: Minor,
    *,
    on_original: bool,
    amounts_alone: bool,
) -> None:
    """What becomes of every row: its pieces, those of one rate together, and the rest as it fares by itself.

    Each distinct fate of an article's plain lines is worked out once, and then only looked up.
    """
    rule = RULES[status]
    for row, left, entries in zip(rows, supply, pieces, strict=True):
        for piece in entries:
            left -= piece[1]
        if not amounts_alone and len(entries) > 1:
            entries = _together(entries)
        item = row.item
        if left:
            single = (item.single or item.option())[1]
            entries.append((single, left, single.rate if single is not None else None, None))  # type: ignore[arg-type]
        if row.plain:
            fate = (*entries, *row.unmet)
            fare = item.fares.get(fate)
            if fare is not None:
                row.fare = fare
                continue
            row.fate = fate
        row.parts = parts = fresh_parts(row, [entry[1] * WHOLE for entry in entries], money)
        for part, entry in zip(parts, entries, strict=True):
            _give(part, entry, status, level, rule, money, on_original)


def _together(pieces: Iterable[Piece]) -> list[Piece]:
    """The pieces, those of one rate together."""
    found: list[Piece] = []
    for piece in pieces:
        terms, units, rate, amount = piece
        if amount is None:
            for place, other in enumerate(found):  # they are few
                if other[0] is terms and other[2] is rate and other[3] is None:
                    found[place] = (terms, other[1] + units, rate, None)
                    break
            else:
                found.append(piece)
        else:
            found.append(piece)
    return found


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


def _rounded(rows: list[Row], pieces: list[list[Piece]], money: Minor, remainder: str) -> list[list[Piece]]:
    """The pieces with shares of one amount in smallest units; those of one discount add up to its rounded whole.

    The rows come in an order that hangs on nothing but their goods.
    """
    spots: dict[Terms, list[tuple[int, int]]] = {}
    places = range(len(rows))
    for place in places if remainder == "largest_share" else sorted(places, key=lambda one: rows[one].place):
        for number, piece in enumerate(pieces[place]):
            if piece[3] is not None:
                spots.setdefault(piece[0], []).append((place, number))
    for where in spots.values():
        weights = [pieces[place][number][3] for place, number in where]
        amounts = shares(money.rounded(sum(weights)), weights, remainder)  # type: ignore[arg-type]
        for (place, number), amount in zip(where, amounts, strict=True):
            terms, units, _, _ = pieces[place][number]
            pieces[place][number] = (terms, units, None, amount)
    return pieces
