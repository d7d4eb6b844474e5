"""Tax rules that cannot work, found where they are entered: every problem with its field and its remedy."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from pricing.engine.checks import Problem, check_no_overlap, check_number, check_period
from pricing.engine.tax_codes import DatedRate, Exemption, TaxCode, TaxHoliday, TaxOverride
from pricing.engine.tax_plan import TaxLoop, plan_for
from pricing.engine.tax_values import (
    DIVISION,
    FIXED_PER_UNIT,
    HUNDRED,
    KINDS,
    MARGINAL_BASES,
    METHODS,
    PERCENT,
    PERCENT_OF_GROSS,
    PERCENT_OF_TAX,
    ZERO,
    TaxInterval,
    TaxRule,
)

LARGEST_SHARE = Decimal("99.9999")  # a tax that is all of the price leaves no net


def check_code(code: TaxCode, others: Iterable[TaxCode] = ()) -> list[Problem]:
    """What is wrong with one tax code; `others` are the company's codes, to see what it is computed on."""
    found = []
    if not code.code.strip():
        found.append(Problem("code", "The code is missing.", "Enter a short name such as VAT20."))
    if code.kind not in KINDS:
        found.append(
            Problem("kind", f"{code.kind!r} is no kind of tax.", f"Choose one of {', '.join(KINDS)}.")
        )
    if not code.rates:
        found.append(Problem("rates", f"{code.code} has no rate.", "Enter its rate, from its first day on."))
    for row, dated in enumerate(code.rates):
        found += check_rate(code.kind, dated, row)
    found += check_rates_apart(code.rates, code.kind)
    if any(dated.intervals for dated in code.rates):
        found += _check_choice("method", code.method, METHODS)
        found += _check_choice("marginal_base", code.marginal_base, MARGINAL_BASES)
        if code.kind == FIXED_PER_UNIT:
            found.append(Problem("rates", "An amount per unit has no intervals.", "Enter one amount."))
    if code.calculate_before and code.kind != FIXED_PER_UNIT:
        found.append(
            Problem(
                "calculate_before", "Only an amount per unit can come before the others.", "Clear the tick."
            )
        )
    return found + check_based_on(code, {other.code: other for other in others})


def check_rate(kind: str, dated: DatedRate, row: int = 0) -> list[Problem]:
    """A rate within what its kind allows, in a period that ends after it starts."""
    found = check_period(dated.starts_on, dated.ends_on)
    if dated.intervals:
        return found + check_intervals(dated.intervals)
    least = ZERO if kind != PERCENT else -HUNDRED  # withholding taxes are negative percentages
    most = None if kind == FIXED_PER_UNIT else HUNDRED if kind in (PERCENT, PERCENT_OF_TAX) else LARGEST_SHARE
    what = "An amount per unit" if kind == FIXED_PER_UNIT else "A rate"
    return found + check_number(dated.rate, field="rate", what=what, least=least, most=most, row=row)


def check_rates_apart(rates: Sequence[DatedRate], kind: str = PERCENT) -> list[Problem]:
    """On every day at most one rate of a code holds."""
    sign = "" if kind == FIXED_PER_UNIT else " %"
    names = [
        "A rate by intervals" if rate.intervals else f"{rate.rate.normalize():f}{sign}" for rate in rates
    ]
    return check_no_overlap([(rate.starts_on, rate.ends_on) for rate in rates], names, field="starts_on")


def check_intervals(intervals: Sequence[TaxInterval]) -> list[Problem]:
    """Intervals that follow one another from zero, with rates from 0 to 100."""
    found = []
    expected: Decimal | None = ZERO
    for row, interval in enumerate(intervals):
        found += check_number(
            interval.rate, field="intervals", what="A rate", least=ZERO, most=HUNDRED, row=row
        )
        if expected is None:
            found.append(
                Problem("intervals", "An interval follows one without an end.", "Enter its upper limit.", row)
            )
        elif interval.above != expected:
            found.append(
                Problem(
                    "intervals",
                    f"The interval starts at {interval.above}, the one before it ends at {expected}.",
                    f"Let it start at {expected}.",
                    row,
                )
            )
        if interval.up_to is not None and interval.up_to <= interval.above:
            found.append(
                Problem("intervals", "The upper limit is not above the lower.", "Enter a larger limit.", row)
            )
        expected = interval.up_to
    return found


def check_based_on(code: TaxCode, others: Mapping[str, TaxCode]) -> list[Problem]:
    """A tax on a tax names one that exists and that is not itself on a tax (Microsoft, "Origin": one level
    only).
    """
    if code.kind != PERCENT_OF_TAX:
        if code.of:
            return [Problem("of", "Only a percentage of a tax names another code.", "Clear the field.")]
        return []
    if not code.of:
        return [Problem("of", "It is not said which tax this is a share of.", "Choose a tax code.")]
    if code.of == code.code:
        return [Problem("of", f"{code.code} is computed on itself.", "Choose another tax code.")]
    other = others.get(code.of)
    if other is None:
        return [Problem("of", f"There is no tax code {code.of}.", "Choose one that exists.")]
    if other.kind == PERCENT_OF_TAX:
        circle = " and that one on this" if other.of == code.code else ""
        return [
            Problem(
                "of",
                f"{code.of} is itself computed on {other.of}{circle}.",
                "Choose a tax that is not computed on another tax.",
            )
        ]
    return []


def check_group(codes: Sequence[TaxCode], *, field: str = "codes") -> list[Problem]:
    """Codes that may meet on one line: no circle, no shares that leave nothing, one of each that must be
    alone.
    """
    found = []
    gross = [code.code for code in codes if code.kind == PERCENT_OF_GROSS]
    if len(gross) > 1:
        found.append(
            Problem(
                field,
                f"{' and '.join(gross)} are both a percentage of the gross amount.",
                "Keep one of them in the group.",
            )
        )
    marginal = [
        c.code for c in codes if c.marginal_base.startswith("gross") and any(r.intervals for r in c.rates)
    ]
    if len(marginal) > 1:
        found.append(
            Problem(
                field,
                f"{' and '.join(marginal)} both look up their rate by a gross amount.",
                "Keep one of them in the group.",
            )
        )
    names = {code.code for code in codes}
    found += [
        Problem(field, f"{code.code} is a share of {code.of}, which is missing.", f"Add {code.of}.")
        for code in codes
        if code.kind == PERCENT_OF_TAX and code.of not in names
    ]
    return found + _check_solvable(codes, field)


def _check_solvable(codes: Sequence[TaxCode], field: str) -> list[Problem]:
    ordered = sorted(codes, key=lambda code: (code.sequence, code.code))
    for included in (True, False):
        highest = tuple(_at_highest_rate(code) for code in ordered if code.rates)
        try:
            plan_for(highest, included)
        except TaxLoop as loop:
            return [
                Problem(
                    field,
                    f"{loop.code} is computed on itself, through the other taxes in its base.",
                    "Take one of them out of the group, or let it not enter the base of the next.",
                )
            ]
        except (ValueError, ZeroDivisionError):
            shares = " and ".join(code.code for code in codes if code.kind == DIVISION)
            return [
                Problem(
                    field,
                    f"{shares or 'These taxes'} together take all of the price.",
                    "Lower a rate or take one of them out of the group.",
                )
            ]
    return []


def _at_highest_rate(code: TaxCode) -> TaxRule:
    rate = max(max((i.rate for i in dated.intervals), default=dated.rate) for dated in code.rates)
    return TaxRule(
        code.code,
        rate,
        kind=code.kind,
        affects_next_base=code.affects_next_base,
        base_affected_by_previous=code.base_affected_by_previous,
        of=code.of,
        calculate_before=code.calculate_before,
    )


def check_exemption(exemption: Exemption, known_codes: Iterable[str]) -> list[Problem]:
    """An exemption with a reason, for codes that exist, in a period that ends after it starts."""
    found = check_period(exemption.starts_on, exemption.ends_on)
    if not exemption.reason.strip():
        found.append(
            Problem("reason", "The reason is missing.", "Enter what the tax office will want to read.")
        )
    return found + _check_known(exemption.codes, known_codes)


def check_holiday(holiday: TaxHoliday, known_codes: Iterable[str]) -> list[Problem]:
    """A tax holiday with an end, for codes that exist, with a limit that is not negative."""
    found = check_period(holiday.starts_on, holiday.ends_on)
    if holiday.price_limit is not None:
        found += check_number(holiday.price_limit, field="price_limit", what="A price limit", least=ZERO)
    return found + _check_known(holiday.codes, known_codes)


def check_override(override: TaxOverride, known_codes: Iterable[str]) -> list[Problem]:
    """An override that changes something, on the line or the transaction."""
    found = _check_choice("scope", override.scope, ("line", "transaction"))
    if not (override.sales_tax_group or override.item_tax_group or override.codes):
        found.append(
            Problem("codes", "It is not said what applies instead.", "Choose a group, or codes for codes.")
        )
    named = [code for code, instead in override.codes] + [c for _, c in override.codes if c is not None]
    return found + _check_known(named, known_codes)


def _check_known(codes: Iterable[str], known: Iterable[str]) -> list[Problem]:
    there = set(known)
    return [
        Problem("codes", f"There is no tax code {code}.", "Choose one that exists.")
        for code in codes
        if code not in there
    ]


def _check_choice(field: str, value: str, choices: Sequence[str]) -> list[Problem]:
    if value in choices:
        return []
    return [Problem(field, f"{value!r} is not a choice.", f"Choose one of {', '.join(choices)}.")]
