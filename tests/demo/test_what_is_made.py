"""The demo company is whole: every store can sell what stands on its keys, at its prices and taxes."""

from collections import Counter
from datetime import date
from decimal import Decimal

import pytest
from django.db.models import Count
from django.utils import timezone

from api import usual
from api.demo import company
from catalog.models import Barcode, Product
from hardware.services.profiles import station_profile
from hq.models import Button, Currency, Denomination, HardwareStation, Register, Store, Worker
from hq.services.readiness import checklists, discover
from inventory.models import OpeningStock
from pos.services.choices import charge_kinds, foreign_money, tax_overrides
from pricing.book import StorePriceBook
from pricing.models import PriceGroup, TradeAgreement
from pricing.rules import read_rules
from pricing.warnings import never_applying, open_offers
from tests.demo.fixtures import demo_company

__all__ = ["demo_company"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demo_company", "headquarters")]


def test_three_stores_in_two_countries_with_three_registers_each():
    stores = {store.number: store for store in Store.objects.all()}
    assert [(s.country, s.currency_id) for s in stores.values()] == [
        ("GB", "GBP"),
        ("GB", "GBP"),
        ("IE", "EUR"),
    ]
    counts = Register.objects.values("store").annotate(n=Count("pk"))
    assert [row["n"] for row in counts] == [3, 3, 3]
    assert Register.objects.exclude(station=None).count() == 9


def test_three_roles_that_may_do_more_and_more():
    roles = {name: set(permissions) for name, (permissions, *_) in usual.ROLES.items()}
    assert roles[usual.CASHIER] < roles[usual.SHIFT_LEAD] < roles[usual.MANAGER]
    worker = Worker.objects.get(staff_id="1001")
    assert worker.check_pin("1111")
    assert not worker.check_pin("3333")
    assert worker.stores.get().permission_group.name == usual.CASHIER


def test_articles_have_prices_in_both_currencies_or_ask_for_one():
    assert Product.objects.count() > 4200
    asked = set(Product.objects.filter(price_entry="mandatory").values_list("pk", flat=True))
    for currency in ("GBP", "EUR"):
        priced = set(TradeAgreement.objects.filter(currency=currency).values_list("product", flat=True))
        assert priced.isdisjoint(asked)
        assert len(priced) + len(asked) == Product.objects.count()
    euros = TradeAgreement.objects.filter(currency="EUR").values_list("amount", flat=True)
    assert {int(amount * 100) % 10 for amount in euros} == {5, 9}


def test_the_articles_beside_the_emulated_scanners_can_be_sold():
    *sold, unknown = [sample.split()[0] for sample in company.SAMPLES.split(";")]
    assert Barcode.objects.filter(code__in=sold).values("code").distinct().count() == len(sold)
    assert not Barcode.objects.filter(code=unknown).exists()


def test_offers_of_five_kinds_run_and_none_is_warned_of():
    offers = list(open_offers())
    assert {offer.status for offer in offers} == {"enabled"}
    assert {offer.kind for offer in offers} >= {"simple", "mix_and_match", "tender", "shipping"}
    assert never_applying(offers) == []


def test_codes_that_differ_in_case_are_one_article():
    assert Product.objects.filter(number__iexact="85123a").count() == 1
    numbers = list(Product.objects.values_list("number", flat=True))
    assert len({number.upper() for number in numbers}) == len(numbers)


def test_barcodes_are_found_with_and_without_leading_zeros():
    weetabix = Barcode.objects.get(code="5010029000160")
    assert weetabix.key == "05010029000160"
    assert Barcode.objects.get(code="037600209571").key == "00037600209571"
    assert Barcode.objects.get(code="04011").product.is_weighed


@pytest.mark.parametrize(
    ("country", "tax_class", "day", "percent"),
    [
        ("GB", "GENERAL", date(2010, 12, 1), "17.5"),
        ("GB", "GENERAL", date(2011, 1, 4), "20"),
        ("GB", "FOOD", date(2026, 1, 1), "0"),
        ("GB", "BAKERY", date(2026, 1, 1), "0"),
        ("GB", "FUEL", date(2026, 1, 1), "5"),
        ("IE", "GENERAL", date(2020, 12, 24), "21"),
        ("IE", "GENERAL", date(2026, 1, 1), "23"),
        ("IE", "BAKERY", date(2026, 1, 1), "13.5"),
        ("IE", "CHILDREN_CLOTHING", date(2026, 1, 1), "0"),
        ("IE", "VOUCHER", date(2026, 1, 1), "0"),
    ],
)
def test_one_vat_rate_applies_on_the_day(country: str, tax_class: str, day: date, percent: str):
    store = Store.objects.filter(country=country).first()
    book = StorePriceBook(
        version=1,
        currency=store.currency_id,
        time_zone=store.time_zone,
        rules=read_rules(store.pk, store.currency_id),
    )
    rules = book.taxes_for(str(store.sales_tax_group_id), tax_class, day)
    assert [rule.rate for rule in rules] == [Decimal(percent)]


def test_a_store_finds_its_price():
    product = Product.objects.get(number="85123A")
    store = Store.objects.get(number="3")
    book = StorePriceBook(
        version=1,
        currency="EUR",
        time_zone=store.time_zone,
        rules=read_rules(store.pk, "EUR"),
    )
    assert [agreement.price for agreement in book.agreements_of(str(product.pk))] == [Decimal("3.49")]
    assert PriceGroup.objects.count() == 3  # two countries' and the students'


def test_no_sheet_of_the_till_is_empty_on_the_first_day():
    assert {kind.name for kind in charge_kinds()} == {"Delivery", "Gift wrap", "Carrier bag"}
    assert [one.name for one in tax_overrides("line")] == ["Eaten in the shop"]
    today = timezone.localdate()
    assert [one.code for one in foreign_money("GBP", today)] == ["EUR"]
    assert [one.code for one in foreign_money("EUR", today)] == ["GBP"]
    for store in Store.objects.all():
        rules = read_rules(store.pk, store.currency_id)
        assert [rule.delivery_mode for rule in rules.charges] == ["PARCEL"]
        assert {row.country for row in rules.destinations} == {"GB", "IE"}
        assert [row.code for row in rules.affiliations] == ["STUDENT"]
        assert store.payment_methods.filter(method__kind="currency").exists()


def test_money_is_real():
    pounds = Denomination.objects.filter(currency="GBP").values_list("value", flat=True)
    assert max(pounds) == 50 and min(pounds) == Decimal("0.01") and len(pounds) == 12
    assert Currency.objects.get(pk="EUR").symbol == "€"


def test_every_key_sells_what_its_store_has():
    for store in Store.objects.select_related("screen_layout"):
        keys = Button.objects.filter(grid__layout=store.screen_layout)
        departments = set(store.assortments.values_list("assortment__lines__category", flat=True))
        assert keys.filter(product=None).values_list("operation", flat=True).get() == 920  # the time clock
        for key in keys.exclude(product=None).select_related("product__category__parent"):
            category = key.product.category
            assert (category.parent_id or category.pk) in departments
        assert keys.count() > 60
    assert OpeningStock.objects.filter(store__number="2", product__number="4011").count() == 0
    assert OpeningStock.objects.filter(store__number="1", product__number="4011").count() == 1


def test_every_register_has_its_own_emulated_devices():
    station = HardwareStation.objects.get(number="S1")
    devices = station_profile(station).devices
    kinds = Counter(device.kind for device in devices)
    own = dict.fromkeys(("drawer", "scanner", "scale", "display", "terminal", "reader"), 3)
    assert kinds == own | {"printer": 4}  # and one for gift receipts that they share
    printer = next(device for device in devices if device.id == "printer@101")
    assert (printer.address, printer.place) == ("lab:S1/printer@101", "Harbour Street · Register 1")


def test_headquarters_finds_nothing_missing_but_the_exchange():
    discover()
    lists = checklists(Register.objects.select_related("store"))
    gaps = {step.code for checklist in lists.values() for step in checklist.blocking}
    assert gaps == {"placement", "browser"}
