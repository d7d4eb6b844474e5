"""The plain values a basket is priced from and the plain values it becomes. No Django, no clock, no database.

Money and quantities are Decimal (strings in JSON). Unit prices and discounts are in the basket's currency and in the
tax meaning of its channel: with tax when ``Basket.prices_include_tax``, else without.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from pricing.engine.money import Currency
from pricing.engine.tax import TaxPart, TaxRounding, TaxRule, TaxTotal
from pricing.engine.tax_codes import Exemption, TaxOverride

if TYPE_CHECKING:
    from pricing.engine.discounts.model import Discount
    from pricing.engine.price import Adjustment, Agreement, BasePrice

ZERO = Decimal(0)
ONE = Decimal(1)


class Value(msgspec.Struct, frozen=True, gc=False):
    """Base of everything that travels: immutable, comparable, one line of JSON.

    Such values are trees, so the garbage collector need not look at them.
    """


# --- what goes in ---------------------------------------------------------------------------------------------------


class PriceGroup(Value, frozen=True):
    """A price group present in the transaction; the higher number of priority is asked first."""

    id: str
    priority: int = 0  # of prices; discounts have their own
    source: str = "channel"  # channel | catalog | affiliation | customer | loyalty
    discount_priority: int = 0


class PricingSettings(Value, frozen=True):
    """The company's choices; docs/pricing.md says what each one does."""

    # best_price_and_compound_within_priority (A) | best_price_within_priority_compound_across (B)
    concurrency_model: str = "best_price_and_compound_within_priority"
    compound_behavior: str = "compound"  # compound | on_original
    find_next: bool = True  # the lowest of several agreements, else the first by rank
    adjustments_can_raise: bool = True
    exclusive_threshold_competes: bool = False
    least_expensive_distribute: bool = False
    apply_discounts_to_price_overrides: bool = False
    apply_discounts_to_keyed_prices: bool = True
    manual_vs_system: str = "compound"  # compound | replace
    manual_total_covers_charges: bool = False
    manual_total_basis: str = "grand_total"  # net_total | grand_total, where prices include tax
    hold_together_for_rounding: bool = True  # False: a line is split so that each unit has exact cents
    tax_engine: str = "generic"  # generic | d365_finance | d365_tax_calculation_service
    tax_rounding: TaxRounding = TaxRounding()
    prorate_charges: bool = False
    remainder: str = (
        "largest_share"  # which part of a shared amount takes the odd cent: largest_share | first | last
    )
    percent_rounding_scope: str = "line_total"  # thresholds, total discounts: line_total | discount_total
    work_limit: int = 20_000  # places the exact search looks at before the best found is taken, with its gap

    @property
    def on_original(self) -> bool:
        """Whether compound percentages are of the price before any discount."""
        return self.compound_behavior == "on_original"


class TaxContext(Value, frozen=True):
    """The tax groups of the transaction; a line's own ``sales_tax_group`` (destination) goes before."""

    sales_tax_group: str | None = None  # of the channel, or of the customer where that counts
    exemption: Exemption | None = None
    further_exemptions: tuple[Exemption, ...] = ()  # of the customer beside that one
    override: TaxOverride | None = None  # for the whole document, chosen at the till
    on: date | None = None  # the date whose rates count; None: the basket's day in its zone

    @property
    def exemptions(self) -> tuple[Exemption, ...]:
        """All that frees from taxes, the one whose reason goes first at the head."""
        return (*(() if self.exemption is None else (self.exemption,)), *self.further_exemptions)


class ManualDiscount(Value, frozen=True):
    """A discount given by hand: percent_off, amount_off (the line's or the order's amount) or unit_price."""

    method: str
    value: Decimal
    reason: str | None = None
    by: str | None = None
    basis: str | None = None  # manual total: net_total | grand_total; None: the company's setting
    share: Decimal | None = None  # what an amount was of the goods when it was given, in percent


class OwnTerms(Value, frozen=True):
    """What a line has of its own, by which it is priced otherwise than any other line of its goods."""

    price_override: Decimal | None = None
    override_reason: str | None = None
    override_by: str | None = None
    price_keyed: Decimal | None = None  # the product's price is keyed in, or was read from its label
    manual_discount: ManualDiscount | None = None
    prevent_all_discounts: bool = False
    prevent_manual_discounts: bool = False
    prevent_retail_discounts: bool = False
    prevent_tender_discounts: bool = False
    prevent_discounts_on_line: bool = False  # chosen for this line at the till
    discount_base_amount: Decimal | None = None  # per unit, where a third party pays a part
    sales_tax_group: str | None = None  # of its destination
    exemption: Exemption | None = None
    tax_override: TaxOverride | None = None
    locked: PricedLine | None = None  # recalled, returned: its figures pass through untouched
    unit_factor: Decimal | None = None  # units of the product's own in one of the line's; None: it is its own

    def unless_empty(self) -> OwnTerms | None:
        """These; None, as a plain line has it, when they say nothing."""
        return None if self == NOTHING_OWN else self


NOTHING_OWN = OwnTerms()


def _own(name: str) -> property:
    read = attrgetter(name)
    return property(lambda line: read(line.own or NOTHING_OWN))


class BasketLine(Value, frozen=True):
    """One line to price. A negative quantity is a return.

    Most lines are plain: they have nothing of their own, and one look tells it. What others have can be read as the
    line's.
    """

    id: str
    product: str
    variant: str | None = None
    quantity: Decimal = ONE
    unit: str = "ea"
    categories: tuple[str, ...] = ()  # its category and that one's ancestors
    attributes: tuple[tuple[str, str], ...] = ()
    item_tax_group: str | None = None
    delivery_mode: str | None = None
    gift_wrap: bool = False
    own: OwnTerms | None = None

    price_override = _own("price_override")
    override_reason = _own("override_reason")
    override_by = _own("override_by")
    price_keyed = _own("price_keyed")
    manual_discount = _own("manual_discount")
    prevent_all_discounts = _own("prevent_all_discounts")
    prevent_manual_discounts = _own("prevent_manual_discounts")
    prevent_retail_discounts = _own("prevent_retail_discounts")
    prevent_tender_discounts = _own("prevent_tender_discounts")
    prevent_discounts_on_line = _own("prevent_discounts_on_line")
    discount_base_amount = _own("discount_base_amount")
    sales_tax_group = _own("sales_tax_group")
    exemption = _own("exemption")
    tax_override = _own("tax_override")
    locked = _own("locked")
    unit_factor = _own("unit_factor")

    def with_own(self, **terms: Any) -> BasketLine:
        """The line with these terms of its own in place of what it had; the others stay."""
        own = msgspec.structs.replace(self.own or NOTHING_OWN, **terms)
        return msgspec.structs.replace(self, own=own.unless_empty())

    @property
    def own_units(self) -> Decimal:
        """The quantity in the product's own unit: what duties and charges per unit are counted by."""
        return self.quantity if self.unit_factor is None else self.quantity * self.unit_factor


class CouponUsage(Value, frozen=True):
    """How often a presented code was used before: in all, by this customer, in this channel."""

    code: str
    total: int = 0
    customer: int = 0
    channel: int = 0


class Charge(Value, frozen=True):
    """A charge on the order, or on ``line``; ``amount`` in the channel's tax meaning."""

    id: str
    amount: Decimal
    name: str = ""
    type: str = "charge"  # charge | shipping | handling …
    line: str | None = None
    item_tax_group: str | None = None
    refundable: bool = True
    prorated: bool = False
    manual: bool = False
    reason: str | None = None
    by: str | None = None
    delivery_mode: str | None = None
    locked: PricedCharge | None = None  # what comes back of a charge: its figures pass through untouched


class BasketTender(Value, frozen=True):
    """A payment as tender discounts see it."""

    id: str
    type: str
    amount: Decimal


class Basket(Value, frozen=True):
    """A whole transaction at one moment."""

    lines: tuple[BasketLine, ...]
    currency: Currency
    at: datetime  # aware
    time_zone: str = "UTC"  # the store's; schedules and days are read in it
    price_groups: tuple[PriceGroup, ...] = ()
    customer: str | None = None
    channel: str | None = None
    affiliations: tuple[str, ...] = ()
    loyalty_tier: str | None = None
    coupons: tuple[str, ...] = ()
    coupon_usage: tuple[CouponUsage, ...] = ()
    manual_total: ManualDiscount | None = None
    settings: PricingSettings = PricingSettings()
    prices_include_tax: bool = False
    tax: TaxContext = TaxContext()
    charges: tuple[Charge, ...] = ()
    tenders: tuple[BasketTender, ...] = ()
    delivery_mode: str | None = None  # of the order as a whole; None: that of its lines, where they share one
    include_drafts: bool = False  # the simulator prices offers that are not enabled yet


# --- what comes out -------------------------------------------------------------------------------------------------


class Reason(Value, frozen=True):
    """One step of an explanation; ``explain.sentence`` turns it into words."""

    code: str
    subject: str = ""  # id of the agreement, discount, coupon … it speaks of
    name: str = ""
    amount: Decimal | None = None
    detail: str = ""


class AppliedDiscount(Value, frozen=True):
    """One discount's share in one line. ``amount`` is positive on a sale, negative on a return."""

    id: str
    name: str
    kind: str  # simple | quantity | mix_and_match | threshold | tender | manual_line | manual_total
    amount: Decimal
    rule: str = ""  # why it was taken: exclusive, best_price, compound, always, manual
    method: str = ""
    value: Decimal | None = None
    quantity: Decimal | None = None  # units of the line that it covers; None: all
    coupon: str | None = None
    reason: str | None = None
    by: str | None = None


class LinePart(Value, frozen=True):
    """Units of a line that were treated alike, where its units were not all treated alike."""

    quantity: Decimal
    discount: Decimal
    discounts: tuple[str, ...] = ()


class Figures(Value, frozen=True):
    """What lines that are treated alike have in common, every stage's figure; it is made once and shared.

    ``gross`` is unit price × quantity, ``discount`` the sum of ``discounts``, ``amount`` what is left of gross, all as
    quoted in the channel; ``net`` is without tax, ``total`` with tax.
    """

    product: str
    variant: str | None
    quantity: Decimal
    unit: str
    list_price: Decimal
    agreement_price: Decimal
    unit_price: Decimal
    price_source: str  # base | agreement | adjustment | override | keyed | none
    gross: Decimal
    discounts: tuple[AppliedDiscount, ...]
    discount: Decimal
    amount: Decimal
    net: Decimal
    taxes: tuple[TaxPart, ...]
    tax: Decimal
    total: Decimal
    explanation: tuple[Reason, ...] = ()
    parts: tuple[LinePart, ...] = ()


class PricedLine(Value, frozen=True):
    """A line of the basket with its figures, which can be read as its own."""

    id: str
    figures: Figures

    product = property(attrgetter("figures.product"))
    variant = property(attrgetter("figures.variant"))
    quantity = property(attrgetter("figures.quantity"))
    unit = property(attrgetter("figures.unit"))
    list_price = property(attrgetter("figures.list_price"))
    agreement_price = property(attrgetter("figures.agreement_price"))
    unit_price = property(attrgetter("figures.unit_price"))
    price_source = property(attrgetter("figures.price_source"))
    gross = property(attrgetter("figures.gross"))
    discounts = property(attrgetter("figures.discounts"))
    discount = property(attrgetter("figures.discount"))
    amount = property(attrgetter("figures.amount"))
    net = property(attrgetter("figures.net"))
    taxes = property(attrgetter("figures.taxes"))
    tax = property(attrgetter("figures.tax"))
    total = property(attrgetter("figures.total"))
    explanation = property(attrgetter("figures.explanation"))
    parts = property(attrgetter("figures.parts"))


class PricedCharge(Value, frozen=True):
    """A charge after its discounts and with its tax."""

    id: str
    name: str
    type: str
    gross: Decimal
    discount: Decimal
    amount: Decimal
    net: Decimal
    taxes: tuple[TaxPart, ...] = ()
    tax: Decimal = ZERO
    total: Decimal = ZERO
    line: str | None = None
    discounts: tuple[AppliedDiscount, ...] = ()
    refundable: bool = True
    prorated: bool = False


class Totals(Value, frozen=True):
    """Sums of the document: net + tax = total; gross − discount is the goods as quoted, charges stand apart."""

    gross: Decimal = ZERO
    discount: Decimal = ZERO
    net: Decimal = ZERO  # goods and charges without tax
    tax: Decimal = ZERO
    charges: Decimal = ZERO  # as quoted, after discounts on them
    total: Decimal = ZERO
    item_count: Decimal = ZERO


class PricedBasket(Value, frozen=True):
    """The answer: lines in the basket's order, document totals, taxes by code, what the whole order has to say.

    It holds from ``holds_from`` until before ``holds_until``: then a price or an offer of its goods begins or ends.
    """

    lines: tuple[PricedLine, ...]
    totals: Totals
    taxes: tuple[TaxTotal, ...] = ()
    charges: tuple[PricedCharge, ...] = ()
    explanation: tuple[Reason, ...] = ()
    currency: str = ""
    holds_from: datetime | None = None
    holds_until: datetime | None = None

    def line(self, line_id: str) -> PricedLine:
        """The priced line of that id; KeyError when it is not in the basket."""
        for line in self.lines:
            if line.id == line_id:
                return line
        raise KeyError(line_id)


# --- where prices and offers are looked up --------------------------------------------------------------------------


class PriceBook(Protocol):
    """What the engine asks; each answer must be cheap and depend only on the product asked for.

    ``version`` changes when any answer may change: compiled offers are kept per version.
    """

    version: Any

    def base_price(self, product: str, variant: str | None) -> BasePrice | None: ...

    def agreements_of(self, product: str) -> Sequence[Agreement]: ...

    def adjustments_of(self, product: str, categories: Sequence[str]) -> Sequence[Adjustment]: ...

    def offers_for(
        self,
        product: str,
        variant: str | None,
        categories: Sequence[str],
        attributes: Sequence[tuple[str, str]],
    ) -> Sequence[Discount]:
        """Every discount with a line that names this product, variant, category, attribute, or all goods."""

    def tender_offers(self) -> Sequence[Discount]: ...

    def shipping_offers(self) -> Sequence[Discount]: ...

    def taxes_for(
        self, sales_tax_group: str | None, item_tax_group: str | None, day: date
    ) -> Sequence[TaxRule]:
        """The tax codes common to both groups with the rates of that day, in their order of computation.

        A book with a whole tax table has a `TaxBook` as ``tax_book`` beside it, which knows holidays and overrides.
        """
