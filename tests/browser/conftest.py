"""A till in a real Chromium, on a real server: HTTP and websockets, PostgreSQL and Valkey."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from catalog.models import Barcode
from channels_app.roles import applying_package
from hq.models import Button, ButtonGrid, ReasonCode
from tests.scenarios.chromium import NoChromium, launch_options
from tests.scenarios.live import live_server
from tests.scenarios.store import PIN, Shop, a_shop, new_data_version

# The browser's driver runs an event loop in this thread, where Django would otherwise refuse the database.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

# What a refusal and a lost answer look like in the console: the browser's words and htmx's.
EXPECTED_ERRORS = ("Failed to load resource", "htmx:", "Response Status Error", "WebSocket connection")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test of this folder is a browser test, and may take its time."""
    for item in items:
        if "tests/browser" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.django_db(transaction=True))


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The machine's Chromium, also as root; without one every browser test fails and says what to do."""
    try:
        return {**browser_type_launch_args, **launch_options()}
    except NoChromium as error:
        pytest.fail(str(error), pytrace=False)


@pytest.fixture
def shop(transactional_db: None, scale_unit: Any) -> Shop:
    """A store with two registers, tiles and reasons; no shift is open."""
    shop = a_shop(registers=2, with_shift=False)
    with applying_package():
        grid = ButtonGrid.objects.create(layout=shop.store.screen_layout, name="Favourites")
        more = ButtonGrid.objects.create(layout=shop.store.screen_layout, name="Functions", position=1)
        for position, (number, hue) in enumerate(
            [("85123A", 20), ("22961", 200), ("MILK", None), ("BANANA", 110)]
        ):
            Button.objects.create(
                grid=grid, position=position, operation=100, product=shop.products[number], hue=hue
            )
        Button.objects.create(grid=more, operation=420)
        Button.objects.create(grid=more, operation=503, position=1)
        ReasonCode.objects.create(code="MATCH", use=ReasonCode.Use.PRICE_OVERRIDE, text="Price match")
        ReasonCode.objects.create(code="BROKEN", use=ReasonCode.Use.RETURN, text="Broken")
        for number in range(20):
            Barcode.objects.create(code=f"20000000{number:04d}", product=shop.products["22961"])
    new_data_version()
    return shop


@pytest.fixture
def address(shop: Shop) -> Iterator[str]:
    """Where the till's server listens."""
    with live_server() as place:
        yield f"http://{place}"


@dataclass
class Till:
    """A page of the till and what a cashier does with it."""

    page: Page
    address: str
    shop: Shop

    def ready(self) -> None:
        """Wait until every behaviour is mounted."""
        self.page.wait_for_selector("html[data-ready]", state="attached")

    def activate(self, register: int = 0) -> None:
        """Become a register, on a manager's word."""
        number = self.shop.store.registers.order_by("number")[register].number
        self.page.goto(f"{self.address}/activate/?manager")
        self.page.get_by_label("Register number").fill(number)
        self.page.get_by_label("Manager's staff ID").fill(self.shop.manager.staff_id)
        self.page.get_by_label("PIN").fill(PIN)
        self.page.get_by_role("button", name="Activate").click()
        self.page.wait_for_url("**/sign-on/")

    def sign_on(self, name: str = "Mo Patel") -> None:
        """Choose a name and enter the PIN on the pad."""
        self.ready()
        self.page.get_by_role("radio", name=name).check()
        for digit in PIN:
            self.page.get_by_role("button", name=digit, exact=True).click()
        self.page.get_by_role("button", name="Sign on").click()

    def open_shift(self, amount: str = "100") -> None:
        """Open a shift and come to the sell screen."""
        self.page.wait_for_url("**/shift/open/")
        self.page.get_by_label("Float").fill(amount)
        self.page.get_by_role("button", name="Open shift").click()
        self.page.wait_for_url(f"{self.address}/")
        self.ready()

    def start(self, name: str = "Mo Patel") -> None:
        """From nothing to the first sale."""
        self.activate()
        self.sign_on(name)
        self.open_shift()

    def scan(self, code: str) -> None:
        """What a scanner does that types like a keyboard."""
        self.page.keyboard.type(code)
        self.page.keyboard.press("Enter")

    @property
    def lines(self) -> Any:
        return self.page.locator("#lines > .line:not(.line--pending)")

    @property
    def total(self) -> str:
        return self.page.locator(".totals__amount").inner_text()


@pytest.fixture
def make_till(browser: Browser, address: str, shop: Shop) -> Iterator[Callable[..., Till]]:
    """Open a till in a browser of its own; what goes wrong in its console fails the test."""
    contexts: list[BrowserContext] = []
    wrong: list[str] = []

    def make(**options: Any) -> Till:
        options.setdefault("viewport", {"width": 1366, "height": 768})
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda message: wrong.append(message.text) if _is_wrong(message) else None)
        return Till(page, address, shop)

    yield make
    for context in contexts:
        context.close()
    assert not wrong, wrong


@pytest.fixture
def till(make_till: Callable[..., Till]) -> Till:
    """A till that nobody has activated yet."""
    return make_till()


@pytest.fixture
def selling(till: Till) -> Till:
    """A till at its sell screen, with a manager signed on."""
    till.start()
    return till


def _is_wrong(message: Any) -> bool:
    return message.type == "error" and not message.text.startswith(EXPECTED_ERRORS)
