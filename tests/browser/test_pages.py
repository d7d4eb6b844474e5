"""Every page in both themes and on three screens: no accessibility violation, nothing that jumps, nothing cut off."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from pos.models import RetailTransaction
from tests.browser.conftest import Till

SCREENS = {"small": (1024, 768), "phone": (390, 844)}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_page_violates_accessibility(make_till: Callable[..., Till], theme: str) -> None:
    till = make_till(color_scheme=theme, reduced_motion="reduce")
    found: list[str] = []

    def look(name: str) -> None:
        _check_width(till.page, name)
        found.extend(f"{name}: {problem}" for problem in _problems(till.page))

    _walk(till, look)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("screen", SCREENS)
def test_every_page_fits_a_smaller_screen(make_till: Callable[..., Till], screen: str) -> None:
    width, height = SCREENS[screen]
    till = make_till(viewport={"width": width, "height": height}, reduced_motion="reduce")
    found: list[str] = []

    def look(name: str) -> None:
        _check_width(till.page, name)
        if name in {"sign-on", "cart", "pay"}:
            found.extend(f"{name}: {problem}" for problem in _problems(till.page))

    _walk(till, look)
    assert not found, "\n".join(found)


def _walk(till: Till, look: Callable[[str], None]) -> None:
    """Come by every page of the till, and look at each."""
    page = till.page
    page.goto(till.address)
    look("activation")
    till.activate()
    till.ready()
    look("sign-on")
    till.sign_on()
    page.wait_for_url("**/shift/open/")
    look("open shift")
    till.open_shift()
    look("empty cart")
    for code in ("5010000000000", "22961", "5000128104517"):
        till.scan(code)
    expect(till.lines).to_have_count(3)
    look("cart")
    till.scan("9999999999999")
    expect(page.locator("#strip")).to_contain_text("Unknown code")
    look("unknown code")
    page.keyboard.press("Escape")
    for name, address in _panels(till):
        page.goto(f"{till.address}{address}")
        till.ready()
        look(name)
    page.goto(till.address)
    till.ready()
    page.locator(".line__why").first.click()
    expect(page.locator("dialog[open]")).to_be_visible()
    look("price sheet")
    page.keyboard.press("Escape")
    page.locator(".key--exact").click()
    expect(page.locator("#panel")).to_contain_text("Sale complete")
    look("change")
    page.goto(f"{till.address}/journal/{RetailTransaction.objects.get(kind='sale').pk}/")
    till.ready()
    look("receipt")
    for name, address in (
        ("close", "/shift/close/"),
        ("cash", "/shift/cash/"),
        ("x report", "/shift/x-report/"),
    ):
        page.goto(f"{till.address}{address}")
        till.ready()
        look(name)


def test_nothing_jumps_while_selling(make_till: Callable[..., Till]) -> None:
    till = make_till()
    till.page.add_init_script(
        "window.shifts = []; new PerformanceObserver(list => { for (const entry of list.getEntries())"
        " if (!entry.hadRecentInput) window.shifts.push(entry.value) }).observe({type: 'layout-shift', buffered: true})"
    )
    till.start()
    before = till.page.evaluate("window.shifts.length")
    for code in ("5010000000000", "22961", "5000128104517", "9999999999999"):
        till.scan(code)
    expect(till.page.locator("#strip")).to_contain_text("Unknown code")
    till.page.wait_for_timeout(300)
    assert sum(till.page.evaluate("window.shifts")[before:]) < 0.01


@pytest.mark.parametrize("screen", SCREENS)
def test_a_full_head_pushes_no_amount_off_the_screen(make_till: Callable[..., Till], screen: str) -> None:
    width, height = SCREENS[screen]
    till = make_till(viewport={"width": width, "height": height})
    till.start()
    till.scan("22961")
    expect(till.lines).to_have_count(1)
    over = till.page.evaluate(
        """() => {
            const coupon = '<a class="cart__customer"><span class="cart__words">SUMMERSALE</span></a>'
            document.querySelector(".cart__head").insertAdjacentHTML("beforeend", coupon.repeat(12))
            const cart = document.querySelector(".cart__body").getBoundingClientRect().right
            const amounts = document.querySelectorAll(".line__amount, .totals .money")
            return [...amounts].map(one => one.getBoundingClientRect().right - cart).filter(over => over > 0)
        }"""
    )
    assert over == []


def test_a_line_of_three_rows_touches_no_border_on_a_phone(make_till: Callable[..., Till]) -> None:
    till = make_till(viewport={"width": 390, "height": 844})
    till.start()
    till.scan("5010000000000")
    expect(till.lines).to_have_count(1)
    offer = '<span class="line__offer"><span class="line__offer-name">Summer sale for all</span>−£0.30</span>'
    above, below = till.lines.first.evaluate(
        """(line, offer) => {
            line.querySelector(".line__name").textContent += " in a box of three with a ribbon"
            line.querySelector(".line__detail").insertAdjacentHTML("beforeend", offer.repeat(2))
            const [row, name, detail] = [line, ...line.querySelectorAll(".line__name, .line__detail")].map(
                one => one.getBoundingClientRect())
            return [name.top - row.top, row.bottom - detail.bottom]
        }""",
        offer,
    )
    assert min(above, below) >= 4, (above, below)


def test_a_sale_by_keyboard_alone(selling: Till) -> None:
    page = selling.page
    for code in ("5010000000000", "22961", "5000128104517"):
        selling.scan(code)
    expect(selling.lines).to_have_count(3)
    page.keyboard.press("ArrowUp")
    expect(selling.lines.nth(1)).to_have_attribute("aria-current", "true")
    page.keyboard.press("4")
    expect(page.locator("[data-figure]")).to_have_text("4")
    page.keyboard.press("F2")
    expect(selling.lines.nth(1).locator(".line__quantity")).to_contain_text("4")
    page.keyboard.type("?")
    expect(page.get_by_role("heading", name="Keyboard")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("F9")
    expect(page.locator("#panel")).to_contain_text("Sale complete")


def test_c_clears_the_number_and_asks_before_it_voids_a_line(selling: Till) -> None:
    page = selling.page
    selling.scan("5010000000000")
    expect(selling.lines).to_have_count(1)
    page.get_by_role("button", name="7", exact=True).click()
    page.get_by_role("button", name="Clear").click()
    expect(page.locator("[data-figure]")).to_have_text("")
    page.get_by_role("button", name="Clear").click()
    expect(page.locator("#message")).to_contain_text("Press C again")
    page.get_by_role("button", name="Clear").click()
    expect(selling.lines.first).to_contain_text("Voided")


def test_a_till_without_a_keyboard(make_till: Callable[..., Till]) -> None:
    till = make_till()
    page = till.page
    till.activate()
    till.ready()
    page.get_by_label("PIN").fill("1")
    page.get_by_role("button", name="Sign on").click()
    expect(page.get_by_role("alert")).to_have_text("Choose your name first.")
    expect(page.get_by_label("PIN")).to_have_value("1")
    page.get_by_role("button", name="Clear").click()
    till.sign_on()
    till.open_shift()
    till.scan("22961")
    till.scan("9999999999999")
    expect(page.locator("#strip")).to_contain_text("Unknown code")
    expect(page.locator("#message")).to_be_empty()
    page.get_by_role("link", name="Dismiss").click()
    page.goto(f"{till.address}/cart/do/set_quantity/?line=1")  # floats, as one that was asked for does
    sheet = page.get_by_role("dialog", name="Quantity")
    expect(sheet).to_contain_text("Jam making set")
    for figure in ("1", "3", "Delete the last figure", "2"):
        sheet.get_by_role("button", name=figure, exact=True).click()
    sheet.get_by_role("button", name="Set quantity").click()
    expect(till.lines.first.locator(".line__quantity")).to_contain_text("12")


def test_left_handed_and_another_hue(make_till: Callable[..., Till]) -> None:
    from channels_app.roles import applying_package
    from hq.models import VisualProfile
    from tests.scenarios.store import new_data_version

    till = make_till()
    with applying_package():
        VisualProfile.objects.update(left_handed=True, accent_hue=300, theme="dark")
    new_data_version()
    till.start()
    page = till.page
    cart, keys = page.locator("#cart").bounding_box(), page.locator(".keys").bounding_box()
    assert cart["x"] > keys["x"]
    assert (
        page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--hue')").strip() == "300"
    )
    assert not _problems(page)


def test_a_page_that_waits_goes_on_by_itself(make_till: Callable[..., Till]) -> None:
    from channels_app.models import DataVersion

    till = make_till()
    till.activate()
    kept = DataVersion.objects.get()
    DataVersion.objects.all().delete()
    till.page.goto(till.address)
    expect(till.page.get_by_role("heading", name="Waiting for headquarters")).to_be_visible()
    expect(till.page.get_by_role("status")).to_contain_text("9999")
    assert not _problems(till.page)
    kept.save(force_insert=True)
    till.page.wait_for_url("**/sign-on/")


def _panels(till: Till) -> list[tuple[str, str]]:
    return [
        ("pay", "/pay/"), ("search", "/search/?q=heart"), ("nothing found", "/search/?q=zzzzzz"), ("hold", "/on-hold/"),
        ("orders", "/orders/"),
        ("journal", "/journal/"), ("return", "/return/"), ("more", "/more/"), ("status", "/status/"),
        ("price form", "/cart/do/price_override/?line=1"), ("quantity form", "/cart/do/set_quantity/?line=1"),
        ("customer", "/customers/?q=ada"), ("new customer", "/cart/do/add_customer/?asked=ada"),
        ("void form", "/cart/do/void_sale/"),
    ]  # fmt: skip


def _check_width(page: Page, name: str) -> None:
    wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wider <= 0, f"{name} is {wider} px wider than the screen"


def _problems(page: Page) -> list[str]:
    results = Axe().run(page)
    return [
        f"{violation['id']}: {node['html'][:160]} {node['any'][0]['message'][:160] if node['any'] else ''}"
        for violation in results.response["violations"]
        for node in violation["nodes"][:3]
    ]
