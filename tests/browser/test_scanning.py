"""Scans: in order, none lost, none twice, whatever has the focus and whatever the network does."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from uuid import uuid4

import pytest
from playwright.sync_api import Page, Route, expect

from catalog.models import Barcode, Product
from channels_app.roles import applying_package
from hq.station_events import StationEvent, dispatch
from pos.models import AnsweredRequest
from tests.browser.conftest import Till
from tests.scenarios.store import new_data_version

CODES = [f"20000000{number:04d}" for number in range(20)]


def test_twenty_scans_in_two_seconds_are_twenty_lines_in_order(selling: Till) -> None:
    started = time.monotonic()
    for number, code in enumerate(CODES):
        selling.scan(code)
        time.sleep(max(0.0, started + 0.1 * (number + 1) - time.monotonic()))
    expect(selling.lines).to_have_count(20)
    _in_order(selling)
    assert AnsweredRequest.objects.count() == 21  # the shift's and one per scan
    assert selling.total == "£29.00"


def test_a_burst_without_a_pause_loses_nothing(selling: Till) -> None:
    for code in CODES:
        selling.scan(code)
    expect(selling.lines).to_have_count(20)
    _in_order(selling)


@pytest.mark.parametrize("field", ["#search", ".keypad .key >> nth=0", ".tile >> nth=0"])
def test_a_scan_works_whatever_has_the_focus(selling: Till, field: str) -> None:
    page = selling.page
    page.locator(field).focus()
    selling.scan(CODES[0])
    selling.scan(CODES[1])
    expect(selling.lines).to_have_count(2)
    assert page.locator("#search").input_value() == ""
    expect(page.locator("[data-figure]")).to_have_text("")


def test_what_a_person_types_stays_where_it_was_typed(selling: Till) -> None:
    page = selling.page
    page.locator("#search").focus()
    page.keyboard.type("heart", delay=90)
    expect(page.locator("#panel")).to_contain_text("White hanging heart")
    assert page.locator("#search").input_value() == "heart"
    page.keyboard.press("Escape")
    page.keyboard.type("22961", delay=130)
    expect(page.locator("[data-figure]")).to_have_text("22961")
    page.keyboard.press("Enter")
    expect(selling.lines).to_have_count(1)


def test_a_number_keyed_right_after_the_search_was_left_is_on_the_keypad(selling: Till) -> None:
    page = selling.page
    page.locator("#search").focus()
    page.keyboard.type("he", delay=60)
    page.keyboard.press("Escape")
    page.keyboard.type("22961", delay=100)
    expect(page.locator("[data-figure]")).to_have_text("22961")
    assert page.locator("#search").input_value() == ""


def test_no_sign_is_lost_while_the_page_is_busy(selling: Till) -> None:
    """The timer that gives a sign to the keypad comes later than the next key."""
    selling.page.evaluate(
        """() => {
          const options = { bubbles: true, cancelable: true };
          const press = (key) => document.body.dispatchEvent(new KeyboardEvent("keydown", { key, ...options }));
          const wait = (until) => { while (performance.now() < until); };
          press("2");
          wait(performance.now() + 300);
          press("7");
          press("Backspace");
          press("9");
        }"""
    )
    expect(selling.page.locator("[data-figure]")).to_have_text("29")


def test_a_scanner_that_hesitates_after_its_first_sign_is_still_one(selling: Till) -> None:
    selling.page.evaluate(
        """async ([first, ...rest]) => {
          const options = { bubbles: true, cancelable: true };
          const press = (key) => document.body.dispatchEvent(new KeyboardEvent("keydown", { key, ...options }));
          const figure = document.querySelector("[data-figure]");
          press(first);
          while (figure.textContent !== first) await new Promise(requestAnimationFrame);
          for (const key of [...rest, "Enter"]) press(key);
        }""",
        CODES[3],
    )
    expect(selling.lines).to_have_count(1)
    expect(selling.page.locator("[data-figure]")).to_have_text("")


@pytest.mark.parametrize("signs", [2, 7])
def test_a_scanner_that_stalls_within_a_code_is_still_one(selling: Till, signs: int) -> None:
    """As a radio link does that sends again: the rest alone would be another code."""
    selling.page.evaluate(
        """async ([head, rest]) => {
          const options = { bubbles: true, cancelable: true };
          const press = (key) => document.body.dispatchEvent(new KeyboardEvent("keydown", { key, ...options }));
          for (const key of head) press(key);
          await new Promise((done) => setTimeout(done, 500));
          for (const key of [...rest, "Enter"]) press(key);
        }""",
        [CODES[3][:signs], CODES[3][signs:]],
    )
    expect(selling.lines).to_have_count(1)
    expect(selling.page.locator("[data-figure]")).to_have_text("")
    expect(selling.page.locator("#strip")).to_be_empty()


def test_a_fast_hand_is_no_scanner(selling: Till) -> None:
    """Two fingers may be as quick as a scanner for once: what they type stays typed."""
    page = selling.page
    page.locator("#search").focus()
    page.keyboard.type("he")
    page.keyboard.type("art", delay=130)
    page.keyboard.press("Enter")
    expect(page.locator("#panel")).to_contain_text("White hanging heart")
    assert page.locator("#search").input_value() == "heart"
    expect(page.locator("#strip")).to_be_empty()
    page.keyboard.press("Escape")
    page.keyboard.type("22")
    page.keyboard.type("961", delay=130)
    page.wait_for_timeout(300)
    expect(page.locator("[data-figure]")).to_have_text("22961")
    page.keyboard.press("Backspace")
    page.keyboard.type("1")
    page.keyboard.press("Enter")
    expect(selling.lines).to_have_count(1)


def test_what_is_scanned_while_the_page_loads_is_sold_and_a_torn_scan_is_asked_for_again(
    selling: Till,
) -> None:
    page = selling.page
    release = _reload_without_behaviours(page)
    selling.scan(CODES[0])
    _until(page, "earlyKeys.length > 10")
    release()
    expect(selling.lines).to_have_count(1)

    release = _reload_without_behaviours(page)
    page.evaluate(
        "code => { for (const key of [...code, 'Enter']) earlyKeys.push({ key, timeStamp: 20 }); }", "22961"
    )
    release()
    expect(page.locator("#message")).to_contain_text("Scan it again")
    expect(selling.lines).to_have_count(1)


def _reload_without_behaviours(page: Page) -> Callable[[], None]:
    held: list[Route] = []
    page.route("**/js/app*.js", lambda route: held.append(route))
    page.reload(wait_until="commit")
    _until(page, "'earlyKeys' in window")

    def release() -> None:
        for route in held:
            route.continue_()
        page.unroute("**/js/app*.js")

    return release


def _until(page: Page, condition: str) -> None:
    while not page.evaluate(condition):
        page.wait_for_timeout(20)


def test_a_long_code_can_be_keyed_in(selling: Till) -> None:
    page = selling.page
    for digit in "5010000000000":
        page.locator(f"[data-press='{digit}']").click()
    page.locator("[data-press='enter']").click()
    expect(selling.lines).to_have_count(1)


def test_an_arrow_right_after_the_answer_chooses_from_the_new_line(selling: Till) -> None:
    """No moment after the answer in which a key still acts on the line that was chosen before it."""
    page = selling.page
    page.evaluate(
        """() => document.addEventListener("htmx:afterRequest", (event) => {
          if (event.detail.elt.id !== "scan" || document.querySelectorAll("#lines > .line").length < 3) return;
          queueMicrotask(() => window.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowUp" })));
        })"""
    )
    for code in CODES[:3]:
        selling.scan(code)
    expect(selling.lines).to_have_count(3)
    expect(selling.lines.nth(1)).to_have_attribute("aria-current", "true")
    page.wait_for_timeout(100)
    expect(selling.lines.nth(1)).to_have_attribute("aria-current", "true")


def test_a_scan_never_changes_a_number_nor_takes_one(selling: Till) -> None:
    page = selling.page
    page.locator("[data-press='7']").click()
    selling.scan(CODES[0])
    expect(selling.lines).to_have_count(1)
    expect(selling.lines.first.locator(".line__quantity")).to_have_text(re.compile(r"^1"))


def test_an_unknown_code_stops_the_scanning_until_it_is_dismissed(selling: Till) -> None:
    page = selling.page
    selling.scan("9999999999999")
    strip = page.locator("#strip")
    expect(strip).to_contain_text("Unknown code")
    expect(page.locator("html")).to_have_attribute("data-sound", "refused")
    selling.scan(CODES[0])
    selling.scan(CODES[1])
    expect(strip).to_contain_text("2 scans are waiting")
    expect(selling.lines).to_have_count(0)
    page.get_by_role("link", name="Dismiss").click()
    expect(selling.lines).to_have_count(2)
    expect(strip).to_be_empty()


@pytest.mark.parametrize(
    "track",
    [
        "%B4111111111111111^WILLIAMS/VANESSA^29122011234567890?",
        ";4111111111111111=29122011234567890?",
        ";411111111111",
        "%E?;E?+E?",
    ],
    ids=["first", "second", "torn", "unread"],
)
def test_a_card_that_a_reader_types_is_neither_shown_nor_sent(selling: Till, track: str) -> None:
    page, sent = selling.page, []
    page.on("request", lambda request: sent.append(f"{request.url} {request.post_data}"))
    page.locator("#search").focus()
    selling.scan(track)
    expect(page.locator("#message")).to_contain_text("Payment cards go into the terminal")
    selling.scan(CODES[0])
    expect(selling.lines).to_have_count(1)
    assert "41111111" not in page.content() + " ".join(sent)


def test_scans_in_one_go_stop_at_the_unknown_one(selling: Till) -> None:
    for code in [CODES[0], CODES[1], "9999999999999", CODES[2]]:
        selling.scan(code)
    expect(page_strip := selling.page.locator("#strip")).to_contain_text("9999999999999")
    expect(selling.lines).to_have_count(2)
    expect(page_strip).to_contain_text("1 scan is waiting")
    selling.page.keyboard.press("Escape")
    expect(selling.lines).to_have_count(3)


def test_an_item_that_must_be_weighed_asks_and_scans_wait_meanwhile(selling: Till) -> None:
    page = selling.page
    selling.scan("BANANA")
    expect(page.get_by_label("Weight in kg")).to_be_focused()
    page.get_by_label("Weight in kg").fill("0,432")
    page.get_by_role("button", name="Add to the sale").click()
    expect(selling.lines.first).to_contain_text("£0.52")
    expect(page.locator("dialog[open]")).to_have_count(0)
    selling.scan(CODES[0])
    expect(selling.lines).to_have_count(2)


def test_an_answer_that_is_lost_adds_nothing_twice(selling: Till) -> None:
    lost: list[str] = []

    def lose(route: Route) -> None:
        if len(lost) < 2:
            lost.append(route.request.post_data or "")
            route.fetch()  # the server did it
            route.abort()  # and nobody heard
        else:
            route.continue_()

    selling.page.route("**/cart/lines/", lose)
    for code in CODES[:3]:
        selling.scan(code)
    expect(selling.lines).to_have_count(3)
    _in_order(selling, 3)
    assert len(lost) == 2
    assert AnsweredRequest.objects.count() == 4


def test_a_tap_on_a_slow_line_shows_a_placeholder(selling: Till) -> None:
    selling.page.route("**/cart/lines/", lambda route: (time.sleep(0.4), route.continue_()))
    selling.scan(CODES[0])
    expect(selling.page.locator(".line--pending")).to_have_count(1)
    expect(selling.lines).to_have_count(1)
    expect(selling.page.locator(".line--pending")).to_have_count(0)


def test_a_double_tap_pays_once(selling: Till) -> None:
    page = selling.page
    selling.scan(CODES[0])
    expect(selling.lines).to_have_count(1)
    page.get_by_role("link", name="Pay").click()
    page.locator("[data-press='1']").click()
    page.locator("#panel").get_by_role("button", name="Card").dblclick()
    expect(page.locator("#panel")).to_contain_text("Still to pay")
    page.wait_for_timeout(300)
    expect(page.locator("#panel .row--tender")).to_have_count(1)


def test_tapping_a_tile_twice_sells_two(selling: Till) -> None:
    selling.page.locator(".tile").first.dblclick()
    expect(selling.lines).to_have_count(2)


def test_a_lost_answer_to_a_payment_is_asked_for_again_with_the_same_id(selling: Till) -> None:
    page = selling.page
    selling.scan(CODES[0])
    expect(selling.lines).to_have_count(1)
    ids: list[str] = []

    def lose(route: Route) -> None:
        ids.append(re.search(r"request_id=([^&]+)", route.request.post_data or "")[1])
        if len(ids) == 1:
            route.fetch()
            route.abort()
        else:
            route.continue_()

    page.route("**/cart/do/pay/", lose)
    page.get_by_role("button", name=re.compile("Exact cash")).click()
    expect(page.locator("#message")).to_contain_text("Tap again")
    page.get_by_role("button", name=re.compile("Exact cash")).click()
    expect(page.locator("#panel")).to_contain_text("Sale complete")
    assert ids[0] == ids[1]


def test_a_scan_at_the_station_appears_by_itself(selling: Till) -> None:
    page = selling.page
    expect(page.locator("#pill")).to_have_attribute("data-state", "online")
    selling.scan(CODES[0])
    expect(selling.lines).to_have_count(1)
    _station_scan(selling, "5010000000000")
    expect(selling.lines).to_have_count(2)
    expect(page.locator(".totals__amount")).to_have_text("£4.40")
    _station_scan(selling, "nothing")
    expect(page.locator("#strip")).to_contain_text("nothing")
    page.get_by_role("link", name="Dismiss").click()
    selling.scan(CODES[1])
    expect(selling.lines).to_have_count(3)
    _in_order(selling, 3)


def test_two_pages_of_one_register_find_together(selling: Till) -> None:
    other = selling.page.context.new_page()
    other.goto(selling.address)
    other.wait_for_selector("html[data-ready]", state="attached")
    selling.scan(CODES[0])
    expect(selling.lines).to_have_count(1)
    other.keyboard.type(CODES[1])
    other.keyboard.press("Enter")
    expect(other.locator("#lines > .line:not(.line--pending)")).to_have_count(2)
    selling.scan(CODES[2])
    expect(selling.lines).to_have_count(3)
    selling.page.get_by_role("button", name="Exact cash").click()
    selling.page.get_by_text("Sale complete").wait_for()
    other.get_by_role("button", name="Exact cash").click()
    expect(other.locator("#message")).to_have_text("The cart is empty. Scan something first.")
    expect(other.locator("#lines > .line")).to_have_count(0)


def _station_scan(till: Till, code: str) -> None:
    dispatch(
        StationEvent(
            id=uuid4(),
            kind="scan",
            register_id=till.shop.register.pk,
            station_id=0,
            device="scanner",
            data={"code": code},
        )
    )


def _in_order(till: Till, count: int = 20) -> None:
    ids = till.lines.evaluate_all("lines => lines.map(line => Number(line.dataset.line))")
    assert ids == sorted(ids) and len(set(ids)) == count


def test_a_label_with_fields_of_any_length_keeps_its_separators(selling: Till) -> None:
    """A scanner that types sends the separator of a GS1 label as Ctrl and ]."""
    with applying_package():
        bananas = Product.objects.get(number="BANANA")
        Barcode.objects.create(code="90501234567893", product=bananas)
    new_data_version()
    keys = selling.page.keyboard
    keys.type("]d2019050123456789310AB1")
    keys.press("Control+]")
    selling.scan("3103000432")
    expect(selling.lines).to_have_count(1)
    expect(selling.lines.first).to_contain_text("0.432")
