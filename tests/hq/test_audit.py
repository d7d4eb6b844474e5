"""Who changed what, in one stream: the fields before and after, and never a secret."""

from decimal import Decimal

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog.models import Product
from hq import audit
from hq.models import Store, Worker
from pricing.models import TradeAgreement
from tests.factories.company import a_price, a_product, a_store, a_user, a_worker


def test_a_change_names_its_author_and_its_fields(back_office: Client) -> None:
    price = a_price(a_product(name="Globe"), "2.95")
    data = {
        "product": price.product_id,
        "currency": "GBP",
        "unit": "pcs",
        "quantity_from": "0",
        "amount": "3.10",
    }
    back_office.post(f"/pricing/tradeagreement/{price.pk}/change/", data)
    entry = audit.entries(limit=1)[0]
    assert (entry.verb, entry.thing, entry.by.username if entry.by else None) == (
        "Changed",
        "Trade agreement",
        "ada",
    )
    assert entry.name.startswith("Globe")
    assert [(change.field, change.before, change.after) for change in entry.changes] == [
        ("Price", "2.95", "3.1")
    ]


def test_the_first_change_of_a_row_made_in_bulk_knows_what_was_before() -> None:
    product = a_product()
    Product.history.all().delete()
    product.name = "A better name"
    product.save()
    (entry,) = audit.entries(models=[Product])
    assert [(change.field, change.after) for change in entry.changes] == [("Name", "A better name")]


def test_references_and_choices_are_said_in_words() -> None:
    store, other = a_store(), a_store()
    product = a_product()
    product.kind, product.is_blocked = Product.Kind.SERVICE, True
    product.save()
    changes = {
        change.field: (change.before, change.after) for change in audit.entries(models=[Product])[0].changes
    }
    assert changes == {"Kind": ("Item", "Service"), "Blocked from sale": ("no", "yes")}
    store.legal_entity.stores.update(name="Renamed")
    store.refresh_from_db()
    store.sales_tax_group = other.sales_tax_group
    store.phone = "020 7946 0000"
    store.save()
    assert audit.entries(models=[Store], limit=1)[0].name == "Renamed"


def test_a_deleted_row_stays_on_record_without_a_link() -> None:
    product = a_product(name="Gone")
    product.delete()
    entry = audit.entries(models=[Product], limit=1)[0]
    assert (entry.verb, entry.name, entry.url) == ("Deleted", "Gone", "")


def test_a_pin_is_never_in_the_history() -> None:
    worker = a_worker()
    worker.set_pin("9173")
    worker.save()
    assert "pin" not in {field.name for field in Worker.history.model._meta.fields}
    entry = audit.entries(models=[Worker], limit=1)[0]
    assert entry.changes == ()


def test_the_page_filters_and_goes_back_in_time(back_office: Client) -> None:
    user = a_user(username="bea", first_name="Bea")
    for number in range(60):
        price = a_price(a_product(), str(Decimal(number)))
        price._history_user = user
        price.amount += 1
        price.save()
    page = back_office.get("/audit/", {"thing": "pricing.tradeagreement", "kind": "~", "by": user.pk}).text
    assert page.count("th-trail__entry") == 50 and "Bea" in page
    older = page.split("before=")[1].split('"')[0]
    from_there = back_office.get(
        f"/audit/?thing=pricing.tradeagreement&kind=~&by={user.pk}&before={older}"
    ).text
    assert from_there.count("th-trail__entry") == 10
    assert "Nothing was changed that fits these filters" in back_office.get("/audit/", {"kind": "-"}).text


def test_a_full_page_costs_no_more_queries_than_a_short_one() -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            audit.entries(models=[TradeAgreement, Product, Store])
        return len(captured)

    a_price(a_product())
    a_store()
    few = queries()
    for _ in range(20):
        a_price(a_product())
        a_store()
    assert queries() == few
