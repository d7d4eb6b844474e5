"""Change tracking: whoever touches a row of master data, however, and whenever it is committed."""

import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from django.db import connection, transaction

from catalog.models import AssortmentLine, Barcode, Category, Product
from channels_app.changes import install_tracking
from channels_app.models import Change
from channels_app.registry import carried
from hq.models import LegalEntity, Worker, WorkerStore
from pricing.models import TradeAgreement
from tests.channels_app.company import Company, a_product
from tests.channels_app.two_sides import Sides


def noted() -> list[tuple[str, str, str]]:
    """What was tracked since the last call: table, key, operation."""
    found = list(Change.objects.order_by("pk").values_list("table", "key", "operation"))
    Change.objects.all().delete()
    return found


def this_database() -> dict:
    """How to reach the database of this side. Asked here: other threads know only headquarters'."""
    parameters = connection.get_connection_params()
    return {k: parameters[k] for k in ("host", "port", "user", "password", "dbname")}


@contextmanager
def another_writer(database: dict | None = None) -> Iterator[psycopg.Connection]:
    """A connection of somebody else's, with its own transactions."""
    with psycopg.connect(**database or this_database()) as other:
        yield other


def test_each_way_of_writing_is_noted(shop: Company):
    noted()
    product = shop.products[0]
    product.name = "New name"
    product.save()
    assert noted() == [("catalog_product", str(product.pk), "U")]
    Product.objects.filter(pk__in=[p.pk for p in shop.products[:3]]).update(is_blocked=True)
    assert len(noted()) == 3
    made = Category.objects.bulk_create([Category(code=f"c{n}", name="C") for n in range(4)])
    assert noted() == [("catalog_category", str(c.pk), "I") for c in made]
    Category.objects.bulk_update([Category(pk=c.pk, code=c.code, name="D") for c in made], ["name"])
    assert len(noted()) == 4
    with connection.cursor() as cursor:
        cursor.execute("UPDATE catalog_product SET name = 'raw' WHERE id = %s", [product.pk])
        cursor.execute(
            "INSERT INTO hq_currency (code, name, symbol, decimals, cash_unit) VALUES ('JPY', 'Yen', '¥', 0, 1)"
        )
    assert noted() == [("catalog_product", str(product.pk), "U"), ("hq_currency", "JPY", "I")]
    gone = {
        ("catalog_product", str(product.pk), "D"),
        ("catalog_barcode", str(Barcode.objects.get(product=product).pk), "D"),
        ("pricing_tradeagreement", str(TradeAgreement.objects.get(product=product).pk), "D"),
    }
    Product.objects.filter(pk=product.pk).delete()
    assert set(noted()) == gone


def test_an_update_that_changes_nothing_leaves_no_trace(shop: Company):
    noted()
    shop.products[0].save()
    Product.objects.update(is_blocked=False)
    assert noted() == []


def test_a_row_that_may_belong_elsewhere_is_told_from_one_that_only_changed(shop: Company):
    noted()
    line = AssortmentLine.objects.get()
    line.is_excluded = True
    line.save()
    assert noted() == [("catalog_assortmentline", str(line.pk), "M")]
    Product.objects.filter(pk=shop.products[0].pk).update(category=None)
    assert noted() == [("catalog_product", str(shop.products[0].pk), "M")]


def test_what_a_link_pointed_at_before_and_after_is_kept(shop: Company):
    ben = Worker.objects.create(staff_id="2000", name="Ben", name_on_receipt="Ben", pin="x")
    link = WorkerStore.objects.get()
    ann = link.worker_id
    Change.objects.all().delete()
    link.worker = ben
    link.save()
    assert Change.objects.get().links == {"worker_id": [ann, ben.pk]}
    link.delete()
    assert Change.objects.order_by("pk").last().links == {"worker_id": [ben.pk]}


def test_a_changed_key_is_a_row_that_went_and_one_that_came(shop: Company):
    noted()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO hq_reasoncode (id, code, use, text, position) VALUES (800, 'x', 'void', 'x', 0)"
        )
        noted()
        cursor.execute("UPDATE hq_reasoncode SET id = 900 WHERE id = 800")
    assert set(noted()) == {("hq_reasoncode", "800", "D"), ("hq_reasoncode", "900", "I")}


def test_a_truncated_table_is_sent_in_full(shop: Company, sides: Sides):
    sides.distribute()
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE catalog_barcode")
    sides.distribute()
    assert sides.differences() == []


def test_what_is_rolled_back_never_happened(shop: Company, sides: Sides):
    sides.distribute()
    with pytest.raises(RuntimeError), transaction.atomic():
        LegalEntity.objects.update(name="Never")
        raise RuntimeError
    assert sides.distribute() == []


def test_installing_again_touches_nothing(shop: Company):
    assert install_tracking(carried()) == []


def test_a_transaction_that_commits_late_is_not_lost(shop: Company, sides: Sides):
    """The early writer has the smaller transaction id and commits after the delta was cut."""
    sides.distribute()
    with another_writer() as early:
        early.execute("UPDATE catalog_product SET name = 'late' WHERE id = %s", [shop.products[0].pk])
        Product.objects.filter(pk=shop.products[1].pk).update(name="in time")
        [package] = sides.distribute()
        assert package.rows == 1
        early.commit()
    [package] = sides.distribute()
    assert package.rows == 1
    assert sides.differences() == []


def test_a_reader_of_what_came_after_the_last_change_would_lose_it(shop: Company, sides: Sides):
    """The twin: with numbers instead of snapshots the late row is never seen."""
    last = Change.objects.order_by("-pk").first().pk
    seen = set()
    with another_writer() as early:
        early.execute("UPDATE catalog_product SET name = 'late' WHERE id = %s", [shop.products[0].pk])
        Product.objects.filter(pk=shop.products[1].pk).update(name="in time")
        found = Change.objects.filter(pk__gt=last).order_by("pk")
        seen |= set(found.values_list("key", flat=True))
        last = found.last().pk
        early.commit()
    seen |= set(Change.objects.filter(pk__gt=last).values_list("key", flat=True))
    assert seen == {str(shop.products[1].pk)}


@pytest.mark.concurrency
def test_writers_that_commit_in_any_order_lose_nothing_while_deltas_are_cut(shop: Company, sides: Sides):
    sides.distribute()
    stop = threading.Event()
    products = [p.pk for p in shop.products]

    def write(seed: int) -> None:
        dice = random.Random(seed)
        with another_writer() as own:
            count = 0
            while not stop.is_set():
                count += 1
                for product in sorted(dice.sample(products, 2)):
                    own.execute(
                        "UPDATE catalog_product SET name = %s WHERE id = %s", [f"{seed}-{count}", product]
                    )
                    if dice.random() < 0.3:
                        own.execute(
                            "UPDATE pricing_tradeagreement SET amount = %s WHERE product_id = %s",
                            [count, product],
                        )
                time.sleep(dice.random() * 0.03)
                own.commit() if dice.random() < 0.9 else own.rollback()

    writers = [threading.Thread(target=write, args=(seed,)) for seed in range(6)]
    for writer in writers:
        writer.start()
    try:
        sent = sum(bool(sides.distribute()) for _ in range(12))
    finally:
        stop.set()
        for writer in writers:
            writer.join()
    assert sent > 3
    sides.distribute()
    assert sides.differences() == []


def test_the_company_can_be_changed_in_one_transaction_with_everything(shop: Company, sides: Sides):
    sides.distribute()
    with transaction.atomic():
        new = a_product("NEW", category=shop.products[0].category)
        Barcode.objects.filter(product=shop.products[0]).update(product=new)
        shop.products[0].delete()
    sides.distribute()
    assert sides.differences() == []
