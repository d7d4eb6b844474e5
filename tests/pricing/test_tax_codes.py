"""Which taxes a line pays: groups that meet, dated rates, exemptions, holidays, overrides, destinations."""

from datetime import date
from decimal import Decimal as D

import pytest
from msgspec.structs import replace

from pricing.engine.tax import TaxableLine, TaxInterval, TaxRule, compute_line_taxes
from pricing.engine.tax_checks import (
    check_code,
    check_exemption,
    check_group,
    check_holiday,
    check_override,
)
from pricing.engine.tax_codes import (
    DatedRate,
    Destination,
    DestinationRule,
    Exemption,
    GroupCode,
    TaxBook,
    TaxCode,
    TaxHoliday,
    TaxOverride,
    destination_group,
)

DAY = date(2026, 7, 1)
# German VAT went from 19 and 7 to 16 and 5 per cent for the second half of 2020
STANDARD = TaxCode(
    "DE-S",
    (
        DatedRate(D(19), None, date(2020, 7, 1)),
        DatedRate(D(16), date(2020, 7, 1), date(2021, 1, 1)),
        DatedRate(D(19), date(2021, 1, 1)),
    ),
    "MwSt",
)
REDUCED = TaxCode("DE-R", (DatedRate(D(7)),))
STATE = TaxCode("US-TX", (DatedRate(D("6.25")),), sequence=1)
CITY = TaxCode("US-TX-AUSTIN", (DatedRate(D(2)),), sequence=2)
BOOK = TaxBook(
    codes=[CITY, STANDARD, REDUCED, STATE],
    sales_groups={
        "DE": ["DE-S", "DE-R"],
        "AUSTIN": ["US-TX-AUSTIN", "US-TX"],
        "EXPORT": [GroupCode("DE-S", "export"), GroupCode("DE-R", "export")],
    },
    item_groups={"goods": ["DE-S", "US-TX", "US-TX-AUSTIN"], "food": ["DE-R", "US-TX"]},
    holidays=[
        TaxHoliday("Back to school", date(2026, 8, 7), date(2026, 8, 10), ("goods",), price_limit=D(100))
    ],
)


def codes(rules: tuple[TaxRule, ...]) -> list[tuple[str, D, str | None]]:
    return [(rule.code, rule.rate, rule.exempt) for rule in rules]


@pytest.mark.parametrize(
    ("sales", "item", "found"),
    [
        ("DE", "goods", ["DE-S"]),
        ("DE", "food", ["DE-R"]),
        ("AUSTIN", "goods", ["US-TX", "US-TX-AUSTIN"]),
        ("AUSTIN", "food", ["US-TX"]),
        ("NOWHERE", "goods", []),
        (None, None, []),
    ],
)
def test_codes_in_both_groups_apply_in_their_order(
    sales: str | None, item: str | None, found: list[str]
) -> None:
    assert [rule.code for rule in BOOK.rules_for(sales, item, DAY)] == found


@pytest.mark.parametrize(
    ("day", "rate"),
    [("2020-06-30", "19"), ("2020-07-01", "16"), ("2020-12-31", "16"), ("2021-01-01", "19")],
)
def test_the_rate_is_that_of_the_day(day: str, rate: str) -> None:
    assert BOOK.rules_for("DE", "goods", date.fromisoformat(day))[0].rate == D(rate)


def test_a_code_without_a_rate_on_the_day_is_not_due() -> None:
    later = replace(REDUCED, rates=(DatedRate(D(7), date(2030, 1, 1)),))
    book = TaxBook(codes=[later], sales_groups={"DE": ["DE-R"]}, item_groups={"food": ["DE-R"]})
    assert book.rules_for("DE", "food", DAY) == ()


def test_a_group_may_hold_codes_as_exempt() -> None:
    assert codes(BOOK.rules_for("EXPORT", "goods", DAY)) == [("DE-S", D(19), "export")]


def test_exemptions_name_codes_or_all_and_the_first_reason_stays() -> None:
    charity, city = Exemption("charity"), Exemption("city office", ("US-TX-AUSTIN",))
    assert codes(BOOK.rules_for("AUSTIN", "goods", DAY, exemptions=[city, charity])) == [
        ("US-TX", D("6.25"), "charity"),
        ("US-TX-AUSTIN", D(2), "city office"),
    ]
    ended = Exemption("charity", ends_on=DAY)
    assert BOOK.rules_for("DE", "goods", DAY, exemptions=[ended])[0].exempt is None


def test_goods_that_leave_the_country_cost_less() -> None:
    rules = BOOK.rules_for("DE", "goods", DAY, exemptions=[Exemption("export", lowers_price=True)])
    line = compute_line_taxes(TaxableLine(1, D("119.00"), rules=rules), prices_include_tax=True)
    assert (line.total, line.parts[0].status, line.parts[0].reason) == (D("100.00"), "exempt", "export")


@pytest.mark.parametrize(
    ("day", "item", "price", "exempt"),
    [
        ("2026-08-07", "goods", "100", "Back to school"),
        ("2026-08-09", "goods", "99.99", "Back to school"),
        ("2026-08-10", "goods", "50", None),
        ("2026-08-07", "goods", "100.01", None),
        ("2026-08-07", "food", "5", None),
    ],
)
def test_a_tax_holiday(day: str, item: str, price: str, exempt: str | None) -> None:
    rules = BOOK.rules_for("AUSTIN", item, date.fromisoformat(day), unit_price=D(price))
    assert {rule.exempt for rule in rules} == {exempt}


def test_overrides_put_groups_or_codes_in_place_of_others() -> None:
    takeaway = TaxOverride("1", "Take away", "line", item_tax_group="food")
    assert [r.code for r in BOOK.rules_for("DE", "goods", DAY, override=takeaway)] == ["DE-R"]
    abroad = TaxOverride("2", "Abroad", sales_tax_group="EXPORT")
    assert BOOK.rules_for("DE", "goods", DAY, override=abroad)[0].exempt == "export"
    swapped = TaxOverride("3", "Reduced", codes=(("DE-S", "DE-R"),))
    assert [r.code for r in BOOK.rules_for("DE", "goods", DAY, override=swapped)] == ["DE-R"]
    left_out = TaxOverride("4", "No city tax", codes=(("US-TX-AUSTIN", None),))
    assert [r.code for r in BOOK.rules_for("AUSTIN", "goods", DAY, override=left_out)] == ["US-TX"]


def test_an_override_of_one_code_leaves_another_exempt_as_its_group_says() -> None:
    book = TaxBook(
        codes=[STATE, CITY, REDUCED],
        sales_groups={"FORT": [GroupCode("US-TX", "federal land"), "US-TX-AUSTIN"]},
        item_groups={"goods": ["US-TX", "US-TX-AUSTIN"]},
    )
    swapped = TaxOverride("1", "Other city", codes=(("US-TX-AUSTIN", "DE-R"),))
    assert codes(book.rules_for("FORT", "goods", DAY, override=swapped)) == [
        ("DE-R", D(7), None),
        ("US-TX", D("6.25"), "federal land"),
    ]


# Rates that a postcode changes, as in the list of European VAT exceptions
PLACES = [
    DestinationRule(Destination("DE"), "DE"),
    DestinationRule(Destination("DE", postcode="27498|78266"), "EXPORT"),
    DestinationRule(Destination("US", "TX"), "TEXAS"),
    DestinationRule(Destination("US", "TX", city="Austin"), "AUSTIN"),
    DestinationRule(Destination("US"), "US"),
]


@pytest.mark.parametrize(
    ("address", "group"),
    [
        (Destination("DE", postcode="10115"), "DE"),
        (Destination("DE", postcode="27498"), "EXPORT"),
        (Destination("DE", postcode="274981"), "DE"),
        (Destination("US", "TX", "", "austin", "78701"), "AUSTIN"),
        (Destination("US", "TX", "", "Dallas"), "TEXAS"),
        (Destination("US", "OR"), "US"),
        (Destination("FR"), None),
    ],
)
def test_goods_pay_where_they_go(address: Destination, group: str | None) -> None:
    assert destination_group(PLACES, address) == group


# --- refusals ---------

GOOD = TaxCode("V", (DatedRate(D(20)),))


def rated(rate: str, kind: str = "percent", **more: object) -> TaxCode:
    return TaxCode("X", (DatedRate(D(rate)),), kind=kind, **more)


def sliced(*rows: tuple[str, str | None, str]) -> TaxCode:
    intervals = tuple(TaxInterval(D(a), b and D(b), D(rate)) for a, b, rate in rows)
    return TaxCode("X", (DatedRate(D(0), intervals=intervals),))


@pytest.mark.parametrize(
    ("code", "field", "says"),
    [
        (replace(GOOD, code=""), "code", "missing"),
        (replace(GOOD, rates=()), "rates", "no rate"),
        (rated("5", "magic"), "kind", "no kind"),
        (rated("120"), "rate", "above 100"),
        (rated("-101"), "rate", "below -100"),
        (rated("100", "division"), "rate", "above 99.9999"),
        (rated("-1", "fixed_per_unit"), "rate", "below 0"),
        (rated("NaN"), "rate", "missing"),
        (
            TaxCode("X", (DatedRate(D(5), date(2026, 2, 1), date(2026, 1, 1)),)),
            "ends_on",
            "not after the start",
        ),
        (
            TaxCode("X", (DatedRate(D(5), None, date(2026, 2, 1)), DatedRate(D(6), date(2026, 1, 31)))),
            "starts_on",
            "5 % holds since ever until 1 Feb 2026",
        ),
        (TaxCode("X", (DatedRate(D(5)), DatedRate(D(6)))), "starts_on", "5 % holds since ever for good"),
        (rated("5", "percent_of_tax"), "of", "not said"),
        (rated("5", "percent_of_tax", of="X"), "of", "on itself"),
        (rated("5", "percent_of_tax", of="Q"), "of", "no tax code Q"),
        (rated("5", "percent_of_tax", of="LOOP"), "of", "itself computed on X and that one on this"),
        (rated("5", of="V"), "of", "Only a percentage of a tax"),
        (rated("5", calculate_before=True), "calculate_before", "amount per unit"),
        (sliced(("0", "50", "30"), ("60", None, "20")), "intervals", "starts at 60"),
        (sliced(("0", None, "30"), ("60", None, "20")), "intervals", "without an end"),
        (sliced(("0", "0", "30")), "intervals", "upper limit"),
        (sliced(("0", None, "130")), "intervals", "above 100"),
        (replace(sliced(("0", None, "30")), method="half"), "method", "not a choice"),
        (replace(sliced(("0", None, "30")), marginal_base="moon"), "marginal_base", "not a choice"),
        (replace(sliced(("0", None, "30")), kind="fixed_per_unit"), "rates", "no intervals"),
    ],
)
def test_a_tax_code_that_cannot_work_is_refused(code: TaxCode, field: str, says: str) -> None:
    others = [GOOD, rated("5", "percent_of_tax", of="X")]
    problems = check_code(code, [*others, TaxCode("LOOP", (DatedRate(D(1)),), kind="percent_of_tax", of="X")])
    assert [problem.field for problem in problems] == [field]
    assert says in problems[0].message
    assert problems[0].remedy


def test_periods_that_touch_do_not_overlap() -> None:
    assert check_code(STANDARD) == []
    assert check_code(sliced(("0", "50", "30"), ("50", "100", "20"), ("100", None, "10"))) == []


def on_tax(name: str, of: str) -> TaxCode:
    return TaxCode(name, (DatedRate(D(5)),), kind="percent_of_tax", of=of)


def of_kind(name: str, kind: str, rate: str = "5", **more: object) -> TaxCode:
    return TaxCode(name, (DatedRate(D(rate)),), kind=kind, **more)


@pytest.mark.parametrize(
    ("group", "says"),
    [
        ([on_tax("A", "B"), on_tax("B", "A")], "computed on itself"),
        (
            [of_kind("A", "percent_of_gross"), of_kind("B", "percent_of_gross")],
            "both a percentage of the gross",
        ),
        ([on_tax("A", "Z"), GOOD], "Z, which is missing"),
        ([of_kind("A", "division", "60"), of_kind("B", "division", "50")], "take all of the price"),
        (
            [
                replace(sliced(("0", None, "5")), code="A", marginal_base="gross_line"),
                replace(sliced(("0", None, "5")), code="B", marginal_base="gross_unit"),
            ],
            "look up their rate by a gross amount",
        ),
        (
            [
                of_kind("A", "percent_of_gross", sequence=1, affects_next_base=True),
                of_kind("B", "percent", sequence=2),
            ],
            "computed on itself",
        ),
    ],
)
def test_codes_that_cannot_meet_are_refused(group: list[TaxCode], says: str) -> None:
    problems = check_group(group)
    assert len(problems) == 1
    assert says in problems[0].message
    assert problems[0].field == "codes"


def test_codes_that_may_meet() -> None:
    assert check_group([STATE, CITY]) == []
    assert check_group([GOOD, on_tax("A", "V"), of_kind("G", "percent_of_gross")]) == []


def test_who_pays_without_the_tax_does_so_on_a_holiday_too() -> None:
    group = {"sales_groups": {"DE": ["DE-S"]}, "item_groups": {"goods": ["DE-S"]}}
    book = TaxBook(codes=[STANDARD], **group, holidays=[TaxHoliday("Fair", DAY, date(2026, 7, 2))])
    leaving, charity = Exemption("export", lowers_price=True), Exemption("charity")
    for exemptions, reason in (
        ([], "Fair"), ([charity], "Fair"), ([leaving], "export"), ([charity, leaving], "export"),
    ):  # fmt: skip
        (rule,) = book.rules_for("DE", "goods", DAY, exemptions=exemptions)
        assert (rule.exempt, rule.exempt_lowers_price) == (reason, reason == "export")
    only = Exemption("export", ("OTHER",), lowers_price=True)
    (rule,) = book.rules_for("DE", "goods", DAY, exemptions=[only])
    assert rule.exempt == "Fair"


def test_exemptions_holidays_and_overrides_that_cannot_work() -> None:
    assert [p.field for p in check_exemption(Exemption("", ("Q",)), ["V"])] == ["reason", "codes"]
    holiday = TaxHoliday("H", date(2026, 8, 9), date(2026, 8, 7), price_limit=D(-1))
    assert [p.field for p in check_holiday(holiday, [])] == ["ends_on", "price_limit"]
    assert [p.field for p in check_override(TaxOverride("1", "O", "street"), [])] == ["scope", "codes"]
    assert check_override(TaxOverride("1", "O", codes=(("V", None),)), ["V"]) == []
    assert check_exemption(Exemption("charity", ("V",)), ["V"]) == []
