"""How the excerpt is made: names, shelves, codes; and that what was made is sound."""

import csv
from decimal import Decimal

import pytest

from api.demo.build.data import DATA, rows
from api.demo.excerpt.departments import ELSEWHERE, Shelf, shelf_for
from api.demo.excerpt.gifts import article_number, customers, gift_articles
from api.demo.excerpt.groceries import check_digit, is_worldwide
from api.demo.excerpt.money import vat_rates
from api.demo.excerpt.wording import is_product_text, readable


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("WHITE HANGING HEART T-LIGHT HOLDER", "White hanging heart T-light holder"),
        ("LUNCH BAG  BLACK SKULL.", "Lunch bag black skull"),
        ("SET/20 FRUIT SALAD PAPER NAPKINS ", "Set of 20 fruit salad paper napkins"),
        ("S/4 PINK FLOWER CANDLES IN BOWL", "Set of 4 pink flower candles in bowl"),
        ("YELLOW FELT HANGING HEART W FLOWER", "Yellow felt hanging heart with flower"),
        ('LETTER "C" BLING KEY RING', "Letter “C” bling key ring"),
        ("I LOVE LONDON MINI BACKPACK", "I love London mini backpack"),
        ("DOLLY GIRL LUNCH BOX", "Dolly Girl lunch box"),
        ("FEATHER PEN,LIGHT PINK", "Feather pen, light pink"),
        ("ASS COL SMALL SAND GECKO P'WEIGHT", "Assorted colours small sand gecko paperweight"),
        ("*Boombox Ipod Classic", "Boombox ipod classic"),
    ],
)
def test_capitals_become_a_name(text: str, name: str):
    assert readable(text) == name


@pytest.mark.parametrize("text", ["damaged?", "check", "thrown away", "?", "", "Found by jackie", "ebay"])
def test_notes_are_no_names(text: str):
    assert not is_product_text(text)


@pytest.mark.parametrize(
    ("name", "shelf"),
    [
        ("JUMBO BAG RED RETROSPOT", Shelf("Bags & travel", "Shopping & jumbo bags")),
        ("CHOCOLATE HOT WATER BOTTLE", Shelf("Health & bathroom", "Hot-water bottles & warmers")),
        ("DIAMANTE HAIR GRIP PACK/2 RUBY", Shelf("Jewellery & accessories", "Hair")),
        ("BLUE PAINTED KASHMIRI CHAIR", Shelf("Home", "Storage & furniture")),
        ("SET 10 CARDS CHRISTMAS TREE 16955", Shelf("Christmas", "Christmas cards & wrap")),
        ("KIDS RAIN MAC PINK", Shelf("Children", "Children's clothing")),
        ("HAND OPEN SHAPE GOLD", ELSEWHERE),
    ],
)
def test_a_word_tells_the_shelf(name: str, shelf: Shelf):
    assert shelf_for(name) == shelf


@pytest.mark.parametrize(
    ("code", "worldwide"),
    [
        ("5010029000160", True),
        ("037600209571", True),
        ("80135463", True),
        ("5010029000161", False),  # wrong check digit
        ("2000000000008", False),  # for use in a shop
        ("20010010", False),
        ("00110112", False),
        ("500000000005", False),  # a coupon
        ("501002900016", False),
        ("85123A", False),
    ],
)
def test_only_worldwide_codes_are_taken(code: str, worldwide: bool):
    assert is_worldwide(code) is worldwide


def line(
    code: str, text: str, quantity: str, price: str, invoice: str = "1", customer: str = ""
) -> dict[str, str]:
    return {
        "stock_code": code,
        "description": text,
        "quantity": quantity,
        "unit_price": price,
        "invoice_no": invoice,
        "customer_id": customer,
        "country": "EIRE",
    }


def test_an_article_is_what_its_lines_say_most_often():
    found, left_out = gift_articles(
        [
            line("10a", "RED MUG", "5", "2.00", "1"),
            line("10A", "RED MUG", "5", "1.50", "2"),
            line("10A", "damaged", "-1", "0.00", "3"),
            line("10A", "BLUE MUG", "1", "1.50", "4"),
            line("10A", "RED MUG", "1", "0.00", "5", "12345"),
            line("11", "", "3", "0.00"),
            line("B", "Adjust bad debt", "1", "11.00"),
        ]
    )
    assert [(row["number"], row["name"], row["price"]) for row in found] == [("10A", "Red mug", "1.50")]
    assert (found[0]["units"], found[0]["invoices"], found[0]["given_away"]) == ("11", "3", "1")
    assert found[0]["also_written"] == "10a"
    assert left_out == {"never sold at a price": 1, "entry of the ledger": 1}


def test_customers_are_known_by_number():
    assert customers([line("1", "", "1", "1", customer="9"), line("1", "", "1", "1")]) == [
        {"account": "9", "country": "IE"}
    ]


def test_a_later_standard_rate_ends_the_one_before():
    history = [
        {"start_date": "2010-01-01", "territory_codes": "IE", "rate": "0.21", "rate_type": "standard"},
        {"start_date": "2012-01-01", "territory_codes": "IE", "rate": "0.23", "rate_type": "standard"},
        {"start_date": "2011-01-04", "territory_codes": "GB UK IM", "rate": "0.2", "rate_type": "standard"},
    ]
    current = [
        {"country": "IE", "rate_name": "standard", "effective_from": "2021-03-01", "rate_percent": "23"},
        {"country": "IE", "rate_name": "standard", "effective_from": "2020-09-01", "rate_percent": "21"},
    ]
    rates = [
        row for row in vat_rates(history, current) if (row["country"], row["rate"]) == ("IE", "standard")
    ]
    assert [(row["percent"], row["starts_on"], row["ends_on"]) for row in rates] == [
        ("21", "2010-01-01", "2012-01-01"),
        ("23", "2012-01-01", "2020-09-01"),
        ("21", "2020-09-01", "2021-03-01"),
        ("23", "2021-03-01", ""),
    ]


def test_a_rate_that_disagrees_with_the_source_is_noticed():
    current = [{"country": "GB", "rate_name": "reduced", "effective_from": "", "rate_percent": "6"}]
    history = [
        {"start_date": "2011-01-04", "territory_codes": code, "rate": "0.2", "rate_type": "standard"}
        for code in ("GB", "IE")
    ]
    with pytest.raises(ValueError, match="GB reduced is 6 %"):
        vat_rates(history, current)


def test_the_excerpt_is_small_and_whole():
    assert sum(path.stat().st_size for path in DATA.iterdir()) < 1_000_000
    numbers = [row["number"] for row in rows("articles")]
    assert len(numbers) == len({article_number(number) for number in numbers}) > 3800
    assert all(is_worldwide(row["gtin"]) for row in rows("groceries"))
    assert all(check_digit(row["barcode"][:-1]) == row["barcode"][-1] for row in rows("house"))
    classes = {row["tax_class"] for row in rows("vat_goods")}
    for name in ("articles", "groceries", "weighed", "house"):
        assert {row["tax_class"] for row in rows(name)} <= classes
    prices = [Decimal(row["price"]) for row in rows("articles") if row["price"]]
    assert min(prices) > 0


def test_every_file_has_its_licence_beside_it():
    said = (DATA / "LICENCES.md").read_text()
    for path in DATA.glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            assert next(csv.reader(file))
    for name in ("articles.csv", "groceries.csv", "vat_rates.csv", "currencies.csv", "customers.csv"):
        assert name in said
