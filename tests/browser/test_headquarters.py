"""Headquarters in a real browser: nobody is shut out by its pages, and the main steps are walked with a mouse."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Route, expect

from catalog.models import Product
from customers.models import Customer
from hq.models import ActivationCode, Button, HardwareProfile, HardwareStation, Register, Store, User
from hq.services.back_office_roles import bring_up_to_date
from orders.models import Order
from orders.services.desk import Wanted, change_order, take_order
from pos.services.simulate import AskedLine
from pricing.models import Discount, DiscountLine
from tests.factories.company import a_product, a_ready_register, a_register, a_user
from tests.scenarios.live import live_server

PASSWORD = "a long enough password"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@pytest.fixture
def register(transactional_db: None, headquarters: Any) -> Register:
    """A small company and an administrator."""
    bring_up_to_date()
    a_user(username="ada", first_name="Ada")
    register = a_ready_register()
    a_register(register.store, name="Till two")
    for code, status in (("SALE", "draft"), ("ALL", "enabled")):
        offer = Discount.objects.create(
            code=code, name=f"{code} 10 %", kind="simple", method="percent_off", value=10, status=status
        )
        DiscountLine.objects.create(discount=offer)
    return register


@pytest.fixture
def address(register: Register) -> Iterator[str]:
    """Where headquarters listens."""
    with live_server() as place:
        yield f"http://{place}"


@pytest.fixture
def back_office(address: str, browser: Browser) -> Iterator[Callable[..., Page]]:
    """Opens a page in which Ada is signed in."""
    yield from _signed_in(browser, address)


def _signed_in(browser: Browser, address: str) -> Iterator[Callable[..., Page]]:
    """What opens such pages; what the console calls an error fails the test."""
    contexts = []

    def open_page(**options: Any) -> Page:
        contexts.append(browser.new_context(base_url=address, reduced_motion="reduce", **options))
        page = contexts[-1].new_page()
        page.on("pageerror", lambda error: pytest.fail(str(error)))
        page.goto("/")
        page.get_by_label("User name").fill("ada")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("heading", name="What sells")).to_be_visible()
        return page

    yield open_page
    for context in contexts:
        context.close()


def an_order(store: Store) -> Order:
    """The order of a caller for three of the only article."""
    caller, _ = Customer.objects.get_or_create(
        account="C-7", defaults={"name": "Ruth Adeyemi", "phone": "020 7946 0018"}
    )
    order = take_order(store=store, customer=caller, by=User.objects.get())
    lines = [AskedLine(Product.objects.get().number, Decimal(3))]
    return change_order(order_id=order.pk, version=1, wanted=Wanted(lines=lines), by=User.objects.get())


def _pages(register: Register) -> list[str]:
    grid, number = Button.objects.get().grid_id, Product.objects.get().number
    return [
        "/", "/readiness/", "/audit/", "/hq/register/", f"/hq/store/{register.store_id}/change/",
        f"/hq/register/{register.pk}/change/", f"/hq/register/{register.pk}/activation/",
        f"/hq/store/{register.store_id}/duplicate/", f"/hq/buttongrid/{grid}/change/",
        f"/simulator/?code={number}&quantity=3&drafts=on", "/catalog/product/import/", "/hq/permissiongroup/add/",
        "/offers/calendar/", "/offers/warnings/", "/pricing/discount/add/",
        "/order-desk/?q=ruth", "/order-desk/?q=0117+496", f"/order-desk/{an_order(register.store).pk}/",
        f"/pricing/discount/{Discount.objects.get(code='SALE').pk}/change/",
        "/pricing/chargerule/add/", "/pricing/taxcode/add/", "/pricing/pricingpolicy/add/",
        "/auth/group/add/", "/hq/device/", "/hq/hardwarestation/add/",
        f"/hq/screenlayout/{register.store.screen_layout_id}/buttons/",
    ]  # fmt: skip


@pytest.mark.timeout(300)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_page_violates_accessibility(
    back_office: Callable[..., Page], register: Register, theme: str
) -> None:
    # as tall as the longest form: the bar with the save buttons stays at the bottom and covers what lies under it
    page = back_office(color_scheme=theme, viewport={"width": 1366, "height": 4000})
    found = []
    for path in _pages(register):
        page.goto(path)
        page.wait_for_load_state("networkidle")
        answer = Axe().run(page, options={"runOnly": RULES}).response
        found += [f"{path}: {one['id']} {one['nodes'][0]['html'][:120]}" for one in answer["violations"]]
    assert not found, "\n".join(found)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("size", [(1024, 768), (390, 844)])
def test_no_page_is_wider_than_its_screen(
    back_office: Callable[..., Page], register: Register, size: tuple[int, int]
) -> None:
    page = back_office(viewport={"width": size[0], "height": size[1]})
    for path in _pages(register):
        page.goto(path)
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= size[0], f"{path} is {width} wide"


def test_the_page_of_a_station_fits_a_phone_whatever_its_profile_is_called(
    back_office: Callable[..., Page], register: Register
) -> None:
    profile = HardwareProfile.objects.create(name="Harbour Street back office, emulated, first floor")
    station = HardwareStation.objects.create(
        store=register.store, number="S1K", name="Kiosk", hardware_profile=profile
    )
    page = back_office(viewport={"width": 390, "height": 844})
    page.goto(f"/hq/hardwarestation/{station.pk}/change/")
    expect(page.locator(".select2-selection", has_text=profile.name)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_pages_of_offers_fit_a_phone_whatever_offers_are_called(
    back_office: Callable[..., Page], register: Register
) -> None:
    name, other = "Stammkundenvorweihnachtssonderrabatt" * 2, "Schlussverkaufsrestpostenaktionstage" * 2
    Discount.objects.filter(code="SALE").update(name=name[:60], priority=3, status="enabled")
    Discount.objects.filter(code="ALL").update(name=other[:60])
    page = back_office(viewport={"width": 390, "height": 844})
    number = Product.objects.get().number
    for path in ("/offers/warnings/", "/offers/calendar/", f"/simulator/?code={number}&quantity=3"):
        page.goto(path)
        expect(page.get_by_text(name[:60]).first).to_be_attached()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path


@pytest.mark.parametrize("width", [1366, 1024, 390])
def test_a_list_shows_all_its_columns_whatever_an_offer_is_called(
    back_office: Callable[..., Page], register: Register, width: int
) -> None:
    Discount.objects.filter(code="SALE").update(
        name="Weihnachtsbaumschmuckabverkaufsrabattaktionswo",
        code="WEIHNACHTEN-2026",
        ends_at=datetime(2100, 2, 18, tzinfo=UTC),
    )
    page = back_office(viewport={"width": width, "height": 768})
    page.goto("/pricing/discount/")
    row = page.locator("#result_list tbody tr", has_text="Weihnachtsbaum")
    expect(row).to_be_visible()
    for column in ("name", "status_shown"):
        cell = row.locator(f".field-{column}")
        assert cell.evaluate("cell => cell.scrollWidth - cell.clientWidth") <= 0, column
    ends = [
        page.locator(one).evaluate("one => one.getBoundingClientRect().right")
        for one in ("#result_list", "#changelist-form")
    ]
    assert ends[0] <= ends[1]


def test_the_simulator_answers_as_one_types(back_office: Callable[..., Page], register: Register) -> None:
    number = Product.objects.get().number
    page = back_office(viewport={"width": 1366, "height": 768})
    page.goto("/simulator/")
    page.get_by_label("Add an article").fill(number)
    page.keyboard.press("Enter")
    totals = page.get_by_label("Totals")
    expect(totals).to_contain_text("2.65")
    page.get_by_label("Add an article").fill(number)
    page.keyboard.press("Enter")
    expect(totals).to_contain_text("5.31")
    quantity = page.get_by_label("Quantity of")
    quantity.fill("4")
    quantity.press("Tab")
    expect(totals).to_contain_text("10.62")
    expect(page).to_have_url(re.compile(r"quantity=4"))
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_text("Add what a customer might buy")).to_be_visible()


def test_from_a_store_to_its_copy_and_an_activation_code(
    back_office: Callable[..., Page], register: Register
) -> None:
    page = back_office(viewport={"width": 1366, "height": 768})
    page.get_by_role("link", name="Stores", exact=True).click()
    page.get_by_role("link", name=register.store.name, exact=True).click()
    page.get_by_role("link", name="Duplicate").click()
    page.get_by_label("Name").fill("Quay Street")
    page.get_by_label("Number").fill("900")
    page.get_by_label("Address").fill("9 Quay Street")
    page.get_by_role("button", name="Make the store").click()
    expect(page.get_by_text("Quay Street is there. This is what it still needs.")).to_be_visible()
    copy = Store.objects.get(number="900").registers.first()
    assert copy is not None
    page.get_by_role("link", name=f"Activate: {copy.name}").click()
    page.get_by_role("button", name="Make the code").click()
    expect(page.locator(".th-code-card__code")).to_contain_text("-")
    assert ActivationCode.objects.get().register == copy


@pytest.fixture
def empty_company(
    transactional_db: None, headquarters: Any, browser: Browser
) -> Iterator[Callable[..., Page]]:
    """Opens a page in which the owner of an empty company is signed in."""
    bring_up_to_date()
    a_user(username="ada", first_name="Ada")
    with live_server() as place:
        yield from _signed_in(browser, f"http://{place}")


def test_from_nothing_to_a_store_that_asks_for_its_first_article(empty_company: Callable[..., Page]) -> None:
    page = empty_company(viewport={"width": 390, "height": 844})
    page.get_by_role("link", name="Open the store").click()
    page.get_by_label("Country").select_option("FI")
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_label("Standard rate")).to_have_value("25.5")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.set_viewport_size({"width": 1366, "height": 4000})
    answer = Axe().run(page, options={"runOnly": RULES}).response
    assert not answer["violations"], answer["violations"]
    entered = {
        "name": "Kauppa Aalto", "address": "Mannerheimintie 1",
        "worker": "Aino Aalto", "pin": "4711", "pin_again": "4711",
    }  # fmt: skip
    for field, text in entered.items():
        page.locator(f"[name={field}]").fill(text)
    page.get_by_role("button", name="Open the store").click()
    expect(page.get_by_role("link", name="Add what you sell")).to_be_visible()
    expect(page.get_by_text("Kauppa Aalto can sell as soon as it has articles.")).to_be_visible()


def test_tiles_follow_the_form_before_it_is_saved(
    back_office: Callable[..., Page], register: Register
) -> None:
    a_product(name="Bananas")
    button = Button.objects.get()
    page = back_office(viewport={"width": 1366, "height": 900})
    page.goto(f"/hq/buttongrid/{button.grid_id}/change/")
    expect(page.locator("#tiles")).to_contain_text("Return")
    page.locator("#id_buttons-0-label").fill("Take back")
    page.locator("#id_buttons-0-hue").fill("145")
    page.keyboard.press("Tab")
    expect(page.locator("#tiles .th-tile--tinted")).to_have_text("Take back")
    button.refresh_from_db()
    assert button.label == "Return"


def test_an_error_stands_where_the_eye_is(back_office: Callable[..., Page], register: Register) -> None:
    other = Register.objects.exclude(pk=register.pk).get()
    page = back_office(viewport={"width": 1366, "height": 900})
    page.goto(f"/hq/register/{other.pk}/change/")
    page.locator("#id_number").fill(register.number)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text(f"Number {register.number} is taken by register")).to_be_visible()
    assert page.locator("#id_number").input_value() == register.number


def test_a_new_discount_has_the_tabs_of_its_kind(
    back_office: Callable[..., Page], register: Register
) -> None:
    page = back_office(viewport={"width": 1366, "height": 768})
    page.goto("/pricing/discount/add/")
    tabs, kind = page.locator("#tabs-items"), page.get_by_label("Kind", exact=False).first
    own = {"mix_and_match": "Parts of the set", "threshold": "Tiers", "tender": "Ways of paying"}
    for chosen, tab in own.items():
        kind.select_option(chosen)
        expect(tabs.get_by_text(tab)).to_be_visible()
        for other in {"Parts of the set", "Ways of paying", "Delivery modes"} - {tab}:
            expect(tabs.get_by_text(other)).to_be_hidden()
    kind.select_option("threshold")
    tabs.get_by_text("Tiers").click()
    page.get_by_role("link", name="Add another Tier").click()
    tabs.get_by_text("General").click()
    kind.select_option("simple")
    expect(tabs.get_by_text("Tiers")).to_be_visible()  # what was begun there is not hidden


def test_a_new_discount_offers_what_its_kind_can_give_and_says_what_is_missing(
    back_office: Callable[..., Page], register: Register
) -> None:
    page = back_office(viewport={"width": 1366, "height": 768})
    page.goto("/pricing/discount/add/")
    expect(page.locator("#tabs-dropdown")).to_have_count(0)  # no tab is put away where there is room
    kind, gives = page.locator("#id_kind"), page.locator("#id_method")
    kind.select_option("mix_and_match")
    gives.select_option("deal_price")
    kind.select_option("tender")
    expect(gives).to_have_value("percent_off")
    expect(gives.locator("option:enabled")).to_have_count(1)
    expect(page.locator("#tabs-items").get_by_text("On what")).to_be_hidden()
    expect(page.locator("#id_value")).to_be_visible()
    kind.select_option("threshold")
    expect(page.locator("#id_value")).to_be_hidden()
    page.locator("#id_name").fill("Spend and save")
    page.locator("#id_code").fill("SPEND")
    page.get_by_role("button", name="Save and continue editing").click()
    missing = page.get_by_role("region", name="Before it can be enabled")
    missing.get_by_role("link", name="Tiers").click()
    expect(page.get_by_role("link", name="Add another Tier")).to_be_visible()
    page.get_by_role("link", name="Add another Tier").click()
    choices = page.locator("[name=tiers-0-method] option:enabled")
    assert choices.evaluate_all("all => all.map(one => one.value)") == ["", "percent_off", "amount_off"]


@pytest.mark.parametrize("size", [(1366, 768), (390, 844)])
def test_the_last_row_of_a_list_can_be_marked_behind_others(
    back_office: Callable[..., Page], register: Register, size: tuple[int, int]
) -> None:
    for number in range(30):
        a_product(name=f"Mug {number}")
    page = back_office(viewport={"width": size[0], "height": size[1]})
    page.goto("/catalog/product/")
    page.locator("input.action-select").first.check()
    page.locator("input.action-select").last.check(timeout=5000)
    expect(page.locator("input.action-select:checked")).to_have_count(2)


def test_an_order_is_taken_at_the_telephone(back_office: Callable[..., Page], register: Register) -> None:
    page, number = back_office(), Product.objects.get().number
    page.goto("/order-desk/")
    page.get_by_role("searchbox", name="Who calls").fill("0117 496 0123")
    page.keyboard.press("Enter")
    page.get_by_label("Name", exact=True).fill("Ada Ngata")
    page.get_by_role("button", name="Add and take an order").click()
    page.get_by_label("Add an article").fill(number)
    page.keyboard.press("Enter")
    quantity = page.locator("[name=quantity]")
    expect(quantity).to_have_value("1")
    quantity.fill("4")
    quantity.press("Tab")  # no key is pressed for it: the total follows
    expect(page.get_by_label("Totals")).to_contain_text("10.62")
    page.get_by_text("Why this price").click()
    expect(page.get_by_text("ALL 10 %").first).to_be_visible()
    page.get_by_role("button", name="Release to the store").click()
    expect(page.get_by_text("Released to the store").first).to_be_visible()
    order = Order.objects.get()
    assert (order.state, order.customer.phone, order.lines.get().quantity) == ("released", "0117 496 0123", 4)


class SlowAnswers:
    """Answers of an order's page that come when the test lets them."""

    def __init__(self, page: Page) -> None:
        self.page, self.waiting, self.asked = page, [], 0
        page.route("**/order-desk/*/", self._hold)

    def _hold(self, route: Route) -> None:
        if route.request.method != "POST":
            route.continue_()
            return
        self.asked += 1
        self.waiting.append(route)

    def one_is_asked(self) -> None:
        for _ in range(500):
            if self.waiting:
                return
            self.page.wait_for_timeout(10)
        pytest.fail("Nothing was asked of the order's page.")

    def let_one_come(self) -> None:
        self.one_is_asked()
        self.waiting.pop(0).continue_()


@pytest.fixture
def taking(back_office: Callable[..., Page], register: Register) -> tuple[Page, SlowAnswers]:
    """The page of an order for three of the only article, on a slow line."""
    page = back_office()
    page.goto(f"/order-desk/{an_order(register.store).pk}/")
    page.wait_for_load_state("networkidle")
    return page, SlowAnswers(page)


@pytest.mark.parametrize("is_slow_hand", [False, True])
def test_a_quantity_and_the_release_in_the_same_breath(
    taking: tuple[Page, SlowAnswers], is_slow_hand: bool
) -> None:
    page, line = taking
    page.get_by_label("Quantity of").fill("7")
    page.get_by_role("button", name="Release to the store").hover()
    page.mouse.down()  # the quantity is sent; its answer comes before the key is let go, or after
    if is_slow_hand:
        version = page.locator("[name=version]").input_value()
        line.let_one_come()
        expect(page.locator("[name=version]")).not_to_have_value(version)
        page.mouse.up()
    else:
        page.mouse.up()
        line.let_one_come()
    line.let_one_come()
    expect(page.get_by_text("Released to the store").first).to_be_visible()
    order = Order.objects.get()
    assert (order.state, order.lines.get().quantity) == ("released", 7)


def test_what_is_typed_while_an_answer_is_on_its_way_stays(taking: tuple[Page, SlowAnswers]) -> None:
    page, line = taking
    page.get_by_label("Quantity of").fill("4")
    page.get_by_label("Note for the store").click()
    line.one_is_asked()
    page.keyboard.type("Ring ")
    line.let_one_come()
    expect(page.get_by_label("Totals")).to_contain_text("10.62")
    page.keyboard.type("first")
    expect(page.get_by_label("Note for the store")).to_have_value("Ring first")
    page.keyboard.press("Tab")
    line.let_one_come()
    page.unroute("**/order-desk/*/")
    expect(page.locator("[name=version]")).to_have_value("4")
    assert Order.objects.get().note == "Ring first"


def test_scans_follow_each_other_faster_than_the_answers(taking: tuple[Page, SlowAnswers]) -> None:
    page, line = taking
    number = Product.objects.get().number
    page.get_by_label("Add an article").click()
    for _ in range(3):
        page.keyboard.type(number)
        page.keyboard.press("Enter")
    for _ in range(3):
        line.let_one_come()
    expect(page.get_by_label("Quantity of")).to_have_value("6")


def test_a_key_pressed_twice_acts_once_and_nothing_follows_a_refusal(
    taking: tuple[Page, SlowAnswers],
) -> None:
    page, line = taking
    page.get_by_label("Quantity of").fill("many")
    page.get_by_role("button", name="Release to the store").click()
    line.let_one_come()
    expect(page.get_by_text("That is no quantity")).to_be_visible()
    assert Order.objects.get().state == "open"
    page.get_by_role("button", name="Release to the store").dblclick()
    line.let_one_come()
    expect(page.get_by_text("Released to the store").first).to_be_visible()
    expect(page.locator(".od-problem")).to_have_count(0)
    assert line.asked == 2


def test_no_answer_is_said(taking: tuple[Page, SlowAnswers]) -> None:
    page, line = taking
    page.get_by_label("Add an article").fill("12")
    page.keyboard.press("Enter")
    line.one_is_asked()
    line.waiting.pop().abort()
    expect(page.get_by_role("alert")).to_contain_text("Headquarters gave no answer")
    expect(page.get_by_label("Add an article")).to_have_value("12")
