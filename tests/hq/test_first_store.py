"""From an empty company to a store that sells, by the page; and nothing twice, nor by halves."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from zoneinfo import available_timezones

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from api.demo.welcome import welcome_path
from api.first_store.countries import countries, currencies
from api.first_store.form import RATES, FirstStoreForm
from catalog.models import ItemTaxGroup
from channels_app.models import ChannelDatabase, ScaleUnit, StorePlacement
from hq.models import Currency, LegalEntity, Register, Store, User, Worker
from hq.services.readiness import checklist
from pos.services.simulate import Asked, AskedLine, simulate
from pricing.models import PricingPolicy, TaxRate, TradeAgreement
from tests.factories.company import a_currency, a_product, a_user

PAGE = "/first-store/?country=FI"
ENTERED = {
    "name": "Kauppa Aalto", "address": "Mannerheimintie 1\n00100 Helsinki", "phone": "",
    "company": "", "tax_number": "",
    "currency": "EUR", "time_zone": "Europe/Helsinki", "prices_include_tax": "on",
    "standard_rate": "25,5", "reduced_rate": "14", "second_reduced_rate": "", "registers": "2",
    "worker": " Aino  Aalto ", "staff_id": "1001", "pin": "4711", "pin_again": "4711",
}  # fmt: skip


@pytest.fixture
def database() -> ChannelDatabase:
    """The only channel database, without a store."""
    unit = ScaleUnit.objects.create(name="main", base_url="http://scale-unit.test")
    return ChannelDatabase.objects.create(scale_unit=unit, name="main", applied_version=1)


def test_one_page_makes_a_store_that_sells(back_office: Client, database: ChannelDatabase) -> None:
    answer = back_office.post(PAGE, ENTERED, follow=True)
    assert "Kauppa Aalto can sell as soon as it has articles." in answer.text
    store = Store.objects.get()
    assert (store.legal_entity.name, store.legal_entity.country) == ("Kauppa Aalto", "FI")
    assert StorePlacement.objects.get(store=store).channel_database == database
    assert Worker.objects.get().check_pin("4711") and Worker.objects.get().name == "Aino Aalto"
    rates = {rate.tax_code.code: rate.percent for rate in TaxRate.objects.all()}
    assert rates == {"FI-STANDARD": Decimal("25.5"), "FI-REDUCED": 14, "FI-ZERO": 0}
    register = Register.objects.order_by("number").first()
    assert register is not None and Register.objects.count() == 2
    left = {step.code for step in checklist(register).open_steps if step.gap and step.gap.is_blocking}
    assert left == {"assortment", "prices", "browser"}


def test_its_first_article_is_taxed_and_sold(back_office: Client, database: ChannelDatabase) -> None:
    back_office.post(PAGE, ENTERED)
    form = back_office.get("/catalog/product/add/").context["adminform"].form
    reduced = ItemTaxGroup.objects.get(code="REDUCED")
    none = {f"{part}-{name}": "0" for part in ("barcodes", "variants", "units") for name in _MANAGED}
    given = {
        **none, "name": "Rye bread", "number": "1", "category": form.initial["category"], "unit": form.initial["unit"],
        "kind": "item", "price_entry": "none", "is_returnable": "on", "item_tax_group": reduced.pk, "attributes": "",
        "prices-TOTAL_FORMS": "1", "prices-INITIAL_FORMS": "0", "prices-0-amount": "3,95", "prices-0-currency": "EUR",
        "prices-0-quantity_from": "0",
    }  # fmt: skip
    answer = back_office.post("/catalog/product/add/", given)
    assert answer.status_code == 302, answer.context["errors"]
    price = TradeAgreement.objects.get()
    assert (price.product.number, price.unit.code, price.amount) == ("1", "pcs", Decimal("3.95"))
    asked = Asked(store=Store.objects.get(), at=timezone.now(), lines=[AskedLine("1", Decimal(2))])
    totals = simulate(asked).priced.totals
    assert (totals.total, totals.tax) == (Decimal("7.90"), Decimal("0.97"))  # 14 % in it


@pytest.mark.parametrize(("country", "rounded"), [("JP", ["document"]), ("FI", [])])
def test_a_tax_is_rounded_as_the_law_of_the_country_wants(
    back_office: Client, database: ChannelDatabase, country: str, rounded: list[str]
) -> None:
    back_office.post(f"/first-store/?country={country}", ENTERED)
    assert Store.objects.get().country == country
    assert list(PricingPolicy.objects.values_list("tax_rounding", flat=True)) == rounded


@pytest.mark.parametrize(
    ("country", "rates"),
    [("CH", ["8.1", "2.6", "3.8"]), ("JP", ["10", "8"]), ("FR", ["20", "10", "5.5", "2.1"]), ("US", [])],
)
def test_the_rates_of_the_country_are_proposed(back_office: Client, country: str, rates: list[str]) -> None:
    form = back_office.get(f"/first-store/?country={country}").context["form"]
    names = ("standard_rate", "reduced_rate", "second_reduced_rate", "third_reduced_rate")
    assert [str(form.initial[name]) for name in names if form.initial.get(name) is not None] == rates


_MANAGED = ("TOTAL_FORMS", "INITIAL_FORMS")


def test_a_new_product_is_sold_as_the_last_one(back_office: Client) -> None:
    a_product()
    last = a_product()
    initial = back_office.get("/catalog/product/add/").context["adminform"].form.initial
    assert (initial["unit"], initial["item_tax_group"]) == (last.unit_id, last.item_tax_group_id)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": ""}, "Enter the name of the store."),
        ({"standard_rate": ""}, "Enter the rate that most goods are taxed with"),
        ({"standard_rate": "120"}, "less than or equal to 100"),
        ({"standard_rate": "1,500"}, "can be read in two ways"),
        ({"currency": "XXX"}, "Choose the currency of the prices."),
        ({"time_zone": "Mars/Base"}, "Choose the time zone of the store."),
        ({"registers": "0"}, "greater than or equal to 1"),
        ({"staff_id": "ab"}, "Use 3 to 12 digits."),
        ({"pin": "1234", "pin_again": "1234"}, "This PIN is too easy to guess"),
        ({"pin_again": "4712"}, "The two PINs differ."),
        ({"worker": "   "}, "Enter your name."),
    ],
)
def test_nonsense_gets_a_sentence_and_makes_nothing(
    back_office: Client, change: dict[str, str], words: str
) -> None:
    answer = back_office.post(PAGE, {**ENTERED, **change})
    assert answer.status_code == 200 and words in answer.text
    assert not any(model.objects.exists() for model in (Store, LegalEntity, Worker, Currency))


def test_a_country_that_is_not_known_is_asked_for_again(back_office: Client) -> None:
    assert "Choose the country of the store." in back_office.get("/first-store/?country=ZZ").text


def test_a_company_that_has_begun_is_left_alone(back_office: Client) -> None:
    back_office.post(PAGE, ENTERED)
    for answer in (back_office.post(PAGE, ENTERED, follow=True), back_office.get(PAGE, follow=True)):
        assert "This company has begun already, with “Kauppa Aalto”" in answer.text
    assert Store.objects.count() == 1


def test_a_currency_that_is_there_already_stays(back_office: Client) -> None:
    a_currency("EUR", "EUR")
    back_office.post(PAGE, ENTERED)
    assert Store.objects.get().currency.symbol == "EUR"


def test_only_those_who_may_make_all_of_it() -> None:
    client = Client()
    client.force_login(a_user(groups=["Viewer"]), backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(PAGE).status_code == 403


def test_every_country_is_proposed_in_full() -> None:
    for country in countries().values():
        assert country.currency in currencies() and country.time_zone in available_timezones(), country
        assert len(country.reduced) < len(RATES) and (country.standard or 0) <= 100, country
        form = FirstStoreForm(country)
        assert form["currency"].value() == country.currency
        assert not country.standard or form["standard_rate"].value() == country.standard
    for money in currencies().values():
        assert money.decimals in (0, 2, 3) and money.cash_unit > 0 and money.symbol, money


def test_the_home_page_leads_to_it(back_office: Client) -> None:
    page = back_office.get("/").text
    assert "3 steps to the first sale" in page and 'href="/first-store/"' in page
    assert (
        "/catalog/product/" not in page.split("first sale")[1].split("</section>")[0]
    )  # one after the other


def test_the_first_user_is_made_once(
    settings: Any, tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.DATA_DIR = tmp_path
    User.objects.all().delete()
    call_command("first_user")
    password = welcome_path().read_text().split("password ")[1].split()[0]
    assert User.objects.get(username="owner").check_password(password)
    call_command("first_user")
    assert "nothing was changed" in capsys.readouterr().out and User.objects.count() == 1
