"""The cart: a frozen value. Commands take a cart and give a new one; nothing here reads a clock or a database.

Amounts are in the cart's currency and, like the prices on the shelf, with tax where the store's prices include it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import msgspec
import zstandard

from hq.currency_sign import before_figure
from pricing.engine.model import (
    BasketLine,
    BasketTender,
    CouponUsage,
    ManualDiscount,
    PricedBasket,
    PricedLine,
    Totals,
    Value,
)
from pricing.engine.model import Charge as AddedCharge
from pricing.engine.money import as_money
from pricing.engine.money import currency as currency_of
from pricing.engine.tax_codes import Exemption, TaxOverride

ZERO = Decimal(0)
UNDO_DEPTH = 30


class SoldUnit(Value, frozen=True):
    """A unit that an article is sold in; `factor` is how many of the article's own unit it holds."""

    code: str
    name: str
    decimals: int = 0
    factor: Decimal = Decimal(1)


class Article(Value, frozen=True):
    """What a line sells, as it was when it was scanned: enough to go on without the catalogue."""

    product: int
    number: str
    name: str
    unit: str
    unit_decimals: int = 0
    variant: int | None = None
    category: str = ""
    item_tax_group: str = ""
    is_weighed: bool = False
    is_returnable: bool = True
    zero_price_valid: bool = False
    image: str = ""
    units: tuple[SoldUnit, ...] = ()  # where there is a choice: its own unit first
    unit_factor: Decimal = Decimal(1)
    stock_unit: str = ""  # its own unit, where it is sold in another


class ReturnOf(Value, frozen=True):
    """The sold line that a return line takes back; its figures were settled when it was sold."""

    retail_transaction: UUID
    line: UUID
    receipt_number: str
    sold_quantity: Decimal


class DeliveryMode(Value, frozen=True):
    """How goods reach the customer; where they go to an address, its taxes count."""

    code: str
    name: str
    needs_address: bool = True


CARRIED = DeliveryMode("", "Carried home", needs_address=False)


class ShipTo(Value, frozen=True):
    """Where goods go, and the sales-tax group of that place where it is not the store's."""

    name: str = ""
    street: str = ""
    city: str = ""
    state: str = ""
    postcode: str = ""
    country: str = ""
    sales_tax_group: str | None = None

    @property
    def text(self) -> str:
        """The address in one line."""
        parts = (self.name, *self.street.splitlines(), self.city, self.state, self.postcode, self.country)
        return ", ".join(part.strip() for part in parts if part.strip())


class Affiliation(Value, frozen=True):
    """What this customer belongs to, as said at the till."""

    code: str
    name: str


class CartLine(Value, frozen=True):
    """One line of the cart. `basket` is what the pricing engine is told of it; `delivery` where it goes its own way."""

    id: str
    article: Article
    basket: BasketLine
    barcode: str = ""
    comment: str = ""
    is_voided: bool = False
    reason: str = ""
    return_of: ReturnOf | None = None
    delivery: DeliveryMode | None = None

    @property
    def quantity(self) -> Decimal:
        return self.basket.quantity


class Tender(Value, frozen=True):
    """A payment: `amount` counts towards the total; `tendered` is what was handed over, `change` what went back."""

    id: str
    method: str
    kind: str
    name: str
    amount: Decimal
    tendered: Decimal
    change: Decimal = ZERO
    detail: dict[str, str] = {}


class TenderPrice(Value, frozen=True):
    """What is due when all of it is paid in one way, which earns a discount of that name."""

    method: str
    name: str
    saves: Decimal
    due: Decimal


class Charge(Value, frozen=True):
    """What the card terminal is doing for this sale: `kind` is pay, refund or reverse.

    `intent` names the one job that the terminal has for it; `amount` counts towards the total as a tender's does.
    `tender` is the payment that a reversal gives back.
    """

    intent: UUID
    kind: str
    method: str
    name: str
    amount: Decimal
    tender: str = ""


class Undo(Value, frozen=True):
    """How to take the last step back: the line as it was (None: it was not there), or the head with its lines."""

    label: str
    line_id: str = ""
    line: CartLine | None = None
    head: Head | None = None
    lines: tuple[CartLine, ...] = ()


class Head(Value, frozen=True):
    """What concerns the whole sale."""

    customer_account: str = ""
    customer_name: str = ""
    coupons: tuple[str, ...] = ()
    manual_total: ManualDiscount | None = None
    comment: str = ""
    charges: tuple[AddedCharge, ...] = ()  # added by hand
    tax_exemption: Exemption | None = None
    tax_exempted_by: str = ""
    tax_override: TaxOverride | None = None
    coupon_usage: tuple[CouponUsage, ...] = ()
    affiliations: tuple[Affiliation, ...] = ()
    delivery: DeliveryMode | None = None
    ship_to: ShipTo | None = None
    order: str = ""  # the order that it hands over
    priced_as_of: datetime | None = (
        None  # the moment whose prices were promised; None: the moment of the sale
    )


class Cart(Value, frozen=True):
    """An open sale. `version` counts its changes over the register's whole life, so an old page is noticed."""

    id: str
    register: int
    currency: str
    version: int = 0
    lines: tuple[CartLine, ...] = ()
    tenders: tuple[Tender, ...] = ()
    charge: Charge | None = None
    head: Head = Head()
    rounding: Decimal = ZERO
    priced: PricedBasket = PricedBasket(lines=(), totals=Totals())
    undo: tuple[Undo, ...] = ()
    next_line: int = 1
    started_at: datetime | None = None
    data_version: int = 0
    priced_at: datetime | None = None
    taxed_at: datetime | None = None  # when it began to be paid, if that was on a later day
    tender_prices: tuple[TenderPrice, ...] = ()
    currency_symbol: str = ""  # as headquarters writes it

    def money(self, amount: Decimal) -> str:
        """An amount in its currency as people write it: −£1.00; what is no number stays as it is."""
        if not amount.is_finite():
            return str(amount)
        symbol = before_figure(self.currency_symbol, self.currency)
        return as_money(amount, symbol, currency_of(self.currency).decimals)

    @property
    def live_lines(self) -> tuple[CartLine, ...]:
        """The lines that count: all but the voided ones."""
        return tuple(line for line in self.lines if not line.is_voided)

    @property
    def priced_products(self) -> tuple[int, ...]:
        """The products whose prices it hangs on; what comes back has the price that it was sold for."""
        return tuple(
            line.article.product for line in self.lines if not line.is_voided and line.return_of is None
        )

    def mode_of(self, line: CartLine) -> DeliveryMode | None:
        """How a line's goods reach the customer; None when they are carried home, or come back."""
        mode = line.delivery or self.head.delivery
        return mode if mode is not None and mode.code and line.quantity > 0 else None

    @property
    def basket_lines(self) -> tuple[BasketLine, ...]:
        """The lines that count as the pricing engine is told of them, with where they go."""
        live = self.live_lines
        if self.head.delivery is None and not any(line.delivery for line in live):
            return tuple(line.basket for line in live)
        return tuple(self._sent(line) for line in live)

    def _sent(self, line: CartLine) -> BasketLine:
        mode, ship_to = self.mode_of(line), self.head.ship_to
        if mode is None:
            return line.basket
        group = ship_to.sales_tax_group if mode.needs_address and ship_to is not None else None
        return msgspec.structs.replace(line.basket.with_own(sales_tax_group=group), delivery_mode=mode.code)

    @property
    def live_charges(self) -> tuple[AddedCharge, ...]:
        """What was charged or changed by hand and counts, and what comes back of a sale that still does."""
        lines = {line.id for line in self.live_lines}
        sales = {str(line.return_of.retail_transaction) for line in self.live_lines if line.return_of}
        return tuple(
            charge
            for charge in self.head.charges
            if (charge.line is None or charge.line in lines)
            and (charge.locked is None or charge.reason in sales)
        )

    @property
    def total(self) -> Decimal:
        """What the customer owes for the whole sale, cash rounding included."""
        return self.priced.totals.total + self.rounding

    @property
    def paid(self) -> Decimal:
        return sum((tender.amount for tender in self.tenders), ZERO)

    @property
    def payments(self) -> tuple[BasketTender, ...]:
        """What has been paid, or is being charged to a card, as tender discounts see it."""
        found = [BasketTender(one.id, one.method, one.amount) for one in self.tenders if one.amount > 0]
        if self.charge is not None and self.charge.kind == "pay":
            found.append(BasketTender("charge", self.charge.method, self.charge.amount))
        return tuple(found)

    @property
    def due(self) -> Decimal:
        """What is still to pay; negative when money goes back to the customer."""
        return self.total - self.paid

    @property
    def is_empty(self) -> bool:
        return not self.lines and not self.tenders and self.charge is None

    @property
    def is_being_paid(self) -> bool:
        """Whether money has been taken or the terminal is at work: the sale stands as it is until that is settled."""
        return bool(self.tenders) or self.charge is not None

    @property
    def is_settled(self) -> bool:
        """Paid to the last unit: there is something sold and nothing left to pay."""
        return (
            bool(self.tenders)
            and self.charge is None
            and self.due == 0
            and any(not line.is_voided for line in self.lines)
        )

    def line(self, line_id: str) -> CartLine | None:
        return next((line for line in self.lines if line.id == line_id), None)

    def priced_line(self, line_id: str) -> PricedLine | None:
        return next((line for line in self.priced.lines if line.id == line_id), None)


def pieces(quantities: Iterable[Decimal]) -> Decimal:
    """How many items a customer carries: a weighed one is one; what comes back counts below zero."""
    count = ZERO
    for quantity in quantities:
        whole = quantity == quantity.to_integral_value()
        count += quantity if whole else Decimal(1).copy_sign(quantity)
    return count


class Sale(Value, frozen=True):
    """What the register says of the sale that was just concluded, until the next one begins."""

    retail_transaction: UUID
    receipt_number: str
    total: Decimal
    change: Decimal
    tendered: Decimal
    item_count: Decimal
    concluded_at: datetime
    tenders: tuple[Tender, ...] = ()
    is_printed: bool = False


class Notice(Value, frozen=True):
    """One sentence for the cashier. Tones: info, positive, question, danger (stops the work until dismissed)."""

    tone: str
    code: str
    text: str
    field: str = ""
    detail: dict[str, str] = {}


class Outcome(Value, frozen=True):
    """What a command answered besides the cart."""

    notice: Notice | None = None
    sale: Sale | None = None
    changed: tuple[str, ...] = ()
    previous_version: int = 0


_encode = msgspec.json.Encoder().encode
_decode_cart = msgspec.json.Decoder(Cart).decode
_decode_outcome = msgspec.json.Decoder(Outcome).decode
_MAX_DOCUMENT = 64 * 1024 * 1024


def pack_cart(cart: Cart) -> bytes:
    """The cart as a compact document."""
    return zstandard.ZstdCompressor(level=1).compress(_encode(cart))


def unpack_cart(document: bytes | memoryview) -> Cart:
    """The cart of a document that `pack_cart` made."""
    return _decode_cart(zstandard.ZstdDecompressor().decompress(document, max_output_size=_MAX_DOCUMENT))


def pack_outcome(outcome: Outcome) -> str:
    return _encode(outcome).decode()


def unpack_outcome(text: str) -> Outcome:
    return _decode_outcome(text)
