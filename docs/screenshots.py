"""Make the pictures of the till from a running demo company: python docs/screenshots.py [address] [register].

The register is activated on the manager's word with the demo's own ID and PIN, a shift is opened where none is, and
what is sold is voided again. Pictures go to docs/images/.
"""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.scenarios.chromium import launch_options

IMAGES = Path(__file__).parent / "images"
MANAGER, PIN = "1003", "3333"
CODES = ("20725", "22386", "22423")
SCREENS = {"": (1366, 768), "-small": (1024, 768), "-phone": (390, 844)}


def main(address: str = "http://localhost:8001", register: str = "101") -> None:
    """Take every picture."""
    IMAGES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_options())
        state = _sign_on(browser, address, register)
        _sell(browser, address, state)
        browser.close()


def _sign_on(browser: Browser, address: str, register: str) -> dict:
    context = browser.new_context(viewport={"width": 1366, "height": 768})
    page = context.new_page()
    page.goto(f"{address}/activate/?manager")
    page.get_by_label("Register number").fill(register)
    page.get_by_label("Manager's staff ID").fill(MANAGER)
    page.get_by_label("PIN").fill(PIN)
    page.get_by_role("button", name="Activate").click()
    page.wait_for_url("**/sign-on/")
    _picture(page, "sign-on")
    page.locator(f"[name=staff_id][value='{MANAGER}']").check()
    page.get_by_label("PIN").fill(PIN)
    page.get_by_role("button", name="Sign on").click()
    page.wait_for_url(lambda url: "sign-on" not in url)
    if "/shift/open/" in page.url:
        _picture(page, "open-shift")
        page.get_by_label("Float").fill("100")
        page.get_by_role("button", name="Open shift").click()
        page.wait_for_url(f"{address}/")
    return context.storage_state()


def _sell(browser: Browser, address: str, state: dict) -> None:
    page = _open(browser, address, state, "light", SCREENS[""])
    page.wait_for_selector("html[data-ready]", state="attached")
    for count, code in enumerate(CODES, 1):
        page.keyboard.type(code)
        page.keyboard.press("Enter")
        page.locator("#lines > .line:not(.line--pending)").nth(count - 1).wait_for()
    for theme in ("light", "dark"):
        for name, screen in SCREENS.items():
            shown = _open(browser, address, state, theme, screen)
            _picture(shown, f"sell{name}-{theme}")
            shown.goto(f"{address}/pay/")
            _picture(shown, f"pay{name}-{theme}")
            shown.context.close()
    page.goto(f"{address}/cart/do/void_sale/")
    page.locator("#sheet input[name=reason]").first.check()
    page.get_by_role("button", name="Void sale").click()
    page.get_by_text("Scan the first item").wait_for()


def _open(browser: Browser, address: str, state: dict, theme: str, screen: tuple[int, int]) -> Page:
    width, height = screen
    context = browser.new_context(
        storage_state=state,
        color_scheme=theme,
        viewport={"width": width, "height": height},
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.goto(f"{address}/")
    return page


def _picture(page: Page, name: str) -> None:
    page.wait_for_selector("html[data-ready]", state="attached")
    page.screenshot(path=IMAGES / f"{name}.png")


if __name__ == "__main__":
    main(*sys.argv[1:3])
