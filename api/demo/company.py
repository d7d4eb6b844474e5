"""The demo company, in words and figures: who it is, where it sells, and how its tills behave.

Everything here is invented. Telephone numbers are from ranges that the regulators keep for fiction, tax
numbers are the well-known examples of their form.
"""

from __future__ import annotations

from dataclasses import dataclass

from api import usual
from api.usual import CASHIER, MANAGER, SHIFT_LEAD

NAME = "Harbour & Hale"


@dataclass(frozen=True)
class EntityPlan:
    code: str
    name: str
    country: str
    currency: str
    tax_number: str
    address: str


@dataclass(frozen=True)
class StorePlan:
    """A store, its legal entity, and which shelves and keys it has."""

    number: str
    name: str
    entity: str
    country: str
    currency: str
    time_zone: str
    address: str
    phone: str
    layout: str
    receipt_profile: str
    assortments: tuple[str, ...]
    price_group: str


@dataclass(frozen=True)
class WorkerPlan:
    staff_id: str
    name: str
    store: str
    role: str


ENTITIES = [
    EntityPlan(
        "HH-GB", "Harbour & Hale Ltd", "GB", "GBP", "GB 999 9999 73", "12 Harbour Street\nLondon SE1 7PB"
    ),
    EntityPlan(
        "HH-IE", "Harbour & Hale (Ireland) DAC", "IE", "EUR", "IE 1234567T", "8 Custom House Quay\nDublin 1"
    ),
]  # fmt: skip

EVERYTHING, GIFTS_ONLY = "Gifts and food hall", "Gifts"
GIFT_ASSORTMENT, FOOD_ASSORTMENT = "Gifts and home", "Food hall"

STORES = [
    StorePlan(
        "1", "Harbour Street", "HH-GB", "GB", "GBP", "Europe/London", "12 Harbour Street\nLondon SE1 7PB",
        "020 7946 0112", EVERYTHING, "United Kingdom", (GIFT_ASSORTMENT, FOOD_ASSORTMENT), "RETAIL-GB",
    ),
    StorePlan(
        "2", "Leeds Arcade", "HH-GB", "GB", "GBP", "Europe/London", "4 County Arcade\nLeeds LS1 6BN",
        "0113 496 0204", GIFTS_ONLY, "United Kingdom", (GIFT_ASSORTMENT,), "RETAIL-GB",
    ),
    StorePlan(
        "3", "Dublin Quay", "HH-IE", "IE", "EUR", "Europe/Dublin", "8 Custom House Quay\nDublin 1",
        "020 910 0308", EVERYTHING, "Ireland", (GIFT_ASSORTMENT, FOOD_ASSORTMENT), "RETAIL-IE",
    ),
]  # fmt: skip
REGISTERS_PER_STORE = 3

WORKERS = [
    WorkerPlan("1001", "Amara Okafor", "1", CASHIER),
    WorkerPlan("1002", "Tom Whitfield", "1", SHIFT_LEAD),
    WorkerPlan("1003", "Priya Nair", "1", MANAGER),
    WorkerPlan("2001", "Jess Holroyd", "2", CASHIER),
    WorkerPlan("2002", "Daniel Kaya", "2", SHIFT_LEAD),
    WorkerPlan("2003", "Margaret Shaw", "2", MANAGER),
    WorkerPlan("3001", "Aoife Byrne", "3", CASHIER),
    WorkerPlan("3002", "Conor Walsh", "3", SHIFT_LEAD),
    WorkerPlan("3003", "Niamh Gallagher", "3", MANAGER),
]

# On a staff card stands this and the staff ID; the device lab has such cards.
STAFF_CARD = "880"
# A customer's loyalty card that lies in the device lab.
LOYALTY_CARD = "700700000017"

# Beside the usual ways to pay: code, name, kind, opens the drawer, gives change, is counted at the close.
PAYMENT_METHODS = [*usual.PAYMENT_METHODS, ("FOREIGN", "Foreign money", "currency", True, False, False)]
# What one unit of the neighbour's money is worth.
EXCHANGE_RATES = [("EUR", "GBP", "0.85"), ("GBP", "EUR", "1.15")]
# Delivery modes: code, name, goes to an address.
DELIVERY_MODES = [
    ("PARCEL", "Parcel", True),
    ("COLLECT", "Collected in a store", False),
]
# Charges: code, name, kind, comes back with the goods.
CHARGES = [
    ("DELIVERY", "Delivery", "shipping", True),
    ("WRAP", "Gift wrap", "charge", False),
    ("BAG", "Carrier bag", "charge", False),
]
# What a parcel costs, and from which amount of goods on it costs nothing.
DELIVERY_PRICES = {"GBP": ("4.95", "50.00"), "EUR": ("6.95", "60.00")}
# Beside the usual reasons: code, use, text.
REASONS = [
    *usual.REASONS,
    ("INVOICED", "price_override", "As invoiced"),
    ("CANCELLED", "return", "Invoice cancelled"),
]
# Receipt profiles: header and footer of the paper.
RECEIPTS = {
    "United Kingdom": (
        "Gifts, home and food hall",
        "Thank you for calling in.\nUnused goods are taken back within 28 days\nwith this receipt.",
    ),
    "Ireland": (
        "Gifts, home and food hall",
        "Go raibh maith agat. Thank you.\nUnused goods are taken back within 28 days\nwith this receipt.",
    ),
}
# One emulated station per store; each of its registers has these devices of its own.
DEVICES = [
    ("printer", "printer", "escpos_network", "lab"),
    ("drawer", "drawer", "drawer_printer", "printer:printer"),
    ("scanner", "scanner", "scanner_serial", "lab"),
    ("scale", "scale", "scale_8217", "lab"),
    ("display", "display", "display_serial", "lab"),
    ("terminal", "terminal", "zvt_network", "lab"),
    ("reader", "reader", "reader_serial", "lab"),
]
# What lies beside the emulated scanners; the last is in no assortment.
SAMPLES = (
    "5000128104494 Milk; 5010092093045 White bread; 5000112557664 Cola; 5017397003243 Eggs; 20010027 Bag for life;"
    " 04011 Bananas; 5000159461122 Unknown code"
)
# What the registers of a store share, with its options: at the counter, and at the computer in the back office.
COUNTER_DEVICES = [("gifts", "printer", "escpos_network", "lab", {"second": True, "title": "Gift receipts"})]
OFFICE_DEVICES = [
    ("printer", "printer", "escpos_network", "lab", {"title": "Back office printer"}),
    ("pages", "printer", "page_ipp", "lab", {"second": True, "title": "Page printer"}),
]
# Hue of a department's keys, in degrees.
HUES = {
    "Groceries": 135, "Kitchen & dining": 45, "Home": 195, "Candles & light": 65, "Christmas": 15,
    "Party": 330, "Bags & travel": 265, "Cards & wrap": 300, "Stationery & craft": 225, "Children": 90,
    "Garden": 150,
    "Jewellery & accessories": 285, "Health & bathroom": 180, "Services": 240,
}  # fmt: skip
# The tabs of the screen: name and the departments or categories whose most sold articles stand on it.
GIFT_TABS = [
    ("Kitchen", ["Kitchen & dining"]),
    ("Home", ["Home", "Candles & light", "Garden"]),
    ("Bags", ["Bags & travel"]),
    ("Cards & party", ["Cards & wrap", "Party", "Stationery & craft"]),
    ("Christmas", ["Christmas"]),
    ("Services", ["Services"]),
]
FOOD_TABS = [
    ("Fruit & veg", ["Fruit & vegetables"]),
    ("Counter", ["Cheese & chilled", "Meat & fish"]),
    ("Bakery", ["Bread & bakery", "Cakes & plain biscuits"]),
    ("Drinks", ["Tea, coffee & cocoa", "Soft drinks & juice"]),
]
BACK_OFFICE = [("admin", "Admin", True), ("operations", "Olivia Marsh", False)]
