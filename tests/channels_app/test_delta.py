"""Old copy and delta make the new copy: whatever staff do between two packages."""

import random
from collections.abc import Callable

import pytest
from django.db import transaction

from catalog.models import Assortment, AssortmentLine, AssortmentStore, Barcode, Category, Product
from channels_app.models import ChannelDatabase, StorePlacement
from customers.models import Customer
from hq.models import Button, ButtonGrid, Device, Register, ScreenLayout, Store, Worker, WorkerStore
from inventory.models import OpeningStock
from pricing.models import PriceGroup, StorePriceGroup, TradeAgreement
from tests.channels_app.company import Company, a_product
from tests.channels_app.two_sides import Sides

Step = Callable[[random.Random, int], None]


def one(model, dice: random.Random):
    """Any row of a model, None when there is none."""
    keys = list(model.objects.values_list("pk", flat=True))
    return model.objects.get(pk=dice.choice(keys)) if keys else None


def new_product(dice: random.Random, n: int) -> None:
    product = a_product(f"N{n}", category=one(Category, dice) if dice.random() < 0.8 else None)
    Barcode.objects.create(product=product, code=f"77{n:08}")
    TradeAgreement.objects.create(
        product=product, unit=product.unit, currency=one(Store, dice).currency, amount=n,
        price_group=one(PriceGroup, dice) if dice.random() < 0.7 else None,
    )  # fmt: skip


def rename_products(dice: random.Random, n: int) -> None:
    Product.objects.filter(pk__gt=one(Product, dice).pk).update(name=f"Renamed {n}")


def move_product(dice: random.Random, n: int) -> None:
    Product.objects.filter(pk=one(Product, dice).pk).update(category=dice.choice([None, one(Category, dice)]))


def delete_product(dice: random.Random, n: int) -> None:
    Product.objects.filter(pk=one(Product, dice).pk).delete()


def reprice(dice: random.Random, n: int) -> None:
    TradeAgreement.objects.filter(pk__gt=one(TradeAgreement, dice).pk).update(amount=n)


def move_price(dice: random.Random, n: int) -> None:
    TradeAgreement.objects.filter(pk=one(TradeAgreement, dice).pk).update(price_group=one(PriceGroup, dice))


def move_barcode(dice: random.Random, n: int) -> None:
    Barcode.objects.filter(pk=one(Barcode, dice).pk).update(product=one(Product, dice))


def new_category(dice: random.Random, n: int) -> None:
    Category.objects.create(code=f"c{n}", name="C", parent=dice.choice([None, one(Category, dice)]))


def move_category(dice: random.Random, n: int) -> None:
    category, parent = one(Category, dice), one(Category, dice)
    above = parent
    while above is not None:
        if above.pk == category.pk:
            return
        above = above.parent
    Category.objects.filter(pk=category.pk).update(parent=dice.choice([None, parent]))


def line_up(dice: random.Random, n: int) -> None:
    named = {"category": one(Category, dice)} if dice.random() < 0.3 else {"product": one(Product, dice)}
    AssortmentLine.objects.create(assortment=one(Assortment, dice), is_excluded=dice.random() < 0.2, **named)


def change_line(dice: random.Random, n: int) -> None:
    line = one(AssortmentLine, dice)
    if line is not None and line.product_id:
        line.product = one(Product, dice)
        line.is_excluded = dice.random() < 0.3
        line.save()


def drop_line(dice: random.Random, n: int) -> None:
    AssortmentLine.objects.filter(pk=one(AssortmentLine, dice).pk).delete()


def offer(dice: random.Random, n: int) -> None:
    AssortmentStore.objects.get_or_create(assortment=one(Assortment, dice), store=one(Store, dice))


def stop_offering(dice: random.Random, n: int) -> None:
    if found := one(AssortmentStore, dice):
        found.delete()


def change_price_groups(dice: random.Random, n: int) -> None:
    if dice.random() < 0.5 and (found := one(StorePriceGroup, dice)):
        found.delete()
    else:
        StorePriceGroup.objects.get_or_create(store=one(Store, dice), price_group=one(PriceGroup, dice))


def staff(dice: random.Random, n: int) -> None:
    worker = Worker.objects.create(staff_id=f"{3000 + n}", name="New", name_on_receipt="New", pin="x")
    group = WorkerStore.objects.first().permission_group
    WorkerStore.objects.create(worker=worker, store=one(Store, dice), permission_group=group)


def move_staff(dice: random.Random, n: int) -> None:
    placed = one(WorkerStore, dice)
    if not WorkerStore.objects.filter(
        worker=placed.worker, store__in=Store.objects.exclude(pk=placed.store_id)
    ).exists():
        placed.store = one(Store, dice)
        placed.save()


def move_register(dice: random.Random, n: int) -> None:
    register = one(Register, dice)
    Device.objects.create(id=f"11111111-1111-7111-8111-{n:012}", register=register)
    Register.objects.filter(pk=register.pk).update(store=one(Store, dice))


def button(dice: random.Random, n: int) -> None:
    grid, _ = ButtonGrid.objects.get_or_create(layout=ScreenLayout.objects.first(), name="Favourites")
    Button.objects.create(grid=grid, operation=100, product=dice.choice([None, one(Product, dice)]))


def stock(dice: random.Random, n: int) -> None:
    OpeningStock.objects.update_or_create(
        store=one(Store, dice), product=one(Product, dice), variant=None,
        defaults={"quantity": n, "counted_at": "2026-01-01T00:00Z"},
    )  # fmt: skip


def customer(dice: random.Random, n: int) -> None:
    Customer.objects.create(account=f"C{n}", name="Somebody")


STEPS: list[Step] = [
    new_product, rename_products, move_product, delete_product, reprice, move_price, move_barcode, new_category,
    move_category, line_up, change_line, drop_line, offer, stop_offering, change_price_groups, staff, move_staff,
    move_register, button, stock, customer,
]  # fmt: skip


@pytest.mark.parametrize("seed", range(4))
def test_old_copy_and_delta_make_the_new_copy(shop: Company, sides: Sides, seed: int):
    Assortment.objects.create(name="Seasonal")
    PriceGroup.objects.create(code="VIP", name="VIP")
    AssortmentLine.objects.create(assortment=shop.assortment, product=shop.products[0])
    sides.distribute()
    dice = random.Random(seed)
    for turn in range(12):
        done = []
        for step in dice.choices(STEPS, k=dice.randint(1, 5)):
            if Product.objects.count() < 4 or not AssortmentLine.objects.exists():
                new_product(dice, 900_000 + turn)
                AssortmentLine.objects.create(assortment=shop.assortment, product=one(Product, dice))
            done.append(step.__name__)
            with transaction.atomic():
                step(dice, turn * 100 + len(done))
        jobs = [dice.choice(["1020", "1040", "1060", "1070", "1090"])] if dice.random() < 0.3 else ["9999"]
        sides.distribute(*jobs)
        if jobs == ["9999"]:
            assert sides.differences() == [], (turn, done)
    sides.distribute()
    assert sides.differences() == []


def test_moving_everything_at_once(shop: Company, sides: Sides):
    sides.distribute()
    StorePlacement.objects.all().delete()
    StorePlacement.objects.create(store=shop.far, channel_database=ChannelDatabase.objects.get())
    sides.distribute()
    assert sides.differences() == []
    with sides.scale_unit():
        assert list(Store.objects.values_list("number", flat=True)) == ["S2"]
        assert not Product.objects.exists()
