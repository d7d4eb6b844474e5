"""Barcodes: check digits, one form for worldwide numbers, UPC-E, in-store codes, GS1 element strings."""

from datetime import date
from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.barcodes import (
    REGIONS,
    BarcodeError,
    Layout,
    check_digit,
    decode,
    gtin_14,
    has_valid_check_digit,
    layout_from_pattern,
    lookup_key,
    lookup_keys,
    price_check_digit,
    quantity_from_price,
    upc_a_to_e,
    upc_e,
    upc_e_to_a,
    validate,
)
from catalog.gs1 import IDENTIFIERS, is_element_string, parse

digits = st.text("0123456789", min_size=1, max_size=17)


# GS1 and its national organisations
@pytest.mark.parametrize(
    "code",
    [
        "6291041500213",
        "7300011000017",
        "40987650000223",
        "036000291452",
        "96385074",
        "376104250021234569",
        "614141000036",
    ],
)
def test_known_numbers_are_valid(code: str) -> None:
    assert has_valid_check_digit(code)
    assert check_digit(code[:-1]) == code[-1]


@given(digits, st.data())
def test_one_wrong_digit_is_always_seen(data: str, draw: st.DataObject) -> None:
    code = data + check_digit(data)
    place = draw.draw(st.integers(0, len(code) - 1))
    wrong = draw.draw(st.sampled_from([d for d in "0123456789" if d != code[place]]))
    assert has_valid_check_digit(code)
    assert not has_valid_check_digit(code[:place] + wrong + code[place + 1 :])


@given(digits)
def test_leading_zeros_do_not_change_the_check_digit(data: str) -> None:
    assert check_digit("000" + data) == check_digit(data)


@pytest.mark.parametrize("data", ["12a", "", "١٢٣", "1 2"])
def test_only_digits_have_a_check_digit(data: str) -> None:
    with pytest.raises(BarcodeError) as refused:
        check_digit(data)
    assert refused.value.error == "digits"


@pytest.mark.parametrize(
    ("code", "kind", "error", "expected"),
    [
        ("96385073", "GTIN-8", "check_digit", "4"),
        ("9638507", "GTIN-8", "length", None),
        ("5901234123458", "GTIN-13", "check_digit", "7"),
        ("59012341234", "GTIN", "length", None),
        ("04252613", "UPC-E", "check_digit", "4"),
        ("24252614", "UPC-E", "number_system", None),
        ("5425261", "UPC-E without check digit", "number_system", None),
        ("123", "UPC", "length", None),
        ("04252614", "UPC-A", "length", None),
        ("A12345678905", "UPC-A", "digits", None),
    ],
)
def test_what_is_wrong_with_a_code(code: str, kind: str, error: str, expected: str | None) -> None:
    with pytest.raises(BarcodeError) as refused:
        validate(code, kind)
    assert (refused.value.error, refused.value.expected) == (error, expected)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("96385074", "EAN-8"),
        ("036000291452", "UPC"),
        ("425261", "UPC"),
        ("04252614", "UPC-E"),
        ("1425261", "UPC"),
    ],
)
def test_good_codes_pass(code: str, kind: str) -> None:
    validate(code, kind)


@pytest.mark.parametrize(
    ("code", "key"),
    [
        ("036000291452", "00036000291452"),
        ("0036000291452", "00036000291452"),
        ("00036000291452", "00036000291452"),
        ("36000291452", "00036000291452"),
        ("96385074", "00000096385074"),
        (" 5901234 123457 ", "05901234123457"),
        ("036000291453", "036000291453"),
        ("ab-12 c", "AB-12C"),
        ("12345", "12345"),
    ],
)
def test_one_key_however_it_is_written(code: str, key: str) -> None:
    assert lookup_key(code) == key


@given(st.sampled_from([8, 12, 13, 14]), st.text("0123456789", min_size=13, max_size=13))
def test_a_gtin_is_found_with_and_without_its_leading_zeros(length: int, data: str) -> None:
    payload = data[: length - 1]
    code = payload + check_digit(payload)
    key = lookup_key(code)
    assert key == gtin_14(code)
    for zeros in range(15 - length):
        assert lookup_key("0" * zeros + code) == key
    assert key in lookup_keys(code.lstrip("0") or "0") or not code.strip("0")


def test_eight_digits_may_be_two_things() -> None:
    assert lookup_keys("]E004252614") == ("04252614", "00042100005264")
    assert lookup_keys("96385074") == ("00000096385074",)
    assert lookup_keys("12348") == ("12348", "00000000012348")
    assert lookup_keys("ab1") == ("AB1",)


# --- UPC-E ---------


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("04252614", "042100005264"),
        ("01234505", "012000003455"),
        ("01234531", "012300000451"),
        ("01234543", "012340000053"),
        ("01234558", "012345000058"),
        ("14252611", "142100005261"),
    ],
)
def test_upc_e_and_upc_a(short: str, long: str) -> None:
    assert upc_e_to_a(short) == long
    assert upc_a_to_e(long) == short
    validate(short, "UPC-E")


@given(st.sampled_from("01"), st.text("0123456789", min_size=6, max_size=6))
def test_every_upc_e_has_one_upc_a(system: str, body: str) -> None:
    upc_a = upc_e_to_a(system + body)
    validate(upc_a, "UPC-A")
    short = upc_a_to_e(upc_a)
    assert short is not None
    assert upc_e_to_a(short) == upc_a
    assert upc_e(system + body)[-1] == upc_a[-1]


def test_without_its_zeros_there_is_no_short_form() -> None:
    assert upc_a_to_e("123456789012") is None
    assert upc_a_to_e("614141000036") is None
    assert upc_e("425261") == "04252614"


def test_a_upc_e_with_a_wrong_check_digit_is_refused() -> None:
    with pytest.raises(BarcodeError) as refused:
        upc_e("04252613")
    assert refused.value.expected == "4"


# --- in-store codes: examples of national GS1 organisations, as jodal/biip records them ---------


@pytest.mark.parametrize(
    ("region", "code", "kind", "value"),
    [
        ("Denmark", "2135040039753", "price", "39.75"),
        ("Denmark", "2435040039754", "price", "39.75"),
        ("Denmark", "2712341002251", "weight", "0.225"),
        ("Denmark", "2911111111111", None, None),
        ("Estonia", "2411111112342", "weight", "12.34"),
        ("Finland", "2588060112348", "weight", "123.4"),
        ("Germany", "2211114002394", "price", "2.39"),
        ("Germany", "02211114002394", "price", "2.39"),
        ("Germany", "2511119000129", "count", "12"),
        ("Germany", "2930711068700", "weight", "6.870"),
        ("Great Britain", "2011122912346", "price", "12.34"),
        ("Latvia", "2311111112345", "weight", "1.234"),
        ("Lithuania", "2511111112349", "weight", "123.4"),
        ("Norway", "2302148210869", "weight", "1.086"),
        ("Norway", "5901234123457", None, None),
        ("Sweden", "2088060112343", "price", "12.34"),
        ("Sweden", "2188060112340", "price", "123.4"),
        ("Sweden", "2288060112347", "price", "1234"),
        ("Sweden", "2588060112348", "weight", "123.4"),
    ],
)
def test_in_store_codes(region: str, code: str, kind: str | None, value: str | None) -> None:
    found = decode(code, REGIONS[region])
    assert (found and found.kind) == kind
    assert (found and found.value) == (value and D(value))


@pytest.mark.parametrize(
    ("region", "code", "base"),
    [
        ("Denmark", "2712341002251", "2712341000004"),
        ("Estonia", "2311111112345", "2311111100007"),
        ("Germany", "2811111068708", "2811110000006"),
        ("Great Britain", "2011122912346", "2011122000005"),
        ("Norway", "2302148210869", "2302148200006"),
        ("Sweden", "2088060112343", "2088060100005"),
    ],
)
def test_the_article_of_an_in_store_code(region: str, code: str, base: str) -> None:
    found = decode(code, REGIONS[region])
    assert found is not None
    assert found.base_code == base
    assert has_valid_check_digit(base)


@pytest.mark.parametrize(
    ("region", "code"), [("Germany", "2511118000120"), ("Great Britain", "2011122812349")]
)
def test_a_wrong_inner_check_digit_is_refused_unless_told_not_to_look(region: str, code: str) -> None:
    with pytest.raises(BarcodeError) as refused:
        decode(code, REGIONS[region])
    assert (refused.value.error, refused.value.expected) == ("value_check_digit", "9")
    assert decode(code, REGIONS[region], verify=False) is not None


def test_a_misread_in_store_code_is_refused() -> None:
    with pytest.raises(BarcodeError) as refused:
        decode("2302148210868", REGIONS["Norway"])
    assert refused.value.error == "check_digit"


def test_a_price_in_a_upc_a() -> None:
    layout = Layout(("02",), 5, 4, "price", 2, value_check_digit=True)
    payload = "2" + "12345" + price_check_digit("0599") + "0599"
    code = payload + check_digit(payload)
    assert len(code) == 12
    for written in (code, "0" + code, "00" + code):
        found = decode(written, [layout])
        assert found is not None
        assert (found.item, found.value) == ("12345", D("5.99"))


def test_a_shop_may_print_a_check_digit_before_six_digits() -> None:
    layout = Layout(("21",), 3, 6, "weight", 3, value_check_digit=True)
    payload = "21" + "123" + check_digit("001234") + "001234"
    found = decode(payload + check_digit(payload), [layout])
    assert found is not None
    assert found.value == D("1.234")


@given(st.sampled_from(sorted(REGIONS)), st.integers(0, 5), st.text("0123456789", min_size=11, max_size=11))
def test_what_a_scale_prints_is_read_back(region: str, which: int, data: str) -> None:
    layout = REGIONS[region][which % len(REGIONS[region])]
    prefix = layout.prefixes[which % len(layout.prefixes)]
    item, value = data[: layout.item_digits], data[-layout.value_digits :]
    inner = price_check_digit(value) if layout.value_check_digit else ""
    payload = prefix + item + inner + value
    found = decode(payload + check_digit(payload), REGIONS[region])
    assert found is not None
    assert (found.item, found.value) == (item, D(value).scaleb(-layout.decimals))


def test_layouts_drawn_as_patterns() -> None:
    layout = layout_from_pattern("21.....{NNDDD}", "weight")
    assert layout == Layout(("21",), 5, 5, "weight", 3)
    found = decode("2112345012344"[:12] + check_digit("211234501234"), [layout])
    assert found is not None
    assert (found.item, found.value) == ("12345", D("1.234"))
    for wrong in ("21.....", "{NN}", "21.....{}", "x1..{NN}"):
        with pytest.raises(ValueError, match="pattern"):
            layout_from_pattern(wrong, "weight")


def test_weight_from_a_price_on_the_label() -> None:
    assert quantity_from_price(D("5.99"), D("12.50")) == D("0.479")
    with pytest.raises(ValueError, match="unit price"):
        quantity_from_price(D("5.99"), D(0))


@pytest.mark.parametrize("value", ["123", "123456", "12a4", ""])
def test_a_price_check_digit_needs_four_or_five_digits(value: str) -> None:
    with pytest.raises(BarcodeError):
        price_check_digit(value)


# --- GS1 element strings ---------


def test_a_label_with_weight_price_and_date() -> None:
    found = parse("]C1" + "0109501101530003" + "17281200" + "3103001253" + "39221299\x1d" + "10AB/1")
    assert found.gtin == "09501101530003"
    assert found.weight == D("1.253")
    assert found.price == (D("12.99"), None)
    assert found.get("10") == "AB/1"
    assert found.best_before(date(2026, 7, 1)) == date(2028, 12, 31)
    assert [element.title for element in found.elements][:2] == ["GTIN", "USE BY"]


def test_the_same_in_brackets() -> None:
    joined = parse("]d2" + "0109501101530003" + "10AB\x1d" + "2112345")
    assert parse("(01)09501101530003(10)AB(21)12345") == joined
    assert parse("\x1d0109501101530003" + "10AB\x1d" + "2112345\x1d") == joined


def test_price_with_its_currency_and_weight_in_pounds() -> None:
    found = parse("(01)09501101530003(3201)000025(3932)9781299(30)6")
    assert found.price == (D("12.99"), "978")
    assert found.weight == D("1.134")
    assert found.count == 6
    assert parse("(01)09501101530003").weight is None


@pytest.mark.parametrize(
    ("scan", "error"),
    [
        ("(01)09501101530004", "check_digit"),
        ("(01)0950110153000", "format"),
        ("0109501101530003" + "3103001", "format"),
        ("(05)123", "identifier"),
        ("(17)281332", "date"),
        ("(17)280230", "date"),
        ("(10)A(10)B", "conflict"),
        ("(10)ä", "format"),
        ("(30)", "format"),
    ],
)
def test_what_is_wrong_with_an_element_string(scan: str, error: str) -> None:
    with pytest.raises(BarcodeError) as refused:
        parse(scan)
    assert refused.value.error == error


@pytest.mark.parametrize(
    ("year", "today", "read"),
    [("76", 2026, 2076), ("77", 2026, 1977), ("99", 2051, 2099), ("01", 2051, 2101)],
)
def test_the_century_is_the_nearest(year: str, today: int, read: int) -> None:
    found = parse(f"(17){year}0615").best_before(date(today, 1, 1))
    assert found == date(read, 6, 15)


def test_what_is_an_element_string() -> None:
    assert all(map(is_element_string, ["]C10109501101530003", "(01)09501101530003", "10AB\x1d21X"]))
    assert not any(map(is_element_string, ["5901234123457", "]E05901234123457", "AB(1)"]))


def test_identifiers_of_the_dictionary() -> None:
    assert len(IDENTIFIERS) > 150
    assert not IDENTIFIERS["3103"].needs_separator
    assert IDENTIFIERS["3922"].needs_separator
    assert IDENTIFIERS["99"].longest == 90
