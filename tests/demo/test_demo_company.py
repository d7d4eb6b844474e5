"""The demo company is whole, the same every time, and never in the way of another."""

from datetime import date
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db.models import Count

from api.demo import company
from api.demo.make import make_company
from api.demo.welcome import welcome_path
from catalog.models import Barcode, Product
from channels_app.kinds import MasterData
from hq.models import (
    ActivationCode,
    Button,
    Currency,
    Denomination,
    LegalEntity,
    Register,
    Store,
    User,
    Worker,
)
from hq.services.activation import code_hash
from inventory.models import OpeningStock
from pricing.book import StorePriceBook
from pricing.engine.model import PriceGroup as EnginePriceGroup
from pricing.models import PriceGroup, StorePriceGroup, TradeAgreement

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("headquarters")]
PINS = {company.CASHIER: "1111", company.SHIFT_LEAD: "2222", company.MANAGER: "3333"}


@pytest.fixture
def made():
    make_company(password="a-long-password", pins=PINS)


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("demo_company", *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def data_dir(tmp_path: Path, settings):
    settings.DATA_DIR = tmp_path
    return tmp_path


def rows_of_everything() -> dict[str, list[tuple]]:
    """Every row of master data by what it says, without keys and hashes."""
    found = {}
    for model in apps.get_models():
        if issubclass(model, MasterData):
            names = [
                f.attname for f in model._meta.concrete_fields if not f.primary_key and not f.is_relation
            ]
            names = [name for name in names if name != "pin"] or ["pk"]
            rows = sorted(model.objects.values_list(*names), key=str)
            found[model._meta.label] = rows if names != ["pk"] else [(len(rows),)]
    return found


@pytest.mark.usefixtures("made")
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


@pytest.mark.usefixtures("made")
def test_three_roles_that_may_do_more_and_more():
    roles = {name: set(permissions) for name, (permissions, *_) in company.ROLES.items()}
    assert roles[company.CASHIER] < roles[company.SHIFT_LEAD] < roles[company.MANAGER]
    worker = Worker.objects.get(staff_id="1001")
    assert worker.check_pin("1111")
    assert not worker.check_pin("3333")
    assert worker.stores.get().permission_group.name == company.CASHIER


@pytest.mark.usefixtures("made")
def test_articles_have_prices_in_both_currencies_or_ask_for_one():
    assert Product.objects.count() > 4200
    asked = set(Product.objects.filter(price_entry="mandatory").values_list("pk", flat=True))
    for currency in ("GBP", "EUR"):
        priced = set(TradeAgreement.objects.filter(currency=currency).values_list("product", flat=True))
        assert priced.isdisjoint(asked)
        assert len(priced) + len(asked) == Product.objects.count()
    euros = TradeAgreement.objects.filter(currency="EUR").values_list("amount", flat=True)
    assert {int(amount * 100) % 10 for amount in euros} == {5, 9}


@pytest.mark.usefixtures("made")
def test_codes_that_differ_in_case_are_one_article():
    assert Product.objects.filter(number__iexact="85123a").count() == 1
    numbers = list(Product.objects.values_list("number", flat=True))
    assert len({number.upper() for number in numbers}) == len(numbers)


@pytest.mark.usefixtures("made")
def test_barcodes_are_found_with_and_without_leading_zeros():
    weetabix = Barcode.objects.get(code="5010029000160")
    assert weetabix.key == "05010029000160"
    assert Barcode.objects.get(code="037600209571").key == "00037600209571"
    assert Barcode.objects.get(code="04011").product.is_weighed


@pytest.mark.usefixtures("made")
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
    book = StorePriceBook(version=1, currency=store.currency_id, time_zone=store.time_zone, price_groups=())
    rules = book.taxes_for(str(store.sales_tax_group_id), tax_class, day)
    assert [rule.rate for rule in rules] == [Decimal(percent)]


@pytest.mark.usefixtures("made")
def test_a_store_finds_its_price():
    product = Product.objects.get(number="85123A")
    store = Store.objects.get(number="3")
    groups = StorePriceGroup.objects.filter(store=store).values_list("price_group", flat=True)
    book = StorePriceBook(
        version=1,
        currency="EUR",
        time_zone=store.time_zone,
        price_groups=[EnginePriceGroup(id=str(group)) for group in groups],
    )
    assert [agreement.price for agreement in book.agreements_of(str(product.pk))] == [Decimal("3.49")]
    assert PriceGroup.objects.count() == 2


@pytest.mark.usefixtures("made")
def test_money_is_real():
    pounds = Denomination.objects.filter(currency="GBP").values_list("value", flat=True)
    assert max(pounds) == 50 and min(pounds) == Decimal("0.01") and len(pounds) == 12
    assert Currency.objects.get(pk="EUR").symbol == "€"


@pytest.mark.usefixtures("made")
def test_every_key_sells_what_its_store_has():
    for store in Store.objects.select_related("screen_layout"):
        keys = Button.objects.filter(grid__layout=store.screen_layout)
        departments = set(store.assortments.values_list("assortment__lines__category", flat=True))
        for key in keys.select_related("product__category__parent"):
            category = key.product.category
            assert (category.parent_id or category.pk) in departments
        assert keys.count() > 60
    assert OpeningStock.objects.filter(store__number="2", product__number="4011").count() == 0
    assert OpeningStock.objects.filter(store__number="1", product__number="4011").count() == 1


def test_the_command_says_who_gets_in_and_changes_nothing_the_second_time(data_dir):
    assert company.NAME in run()
    first = rows_of_everything()
    text = welcome_path().read_text()
    assert welcome_path().stat().st_mode & 0o777 == 0o600
    assert "1001  Amara Okafor" in text
    codes = [line.split()[-1] for line in text.splitlines() if "Register" in line]
    assert len(codes) == 9
    assert ActivationCode.objects.filter(code_hash__in=[code_hash(code) for code in codes]).count() == 9
    Worker.objects.filter(staff_id="1001").update(name="Amara Eze")
    assert "already" in run()
    assert Worker.objects.get(staff_id="1001").name == "Amara Eze"
    Worker.objects.filter(staff_id="1001").update(name="Amara Okafor")
    assert rows_of_everything() == first
    assert run("--show") == text


@pytest.mark.django_db(transaction=True)
def test_it_is_the_same_every_time(data_dir):
    run("--password", "one-password", "--pin", "4321")
    first = rows_of_everything()
    call_command("flush", "--noinput", verbosity=0)
    run("--password", "another-password", "--pin", "8765")
    assert rows_of_everything() == first


def test_an_installed_system_gets_secrets_of_its_own(data_dir):
    run()
    text = welcome_path().read_text()
    password = text.splitlines()[0].rpartition(" ")[2]
    assert password != "harbour-and-hale"
    assert User.objects.get(username="admin").check_password(password)
    pin = next(line for line in text.splitlines() if "1003" in line).rpartition(" ")[2]
    assert Worker.objects.get(staff_id="1003").check_pin(pin)


def test_it_keeps_out_of_another_company(data_dir):
    Currency.objects.create(code="CHF", name="Franc", symbol="Fr.")
    LegalEntity.objects.create(code="OTHER", name="Other AG", country="CH", currency_id="CHF")
    with pytest.raises(CommandError, match="already holds Other AG"):
        run()
    assert Store.objects.count() == 0
    run("--force")
    assert Store.objects.count() == 3


def test_it_is_refused_in_a_scale_unit(scale_unit):
    with pytest.raises(CommandError, match="made in headquarters"):
        run()


def test_there_is_nothing_to_show_before(data_dir):
    with pytest.raises(CommandError, match="nothing to show"):
        run("--show")


def test_a_pin_is_four_to_eight_digits(data_dir):
    with pytest.raises(CommandError, match="4 to 8 digits"):
        run("--pin", "12a")
    assert LegalEntity.objects.count() == 0
