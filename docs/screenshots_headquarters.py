"""Shoot the pages of headquarters, from the running program, into docs/images.

    make run                                            in one terminal
    .venv/bin/python docs/screenshots_headquarters.py                in another: all shots
    .venv/bin/python docs/screenshots_headquarters.py home stores    only those whose names begin so

Addresses follow PORT as in `make run`; HQ_USER and HQ_PASSWORD name who signs in, else the demo company's
administrator does. A page is one line of the list below.
"""

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.scenarios.chromium import launch_options

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "images"
PORT = int(os.environ.get("PORT", "8000"))
HEADQUARTERS = os.environ.get("HEADQUARTERS_URL", f"http://127.0.0.1:{PORT}")
DESKTOP, TABLET, PHONE = (1366, 768), (1024, 768), (390, 844)


@dataclass(frozen=True)
class Shot:
    """One picture: its file's name, the page, the screen, and what to do there before the shutter falls."""

    name: str
    path: str
    size: tuple[int, int] = DESKTOP
    theme: str = "light"
    signed_in: bool = True
    before: Callable[[Page], None] | None = None


def first_row(page: Page) -> None:
    """Open the first row of a list."""
    page.locator("#result_list tbody a").first.click()
    page.wait_for_load_state("networkidle")


def open_tab(name: str) -> Callable[[Page], None]:
    """Open the first row of a list, and there the tab of that name."""

    def step(page: Page) -> None:
        first_row(page)
        page.locator("#tabs-items").get_by_text(name, exact=True).click()

    return step


def make_pairing_code(page: Page) -> None:
    """Make a code for the first station; its key is good until the code is used."""
    first_row(page)
    page.get_by_role("link", name="Pairing code").first.click()
    page.get_by_role("button", name="Make the code").click()


HEADQUARTERS_SHOTS = [
    Shot("headquarters-sign-in", "/login/", signed_in=False),
    Shot("headquarters-home", "/"),
    Shot("headquarters-home-dark", "/", theme="dark"),
    Shot("headquarters-home-tablet", "/", size=TABLET),
    Shot("headquarters-home-phone", "/", size=PHONE),
    Shot("headquarters-stores", "/hq/store/"),
    Shot("headquarters-store-payment-methods", "/hq/store/", before=open_tab("Payment methods")),
    Shot("headquarters-register", "/hq/register/", before=first_row),
    Shot("headquarters-readiness", "/readiness/"),
    Shot("headquarters-products", "/catalog/product/"),
    Shot("headquarters-layout", "/hq/screenlayout/", before=first_row),
    Shot("headquarters-prices", "/pricing/tradeagreement/"),
    Shot("headquarters-order", "/order-desk/1/"),
    Shot(
        "headquarters-simulator",
        "/simulator/?code=85123A&quantity=3&code=22423&quantity=1&code=84879&quantity=4&drafts=on",
    ),
    Shot("headquarters-offer-calendar", "/offers/calendar/"),
    Shot("headquarters-offer-warnings", "/offers/warnings/"),
    Shot("headquarters-journal", "/pos/retailtransaction/"),
    Shot("headquarters-audit", "/audit/"),
    Shot("headquarters-distribution", "/distribution/"),
    Shot("headquarters-stations", "/hq/hardwarestation/"),
    Shot("headquarters-station", "/hq/hardwarestation/", before=first_row),
    Shot("headquarters-station-phone", "/hq/hardwarestation/", size=PHONE, theme="dark", before=first_row),
    Shot("headquarters-pairing-code", "/hq/hardwarestation/", before=make_pairing_code),
]


def sign_in_to_headquarters(context: BrowserContext) -> None:
    """Sign in as the demo company's administrator."""
    page = context.new_page()
    page.goto(f"{HEADQUARTERS}/login/")
    page.get_by_label("User name").fill(os.environ.get("HQ_USER", "admin"))
    page.get_by_label("Password").fill(os.environ.get("HQ_PASSWORD", "harbour-and-hale"))
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="What sells").wait_for()
    page.close()


def shoot(
    browser: Browser, address: str, shots: list[Shot], sign_in: Callable[[BrowserContext], None]
) -> None:
    """Take the pictures of one surface, each in a fresh window of its size and theme; sign in once."""
    signed_in = None
    for shot in shots:
        if shot.signed_in and signed_in is None:
            first = browser.new_context()
            sign_in(first)
            signed_in = first.storage_state()
            first.close()
        width, height = shot.size
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if shot.theme == "dark" else "light",
            reduced_motion="reduce",
            storage_state=signed_in if shot.signed_in else None,
        )
        page = context.new_page()
        page.goto(f"{address}{shot.path}")
        page.wait_for_load_state("networkidle")
        if shot.before:
            shot.before(page)
            page.wait_for_load_state("networkidle")
        page.evaluate("document.fonts.ready")
        page.screenshot(path=IMAGES / f"{shot.name}.png")
        context.close()
        print(f"docs/images/{shot.name}.png")


def main(wanted: list[str]) -> None:
    """Shoot everything, or what begins with one of the given words."""
    chosen = [
        shot for shot in HEADQUARTERS_SHOTS
        if not wanted or any(shot.name.removeprefix("headquarters-").startswith(word) for word in wanted)
    ]  # fmt: skip
    IMAGES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_options())
        shoot(browser, HEADQUARTERS, chosen, sign_in_to_headquarters)
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1:])
