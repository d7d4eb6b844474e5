"""The main job, from an empty browser to a closed shift."""

from __future__ import annotations

import re
from decimal import Decimal

from playwright.sync_api import expect

from channels_app.roles import applying_package
from customers.models import Customer
from pos.models import RetailTransaction, StoredCart
from shifts.models import Shift, TenderDeclaration
from tests.browser.conftest import Till


def test_a_day_from_activation_to_the_closed_shift(till: Till) -> None:
    page = till.page
    page.goto(till.address)
    expect(page.get_by_role("heading", name="Make this browser a register")).to_be_visible()
    till.start()
    expect(page.get_by_text("Scan the first item")).to_be_visible()

    # scan, tap, key in; the quantity of the next item; the chosen line; undo
    till.scan("5010000000000")
    expect(till.lines).to_have_count(1)
    page.get_by_role("button", name="Jam making set").click()
    expect(till.lines).to_have_count(2)
    page.get_by_role("button", name="3", exact=True).click()
    page.get_by_role("button", name=re.compile("^Times")).click()
    till.scan("5000128104517")
    expect(till.lines.nth(2)).to_contain_text("3")
    assert till.total == "£9.35"
    page.locator(".keys__line").get_by_text("Void line").click()
    expect(till.lines.nth(2)).to_contain_text("Voided")
    page.locator(".keys__line").get_by_text("Undo").click()
    expect(page.locator(".totals__amount")).to_have_text("£9.35")

    # a note that is suggested, and the change until the next scan
    page.get_by_role("link", name="Pay").click()
    page.locator("#panel").get_by_role("button", name="£10", exact=True).click()
    expect(page.locator("#panel .money--due")).to_have_text("£0.65")
    expect(page.locator("#panel")).to_contain_text("Sale complete")
    till.scan("5010000000000")
    expect(page.locator("#panel")).to_be_empty()
    expect(till.lines).to_have_count(1)

    # exact cash in one tap, then split between card and cash
    page.get_by_role("button", name=re.compile("Exact cash")).click()
    expect(page.locator("#panel")).to_contain_text("Paid exactly")
    till.scan("22961")
    expect(till.lines).to_have_count(1)
    page.get_by_role("link", name="Pay").click()
    page.get_by_role("button", name="1", exact=True).click()
    page.locator("#panel").get_by_role("button", name="Card").click()
    expect(page.locator("#panel")).to_contain_text("Still to pay")
    page.locator("#panel").get_by_role("button", name="Cash", exact=True).click()
    expect(page.locator("#panel")).to_contain_text("Sale complete")

    # count and close
    page.goto(f"{till.address}/shift/close/")
    till.ready()
    page.get_by_label("£50", exact=True).fill("2")
    page.get_by_label("£10", exact=True).fill("1")
    page.get_by_label("£2", exact=True).fill("1")
    expect(page.get_by_label("Cash, £")).to_have_value("112.00")
    page.get_by_role("button", name="Close shift").click()
    expect(page.get_by_text("is closed").first).to_be_visible()

    sales = RetailTransaction.objects.filter(kind="sale").order_by("sequence")
    assert [sale.total for sale in sales] == [Decimal("9.35"), Decimal("2.95"), Decimal("1.45")]
    assert Shift.objects.get().status == "closed"
    declared = TenderDeclaration.objects.get(method="cash")
    assert declared.expected == Decimal("112.75")
    assert declared.over_short == Decimal("-0.75")
    page.get_by_role("link", name="Done").click()
    expect(page).to_have_url(re.compile("/sign-on/$"))


def test_hold_and_recall(selling: Till) -> None:
    page = selling.page
    selling.scan("5010000000000")
    expect(selling.lines).to_have_count(1)
    page.get_by_role("link", name="Hold", exact=True).click()
    page.get_by_label("Name it, if you like").fill("Red coat")
    page.get_by_role("button", name="Hold this sale").click()
    expect(selling.lines).to_have_count(0)
    page.get_by_role("link", name="Hold", exact=True).click()
    expect(page.locator("#panel")).to_contain_text("Red coat")
    page.get_by_role("button", name="Recall").click()
    expect(selling.lines).to_have_count(1)
    expect(page.locator("#message")).to_contain_text("back in the cart")


def test_enter_takes_the_only_customer_that_is_found(selling: Till) -> None:
    page = selling.page
    with applying_package():
        for account, name in (("C7", "Vera Lamb"), ("C8", "Vera Lynn")):
            Customer.objects.create(account=account, name=name)
    selling.scan("22961")
    page.keyboard.press("F8")
    asked = page.get_by_label("Name, phone, e-mail, account or card")
    asked.fill("vera")
    expect(page.locator("#found-customers .row")).to_have_count(2)
    asked.press("Enter")  # whom of them?
    asked.fill("vera ly")
    asked.press("Enter")  # before anybody was found
    expect(page.locator("#panel")).to_be_empty()
    expect(page.locator("#cart")).to_contain_text("Vera Lynn")


def test_goods_come_back_on_their_receipt(selling: Till) -> None:
    page = selling.page
    selling.scan("5010000000000")
    page.get_by_role("button", name=re.compile("Exact cash")).click()
    expect(page.locator("#panel")).to_contain_text("Sale complete")
    number = RetailTransaction.objects.get(kind="sale").receipt_number
    page.get_by_role("link", name="Return", exact=True).click()
    page.get_by_label("Receipt number").focus()
    selling.scan(number)  # the barcode of the receipt goes where a receipt is asked for, not into the cart
    page.get_by_label("White hanging heart", exact=False).first.check()
    page.get_by_role("radio", name="Broken").check()
    page.get_by_role("button", name="Take back").click()
    expect(page.locator(".totals__amount")).to_have_text("−£2.95")
    page.get_by_role("button", name=re.compile("Exact cash")).click()
    expect(page.locator("#panel")).to_contain_text("Given back")


def test_a_station_s_pairing_link_in_a_browser_says_what_it_is_for(make_till) -> None:
    till = make_till()
    till.page.goto(f"{till.address}/#7K4P-W9QX")
    till.page.wait_for_url("**/activate/#7K4P-W9QX")
    note = till.page.locator("[data-behaviour=pairing-link]")
    expect(note).to_contain_text("pairs a hardware station, not a browser")
    expect(note.locator("code")).to_have_text(f"tillhouse-station --pair '{till.address}/#7K4P-W9QX'")
    till.page.goto(f"{till.address}/activate/?manager#elsewhere")
    till.ready()
    expect(note).to_be_hidden()
    till.activate()
    for is_signed_on in (False, True):  # a browser that is a till already says the same
        if is_signed_on:
            till.sign_on("Ann Byrne")
            till.open_shift()
        till.page.goto(f"{till.address}/?again={is_signed_on}#7K4P-W9QX")
        expect(note).to_contain_text("pairs a hardware station, not a browser")
        note.get_by_role("button", name="Close").click()
        expect(note).to_be_hidden()


def test_a_cashier_asks_a_manager(make_till) -> None:
    till = make_till()
    till.activate()
    till.sign_on("Ann Byrne")
    till.open_shift()
    page = till.page
    till.scan("5010000000000")
    expect(till.lines).to_have_count(1)
    page.locator(".keys__line").get_by_text("Price").click()
    page.get_by_label("New price of one").fill("2.00")
    page.get_by_role("radio", name="Price match").check()
    page.get_by_role("button", name="Change price").click()
    expect(page.get_by_role("heading", name="Ask a manager")).to_be_visible()
    page.get_by_label("Manager's staff ID").fill(till.shop.manager.staff_id)
    page.get_by_label("PIN", exact=True).fill("0000")
    page.get_by_role("button", name="Approve").click()
    expect(page.locator("#sheet")).to_contain_text("do not belong together")
    page.get_by_label("Manager's staff ID").fill(till.shop.manager.staff_id)
    page.get_by_label("PIN", exact=True).fill("4711")
    page.get_by_role("button", name="Approve").click()
    expect(page.locator(".totals__amount")).to_have_text("£2.00")
    expect(page.locator("dialog[open]")).to_have_count(0)
    assert StoredCart.objects.filter(version__gte=2).exists()
