"""A sale in plain HTML: real forms and links, before or without any script."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import expect

from pos.models import RetailTransaction
from tests.browser.conftest import PIN, Till


def test_a_sale_without_script(make_till: Callable[..., Till]) -> None:
    till = make_till(java_script_enabled=False)
    page = till.page
    till.activate()
    page.get_by_role("radio", name="Mo Patel").check()
    page.get_by_label("PIN").fill(PIN)
    page.get_by_role("button", name="Sign on").click()
    page.get_by_label("Float").fill("50")
    page.get_by_role("button", name="Open shift").click()

    page.get_by_label("Code", exact=True).fill("5010000000000")
    page.get_by_label("Quantity", exact=True).fill("2")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(till.lines).to_have_count(1)
    page.get_by_role("button", name="Jam making set").click()
    expect(till.lines).to_have_count(2)
    page.get_by_label("Code", exact=True).fill("nonsense")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator("#strip")).to_contain_text("nonsense")
    page.get_by_role("link", name="Dismiss").click()
    page.get_by_role("link", name=re.compile("2 × White hanging heart")).click()
    page.get_by_role("button", name="Void line").click()
    expect(till.lines.first).to_contain_text("Voided")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".totals__amount")).to_have_text("£7.35")
    page.get_by_role("link", name="Quantity").click()
    page.locator("#sheet").get_by_label("Quantity").fill("3")
    page.get_by_role("button", name="Set quantity").click()
    expect(page.locator(".totals__amount")).to_have_text("£10.25")
    page.get_by_role("tab", name="Functions").click()
    expect(page.get_by_role("tab", name="Functions")).to_have_attribute("aria-selected", "true")
    page.get_by_role("link", name="Pay").click()
    page.locator("#panel").get_by_label(re.compile("^Amount")).fill("5")
    page.locator("#panel").get_by_role("button", name="Card").click()
    expect(page.locator("#panel")).to_contain_text("Still to pay")
    page.locator("#panel").get_by_role("button", name="£10", exact=True).click()
    expect(page.locator("#panel")).to_contain_text("Sale complete")
    expect(page.locator("#panel .money--due")).to_have_text("£4.75")
    sale = RetailTransaction.objects.get(kind="sale")
    page.reload()  # sends the last form again: the same request, the same answer
    assert RetailTransaction.objects.filter(kind="sale").get() == sale
    page.get_by_role("link", name="Show", exact=True).click()
    expect(page.locator(".paper")).to_contain_text(sale.receipt_number)
