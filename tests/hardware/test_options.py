"""The options of a device: what headquarters refuses, and what a station makes of nonsense that it was sent."""

import pytest

from hardware.agent.devices import build_driver
from hardware.agent.drivers.base import DeviceRefused
from hardware.agent.options import FOR_EVERY_DEVICE, OPTIONS, fault_of
from hardware.agent.protocol import Device

ADDRESSES = {"escpos": "10.0.0.7:9100", "page": "ipp://10.0.0.7/ipp", "zvt": "10.0.0.7:20007"}
NONSENSE = (-1, 0, 10**9, 1.5, "x", "", None, True, [], {"a": 1})
EACH = [(driver, name) for driver, options in OPTIONS.items() for name in options]


@pytest.mark.parametrize(("driver", "name"), EACH)
def test_what_an_option_cannot_be_is_told_with_what_to_enter(driver: str, name: str) -> None:
    for value in ([], {"a": 1}, None):
        fault = fault_of(driver, name, value)
        assert fault.startswith(f"{name}: enter ") and fault.endswith(f", not {value}.")


@pytest.mark.parametrize(("driver", "name"), [each for each in EACH if each[0] != "drawer"])
def test_a_station_refuses_a_device_of_nonsense_as_headquarters_would(driver: str, name: str) -> None:
    """What is stored already reaches stations, too: no value of an option ends one."""
    where = ADDRESSES.get(driver, "/dev/ttyS0")
    for value in NONSENSE:
        device = Device(id="d", kind="printer", driver=driver, address=where, settings={name: value})
        fault = fault_of(driver, name, value) if value not in (None, "") else ""
        try:
            build_driver(device, [])
        except DeviceRefused as refusal:
            assert str(refusal) == fault if fault else str(refusal)
        else:
            assert not fault


@pytest.mark.parametrize(
    ("driver", "name", "value"),
    [
        ("escpos_network", "columns", 32),
        ("escpos_network", "tables", "19=cp858, 16=cp1252"),
        ("page_ipp", "paper", "A4"),
        ("scale_cas", "kind", 6),
        ("scale_dialog06", "checksums", "1A2B,3c4d"),
        ("zvt_network", "password", "000000"),
        ("scanner_serial", "title", "At the desk"),
    ],
)
def test_what_an_option_may_be(driver: str, name: str, value: object) -> None:
    assert fault_of(driver, name, value) == ""
    assert fault_of(driver, next(iter(FOR_EVERY_DEVICE)), True) == ""
