"""Bad input is refused with the field's name and the remedy, and nothing is written."""

from typing import Any

import pytest
from django.test import Client

from catalog.models import Barcode, Category, Product
from hardware.agent.devices import build_driver
from hardware.services.profiles import station_profile
from hq import audit
from hq.models import HardwareDevice, HardwareProfile, Register, Store, Worker
from pricing.models import TaxCode, TaxRate, TradeAgreement
from tests.factories.company import (
    PIN,
    a_currency,
    a_price,
    a_product,
    a_register,
    a_station,
    a_store,
    a_tax_code,
    a_worker,
)


def _formset(prefix: str, rows: list[dict[str, Any]] | None = None, initial: int = 0) -> dict[str, Any]:
    rows = rows or []
    data = {f"{prefix}-TOTAL_FORMS": len(rows), f"{prefix}-INITIAL_FORMS": initial}
    return data | {
        f"{prefix}-{index}-{name}": value for index, row in enumerate(rows) for name, value in row.items()
    }


def _store_form(store: Store, **changes: Any) -> dict[str, Any]:
    fields = ("name", "number", "country", "address", "phone", "time_zone", "tax_number")
    keys = (
        "legal_entity",
        "currency",
        "sales_tax_group",
        "screen_layout",
        "functionality_profile",
        "receipt_profile",
        "visual_profile",
    )
    data = {name: getattr(store, name) for name in fields} | {
        key: getattr(store, f"{key}_id") for key in keys
    }
    for prefix in ("registers", "payment_methods", "workers", "placement", "assortments", "price_groups"):
        data |= _formset(prefix)
    return data | changes


def test_a_store_without_a_layout_says_what_it_would_mean(back_office: Client) -> None:
    store = a_store()
    page = back_office.post("/hq/store/add/", _store_form(store, number="777", screen_layout=""))
    assert "Choose a screen layout: without one the tills of this store have no buttons." in page.text
    assert Store.objects.count() == 1


def test_an_address_that_nobody_touched_is_no_change(back_office: Client) -> None:
    store = a_store()
    store.address = "1 High Street\nLondon"
    store.save()
    as_browsers_send_it = _store_form(store, name="Renamed", address="1 High Street\r\nLondon")
    assert back_office.post(f"/hq/store/{store.pk}/change/", as_browsers_send_it).status_code == 302
    changed = {change.field for change in audit.entries(models=[Store])[0].changes}
    assert "Name" in changed and "Address" not in changed


def test_a_store_in_no_country_and_no_time_zone_is_refused(back_office: Client) -> None:
    data = _store_form(a_store(), number="777", country="England", time_zone="Mars/Base")
    page = back_office.post("/hq/store/add/", data).text
    assert "Shorten it to 2 characters: it has 7." in page and "Mars/Base is not one of the available" in page
    assert (
        "Use the two letters of ISO 3166"
        in back_office.post(
            "/hq/store/add/",
            _store_form(Store.objects.get(), number="777", country="1x"),
        ).text
    )


def test_a_taken_number_names_who_has_it(back_office: Client) -> None:
    store = a_store()
    first, second = a_register(store, number="0101"), a_register(store, number="0102")
    data = {"store": store.pk, "name": "Till 2", "number": "0101", "is_active": "on"}
    page = back_office.post(f"/hq/register/{second.pk}/change/", data)
    assert f"Number 0101 is taken by register “{first}”. Choose another." in page.text
    assert Register.objects.get(pk=second.pk).number == "0102"


def test_rates_of_one_tax_may_not_overlap(back_office: Client) -> None:
    code = TaxCode.objects.create(code="VAT", name="VAT")
    empty = _formset("sales_tax_groups") | _formset("item_tax_groups")
    rates = [{"percent": "20", "ends_on": "2026-07-01"}, {"percent": "19", "starts_on": "2026-06-01"}]
    data = (
        {"name": "VAT", "code": "VAT", "country": "", "kind": "percent", "sequence": "0"}
        | {"method": "whole", "marginal_base": "net_line"}
        | _formset("rates", rates)
        | empty
    )
    page = back_office.post(f"/pricing/taxcode/{code.pk}/change/", data)
    assert "20 % holds since ever until 1 Jul 2026" in page.text
    assert not TaxRate.objects.exists()
    rates[1]["starts_on"] = "2026-07-01"
    back_office.post(f"/pricing/taxcode/{code.pk}/change/", data | _formset("rates", rates))
    assert TaxRate.objects.count() == 2


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {
                "starts_at_0": "2026-06-02",
                "starts_at_1": "00:00",
                "ends_at_0": "2026-06-01",
                "ends_at_1": "00:00",
            },
            "The end must be after the start, 2 Jun 2026, 00:00.",
        ),
        ({"amount": "-1"}, "The price of -1 is below 0. Enter at least 0."),
        ({"amount": "a penny"}, "Enter a number."),
        ({"product": ""}, "Choose a product."),
    ],
)
def test_a_price_that_cannot_be_is_refused(changes: dict[str, str], words: str, back_office: Client) -> None:
    product = a_product()
    data = {
        "product": product.pk,
        "currency": a_currency().pk,
        "unit": "pcs",
        "quantity_from": "0",
        "amount": "1.50",
    }
    assert words in back_office.post("/pricing/tradeagreement/add/", data | changes).text
    assert not TradeAgreement.objects.exists()


@pytest.mark.parametrize(
    ("pin", "words"),
    [("12a4", "4 to 8 digits"), ("123", "4 to 8 digits"), ("5555", "too easy"), ("4321", "too easy")],
)
def test_a_pin_that_is_none_or_easy_to_guess_is_refused(pin: str, words: str, back_office: Client) -> None:
    worker = a_worker()
    data = {
        "name": "Ann",
        "name_on_receipt": "Ann",
        "staff_id": worker.staff_id,
        "new_pin": pin,
        "is_active": "on",
    }
    page = back_office.post(f"/hq/worker/{worker.pk}/change/", data | _formset("stores"))
    assert words in page.text
    assert Worker.objects.get().check_pin(PIN)


def test_a_pin_is_kept_as_a_hash_and_never_shown(back_office: Client) -> None:
    worker = a_worker()
    data = {
        "name": "Ann",
        "name_on_receipt": "Ann",
        "staff_id": worker.staff_id,
        "new_pin": "8305",
        "is_active": "on",
    }
    back_office.post(f"/hq/worker/{worker.pk}/change/", data | _formset("stores"))
    worker.refresh_from_db()
    assert worker.check_pin("8305") and "8305" not in worker.pin
    page = back_office.get(f"/hq/worker/{worker.pk}/change/").text
    assert "8305" not in page and worker.pin not in page
    assert (
        not hasattr(worker.history.first(), "pin")
        and worker.history.first().history_change_reason == "PIN set"
    )


def test_a_worker_without_a_pin_is_not_taken_in(back_office: Client) -> None:
    data = {"name": "Ann", "name_on_receipt": "Ann", "staff_id": "4242", "is_active": "on"} | _formset(
        "stores"
    )
    assert "Enter a PIN" in back_office.post("/hq/worker/add/", data).text
    assert not Worker.objects.exists()


def _product_form(product: Product, barcodes: list[dict[str, Any]]) -> dict[str, Any]:
    data = {
        "name": product.name,
        "number": product.number,
        "kind": "item",
        "unit": "pcs",
        "price_entry": "none",
        "item_tax_group": product.item_tax_group_id,
        "attributes": "",
    }
    formsets = _formset("variants") | _formset("units") | _formset("prices")
    return data | formsets | _formset("barcodes", barcodes)


@pytest.mark.parametrize(
    ("codes", "words"),
    [
        (["5000159407237"], "wrong check digit"),
        (["5000159407236", " 5000159407236 "], "stands here twice"),
        (["4006381333931"], "stands for “Pencil” (P1) already"),
        (["04006381333931"], "stands for “Pencil” (P1) already"),
    ],
)
def test_a_barcode_that_misleads_the_till_is_refused(
    codes: list[str], words: str, back_office: Client
) -> None:
    Barcode.objects.create(product=a_product(name="Pencil", number="P1"), code="4006381333931")
    product = a_product()
    form = _product_form(product, [{"code": code, "quantity": "1"} for code in codes])
    assert words in back_office.post(f"/catalog/product/{product.pk}/change/", form).text
    assert not product.barcodes.exists()


def test_what_is_weighed_needs_a_unit_with_decimals(back_office: Client) -> None:
    product = a_product()
    page = back_office.post(
        f"/catalog/product/{product.pk}/change/",
        _product_form(product, []) | {"is_weighed": "on"},
    )
    assert "Piece has no decimals, so it cannot be weighed. Choose a unit such as kg." in page.text


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("attributes", "Acme", "Line 1, “Acme”: write a name and its value, such as Brand: Acme."),
        ("attributes", "Brand: A\n\nBrand: B", "Line 3: Brand is there twice. Leave one of them."),
        ("number", "p1", "P1 is the number of Pencil already."),
    ],
)
def test_what_would_mislead_the_till_about_a_product_is_refused(
    field: str, value: str, words: str, back_office: Client
) -> None:
    a_product(name="Pencil", number="P1")
    product = a_product()
    page = back_office.post(
        f"/catalog/product/{product.pk}/change/", _product_form(product, []) | {field: value}
    )
    assert words in page.text


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("", {}),
        (" \r\n", {}),
        ("Brand: Acme\r\nNet content : 500 g\r\n", {"Brand": "Acme", "Net content": "500 g"}),
        ("Page: http://a.example", {"Page": "http://a.example"}),
    ],
)
def test_attributes_are_written_line_by_line(written: str, kept: dict[str, str], back_office: Client) -> None:
    product = a_product(attributes={"Brand": "Acme", "Pieces": 3})
    path = f"/catalog/product/{product.pk}/change/"
    assert "Brand: Acme\nPieces: 3" in back_office.get(path).text
    form = _product_form(product, []) | {"attributes": written}
    assert back_office.post(path, form).status_code == 302
    product.refresh_from_db()
    assert product.attributes == kept


@pytest.mark.parametrize("number", ["💥", "-1", "1/2", "1 2"])
def test_a_number_that_stands_on_receipts_is_letters_and_figures(number: str, back_office: Client) -> None:
    register = a_register()
    page = back_office.post(f"/hq/register/{register.pk}/change/", {"number": number})
    assert "Use letters and figures" in page.text
    page = back_office.post(
        f"/hq/register/{register.pk}/duplicate/",
        {"number": number, "name": "Two", "store": register.store_id},
    )
    assert "Use letters and figures" in page.text


def test_a_category_does_not_stand_below_itself(back_office: Client) -> None:
    top = Category.objects.create(code="food", name="Food")
    below = Category.objects.create(code="fruit", name="Fruit", parent=top)
    data = {"name": "Food", "code": "food", "position": "0", "parent": below.pk}
    assert "lies below this category" in back_office.post(f"/catalog/category/{top.pk}/change/", data).text


def test_what_is_in_use_is_not_deleted_but_explained(back_office: Client) -> None:
    register = a_register()
    page = back_office.post(f"/hq/store/{register.store_id}/delete/", {"post": "yes"})
    assert Store.objects.exists() and str(register) in page.text
    a_tax_code(register.store, a_product())


def test_saving_without_a_change_leaves_no_trace(back_office: Client) -> None:
    price = a_price(a_product())
    traces = price.history.count()
    data = {
        "product": price.product_id,
        "currency": "GBP",
        "unit": "pcs",
        "quantity_from": "0",
        "amount": "2.95",
        "on_store_clock": "on",
    }
    back_office.post(f"/pricing/tradeagreement/{price.pk}/change/", data)
    assert price.history.count() == traces
    back_office.post(f"/pricing/tradeagreement/{price.pk}/change/", data | {"amount": "3.10"})
    assert price.history.count() == traces + 1


def test_what_is_wrong_with_a_field_is_said_as_what_to_do(back_office: Client) -> None:
    product = a_product()
    form = _product_form(product, []) | {"unit": "", "name": "x" * 300}
    page = back_office.post(f"/catalog/product/{product.pk}/change/", form).text
    assert "Choose a unit." in page and "it has 300." in page
    assert "Enter a staff ID." in back_office.post("/hq/worker/add/", {}).text
    page = back_office.post("/hq/permissiongroup/add/", {"max_line_discount_percent": "1.2345"}).text
    assert "Enter fewer decimals: 2 at most." in page


PRINTER = {"name": "printer", "kind": "printer", "driver": "escpos_network", "address": "10.0.0.7:9100"}


@pytest.mark.parametrize(
    ("device", "words"),
    [
        ({"driver": "escpos_netwrk"}, "escpos_netwrk is not one of the available choices"),
        ({"driver": "zvt_network"}, "This drives no receipt printer: choose escpos_network or escpos_serial"),
        ({"address": ""}, "Say where it is, such as 10.0.0.7:9100"),
        ({"address": "10.0.0.7,9100"}, "The address tcp://10.0.0.7,9100 has no valid host and port."),
        ({"address": "http://10.0.0.7"}, "has no valid host and port."),
        ({"driver": "page_ipp", "address": "10.0.0.8,631/ipp"}, "ipp://10.0.0.8,631/ipp has no valid host and port."),
        ({"address": "10.0.0.7:99999"}, "has no valid host and port."),
        ({"address": "/dev/ttyS0"}, "The address tcp:///dev/ttyS0 names no host."),
        ({"driver": "escpos_serial", "address": "/dev/ttyS0?baud=fast"}, "baud is a number such as 9600, not fast."),
        ({"driver": "escpos_serial", "address": "/dev/ttyS0?parity=Q"}, "are not possible: Not a valid parity:"),
        ({"driver": "escpos_usb", "address": "printer"}, "printer is no USB number of the form 04b8:0e15."),
        ({"options": "[7]"}, "Write options as names with values"),
        ({"options": '{"colums": 32}'}, "escpos_network knows no option colums. Known are answers, columns, cut,"),
        ({"options": '{"columns": [32]}'}, "columns: enter a whole number from 16 to 132, not [32]."),
        ({"kind": "drawer", "driver": "drawer_printer", "options": '{"conector": 2}'},
         "drawer_printer knows no option conector. Known are connector, each_register, register, title."),
        ({"kind": "scale", "driver": "scale_8217", "options": '{"unit": "kg"}'}, "scale_8217 knows no option unit."),
        ({"options": r'{"title": "Till\u0000"}'}, "There is a NUL in it, which cannot be stored."),
        ({"options": '{"columns": "wide"}'}, "columns: enter a whole number from 16 to 132, not wide."),
        ({"options": '{"pulse_on": 600}'}, "pulse_on: enter a whole number from 1 to 255, not 600."),
        ({"options": '{"tables": "19=cp999"}'}, "19=cp999 is no code table"),
        ({"kind": "terminal", "driver": "zvt_network", "options": '{"currency": "XXX"}'}, "XXX is not known"),
        ({"options": '{"answers": "no"}'}, "answers: enter true or false, not no."),
        ({"kind": "terminal", "driver": "zvt_network", "options": '{"password": "secret"}'}, "its six digits"),
        ({"kind": "scale", "driver": "scale_dialog06", "options": '{"checksums": 7}'}, "two checksums such as"),
        ({"kind": "display", "driver": "display_serial", "options": '{"width": -1}'}, "a whole number from 8 to 80"),
        ({"kind": "drawer", "driver": "drawer_printer", "address": "printer:till"}, "No printer of this profile"),
    ],
)  # fmt: skip
def test_a_device_that_no_station_could_drive_is_refused(
    back_office: Client, device: dict[str, str], words: str
) -> None:
    rows = [PRINTER, PRINTER | {"name": "second"} | device]
    page = back_office.post("/hq/hardwareprofile/add/", {"name": "Counter"} | _formset("devices", rows))
    assert words in page.text.replace("&quot;", '"')
    assert not HardwareDevice.objects.exists()


def test_an_option_of_before_stays_and_breaks_no_station(back_office: Client) -> None:
    profile = HardwareProfile.objects.create(name="Counter")
    device = HardwareDevice.objects.create(profile=profile, **PRINTER, options={"colums": 32, "cut": True})
    station = a_station(a_store(), hardware_profile=profile)
    (told,) = station_profile(station).devices
    assert build_driver(told, ("10.0.0.0/8",)).settings.columns == 42
    path = f"/hq/hardwareprofile/{profile.pk}/change/"
    row = PRINTER | {"id": device.pk, "profile": profile.pk, "options": '{"colums": 32, "cut": false}'}
    forms = _formset("devices", [row], initial=1)
    assert back_office.post(path, {"name": "Counter"} | forms).status_code == 302
    device.refresh_from_db()
    assert device.options == {"colums": 32, "cut": False}
    row["options"] = '{"colums": 33, "cut": false}'
    page = back_office.post(path, {"name": "Counter"} | _formset("devices", [row], initial=1))
    assert "knows no option colums" in page.text


def test_devices_that_a_station_can_drive_are_taken(back_office: Client) -> None:
    drawers = [
        {"name": name, "kind": "drawer", "driver": "drawer_printer", "address": address, "options": options}
        for name, address, options in (
            ("drawer", "", ""),
            ("drawer-2", "printer:printer", '{"connector": 2}'),
        )
    ]
    scale = {"name": "scale", "kind": "scale", "driver": "scale_8217", "address": "lab", "options": ""}
    pages = {"name": "pages", "kind": "printer", "driver": "page_ipp", "address": "lab", "options": ""}
    rows = [PRINTER, *drawers, scale, pages]
    back_office.post("/hq/hardwareprofile/add/", {"name": "Counter"} | _formset("devices", rows))
    assert set(HardwareDevice.objects.values_list("name", flat=True)) == {
        "printer",
        "drawer",
        "drawer-2",
        "scale",
        "pages",
    }


@pytest.mark.parametrize(
    ("quantity", "words"), [("1000000000", "Enter 100000 or less."), ("0", "Enter 1 or more.")]
)
def test_the_largest_quantity_of_a_line_is_one_that_a_till_can_price(
    back_office: Client, quantity: str, words: str
) -> None:
    profile = a_store().functionality_profile
    data = {
        "name": profile.name, "max_quantity": quantity, "max_pin_attempts": 5, "lockout_minutes": 10,
        "sign_off_after_minutes": 0, "print_receipt": "ask", "suspend_hours": 24,
    }  # fmt: skip
    page = back_office.post(f"/hq/functionalityprofile/{profile.pk}/change/", data)
    assert words in page.text
    profile.refresh_from_db()
    assert profile.max_quantity == 9999


@pytest.mark.parametrize("sent", ["abc", "1.5", "\0", "99999999999999999999", "999999"])
@pytest.mark.parametrize(
    ("page", "field"),
    [
        ("/pricing/tradeagreement/add/", "product"),
        ("/hq/legalentity/add/", "currency"),
        ("/hq/user/{user}/change/", "groups"),
    ],
)
def test_what_is_looked_for_and_is_not_there_is_refused(
    page: str, field: str, sent: str, back_office: Client
) -> None:
    """Also where it can be no row's key, and where an address fills it in: both were errors of the server."""
    page = page.format(user=back_office.session["_auth_user_id"])
    refused = back_office.post(page, {field: sent})
    assert refused.status_code == 200 and refused.context["adminform"].form.errors[field]
    assert back_office.get(page, {field: sent}).status_code == 200
