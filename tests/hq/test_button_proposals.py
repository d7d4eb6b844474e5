"""Buttons that headquarters proposes for a screen layout: what sells, what cannot be scanned, and the shelves."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from catalog.models import Assortment, AssortmentLine, AssortmentStore, Barcode, Category, Product
from channels_app.roles import receiving_upload
from hq.button_proposals import MOST_ON_A_TAB, add_buttons, new_buttons
from hq.models import Button, ButtonGrid, Register, ScreenLayout, Store
from pos.models import RetailTransaction, SalesLine
from tests.factories.company import a_product, a_register, a_user


@pytest.fixture
def register() -> Register:
    return a_register()


def shelf(store: Store, name: str, *, above: Category | None = None) -> Category:
    """A category that the store offers."""
    category = Category.objects.create(code=name.lower(), name=name, parent=above)
    if above is None:
        assortment = Assortment.objects.create(name=name)
        AssortmentLine.objects.create(assortment=assortment, category=category)
        AssortmentStore.objects.create(assortment=assortment, store=store)
    return category


def goods(category: Category, *names: str, scanned: bool = False) -> list[Product]:
    made = [a_product(name=name, category=category) for name in names]
    if scanned:
        for product in made:
            Barcode.objects.create(product=product, code=f"50{product.pk:011d}")
    return made


def sold(register: Register, product: Product, *, times: int = 1, days_ago: int = 1) -> None:
    """So many sales of one piece each."""
    for _ in range(times):
        write_sale(register, product, days_ago)


@receiving_upload()
def write_sale(register: Register, product: Product, days_ago: int) -> None:
    number = RetailTransaction.objects.count() + 1
    sale = RetailTransaction.objects.create(
        kind="sale", store=register.store, register=register, worker_id=1, epoch=1, sequence=number,
        receipt_number=str(number), business_date=timezone.localdate(), currency="GBP", document="{}",
        concluded_at=timezone.now() - timedelta(days=days_ago), request_id=f"{number:032d}",
        previous_hash="", hash="",
    )  # fmt: skip
    SalesLine.objects.create(
        retail_transaction=sale, line=1, product=product, product_number=product.number, name=product.name,
        quantity=1, unit="pcs", list_price=1, unit_price=1, price_source="base", net=1, tax=0, total=1, detail={},
    )  # fmt: skip


def proposed(layout: ScreenLayout) -> dict[str, list[str]]:
    """The names of the new buttons by tab."""
    names = dict(Product.objects.values_list("pk", "name"))
    return {
        tab.name: [names[button.product_id] for button in tab.buttons[-tab.added :]]
        for tab in new_buttons(layout)
    }


def test_favourites_are_what_no_scanner_reads_and_then_what_sells(register: Register) -> None:
    layout = register.store.screen_layout
    food, gifts = shelf(register.store, "Food"), shelf(register.store, "Gifts")
    _, bread = goods(food, "Apple", "Bread")
    cola, tea = goods(food, "Cola", "Tea", scanned=True)
    mug, _ = goods(gifts, "Mug", "Card", scanned=True)
    sold(register, cola, times=3)
    sold(register, bread, times=2)
    sold(register, mug, times=9)
    sold(register, tea, times=20, days_ago=200)  # long ago
    assert proposed(layout) == {
        "Favourites": ["Bread", "Apple", "Mug", "Cola", "Card", "Tea"],
        "Gifts": ["Mug", "Card"],  # sold more than food
        "Food": ["Cola", "Bread", "Apple", "Tea"],
    }


def test_only_what_the_layout_s_stores_offer_and_sell_counts(register: Register) -> None:
    food = shelf(register.store, "Food")
    elsewhere = a_register()
    elsewhere.store.screen_layout = ScreenLayout.objects.create(name="Other")
    elsewhere.store.save()
    gifts = shelf(elsewhere.store, "Gifts")
    apple, bread = goods(food, "Apple", "Bread")
    a_product(name="Blocked", category=food, is_blocked=True)
    (mug,) = goods(gifts, "Mug")
    sold(elsewhere, bread, times=5)
    sold(elsewhere, mug)
    sold(register, bread)
    sold(register, apple, times=2)
    assert proposed(register.store.screen_layout) == {"Favourites": ["Apple", "Bread"]}
    assert proposed(elsewhere.store.screen_layout) == {"Favourites": ["Mug"]}
    assert set(proposed(ScreenLayout.objects.create(name="New"))) == {"Favourites", "Food", "Gifts"}


def test_many_shelves_are_told_by_what_is_above_them(register: Register) -> None:
    food, gifts = shelf(register.store, "Food"), shelf(register.store, "Gifts")
    for number in range(5):
        goods(shelf(register.store, f"Food {number}", above=food), f"Article {number}")
        goods(shelf(register.store, f"Gift {number}", above=gifts), f"Present {number}")
    assert list(proposed(register.store.screen_layout)) == ["Favourites", "Food", "Gifts"]


def test_two_shelves_of_one_name_are_one_tab(register: Register) -> None:
    layout = register.store.screen_layout
    for code in ("a", "b"):
        category = shelf(register.store, code)
        Category.objects.filter(pk=category.pk).update(name="Other")
        goods(category, f"Article {code}")
    assert proposed(layout) == {"Favourites": ["Article a", "Article b"], "Other": ["Article a"]}
    assert add_buttons(layout, ["Other"]) == 1


def test_what_is_added_stands_behind_what_is_there_and_is_not_proposed_again(register: Register) -> None:
    layout = register.store.screen_layout  # its one tab, Favourites, has a button for returns
    food, gifts = shelf(register.store, "Food"), shelf(register.store, "Gifts")
    goods(food, *(f"Food {number:02d}" for number in range(30)))
    goods(gifts, "Mug")
    assert add_buttons(layout, ["Favourites", "Gifts", "Nonsense"]) == MOST_ON_A_TAB - 1 + 1
    favourites, new = layout.grids.order_by("position")
    assert (favourites.name, new.name) == ("Favourites", "Gifts")
    buttons = list(favourites.buttons.order_by("position"))
    assert len(buttons) == MOST_ON_A_TAB and buttons[0].operation == 103
    assert [str(button.product) for button in buttons[1:3]] == ["Food 00", "Food 01"]
    assert list(proposed(layout)) == ["Food"]
    assert add_buttons(layout, ["Favourites", "Gifts"]) == 0
    assert Button.objects.filter(grid__layout=layout).count() == MOST_ON_A_TAB + 1


def test_the_page_shows_them_and_adds_those_that_are_chosen(back_office: Client, register: Register) -> None:
    layout = ScreenLayout.objects.create(name="Till")
    ButtonGrid.objects.create(layout=layout, name="Favourites")
    page = f"/hq/screenlayout/{layout.pk}/buttons/"
    assert "There is nothing to add" in back_office.get(page).text
    goods(shelf(register.store, "Food"), "Apple")
    goods(shelf(register.store, "Gifts"), "Mug")
    assert page in back_office.get(f"/hq/screenlayout/{layout.pk}/change/").text
    shown = back_office.get(page).text
    assert "Apple" in shown and "2 new of 2" in shown
    assert "Choose at least one" in back_office.post(page).text
    done = back_office.post(page, {"tab": ["Gifts"]}, follow=True)
    assert "1 button added." in done.text
    assert [str(button) for button in Button.objects.filter(grid__layout=layout)] == ["Mug"]


def test_who_may_only_look_cannot_add_buttons(register: Register) -> None:
    client = Client()
    client.force_login(a_user(groups=["Viewer"]))
    page = f"/hq/screenlayout/{register.store.screen_layout_id}/buttons/"
    assert client.get(page).status_code == 403 and client.post(page, {"tab": "Food"}).status_code == 403
