"""The journal in the back office: every sale with its lines and tenders, to read and never to change."""

from collections.abc import Iterable
from functools import partial
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from unfold.decorators import display

from hq import button_operations, button_proposals, navigation
from hq.admin.base import RecordInline, RecordPage
from hq.cells import NOTHING, ago, decimals_of, money, money_of, plain, status
from hq.currency_sign import before_figure
from hq.navigation import Entry, Section
from hq.panels import Tone
from pos import coupon_admin, gap_admin, simulator  # noqa: F401  # register their pages
from pos.button_proposals import propose
from pos.journal_document import read_document, whole_charges
from pos.kept_prices import kept_prices
from pos.models import RetailTransaction, SalesLine, TenderLine
from pos.till_pages import TILL_PAGES
from pricing.engine.money import as_money, currency
from pricing.engine.tax_values import tax_left_off


class SalesLineInline(RecordInline):
    model = SalesLine
    currency_path = "retail_transaction__currency"
    fields = [
        "line",
        "name",
        "product_number",
        "quantity_shown",
        "price_shown",
        "source_shown",
        "discount_shown",
        "total_shown",
    ]
    readonly_fields = fields
    verbose_name_plural = "lines"

    @display(description="Quantity")
    def quantity_shown(self, obj: SalesLine) -> str:
        return f"{plain(obj.quantity)} {obj.unit}"

    @display(description="Price")
    def price_shown(self, obj: SalesLine) -> SafeString:
        return money(obj.unit_price, decimals=decimals_of(obj, obj.unit_price))

    @display(description="Price from")
    def source_shown(self, obj: SalesLine) -> str:
        return f"{obj.price_source} ({obj.reason})" if obj.reason else obj.price_source

    @display(description="Discount")
    def discount_shown(self, obj: SalesLine) -> SafeString:
        return money(-obj.discount, decimals=decimals_of(obj, obj.discount)) if obj.discount else NOTHING

    @display(description="Total")
    def total_shown(self, obj: SalesLine) -> SafeString:
        return money(obj.total, decimals=decimals_of(obj, obj.total))


class TenderLineInline(RecordInline):
    model = TenderLine
    fields = ["line", "method", "tendered_shown", "change_shown", "amount_shown"]
    readonly_fields = fields
    verbose_name_plural = "tenders"

    @display(description="Tendered")
    def tendered_shown(self, obj: TenderLine) -> SafeString:
        return money_of(obj, obj.tendered)

    @display(description="Change")
    def change_shown(self, obj: TenderLine) -> SafeString:
        return money_of(obj, obj.change) if obj.change else NOTHING

    @display(description="Stays")
    def amount_shown(self, obj: TenderLine) -> SafeString:
        return money_of(obj, obj.amount)


@admin.register(RetailTransaction)
class RetailTransactionAdmin(RecordPage):
    list_display = [
        "number_shown",
        "kind_shown",
        "store",
        "register_shown",
        "worker",
        "items_shown",
        "total_shown",
        "concluded_shown",
    ]
    list_filter = ["kind", "store", "register", "currency", "business_date"]
    search_fields = ["receipt_number", "customer_account"]
    search_help_text = "Receipt number or customer account"
    date_hierarchy = "business_date"
    ordering = ["-concluded_at"]
    inlines = [SalesLineInline, TenderLineInline]
    empty_hint = (
        "Sales appear here as soon as a store has sent them up, within seconds of the till's last word."
    )
    fieldsets = [
        (None, {"fields": ["number_shown", "kind", ("store", "register"), "worker", "concluded_at"]}),
        (
            "Amounts",
            {"fields": [("total_shown", "tax_shown"), ("net_shown", "discount_shown"), "rounding_shown"]},
        ),
        ("Why these prices", {"fields": ["prices_shown"]}),
        ("Beside the goods", {"fields": ["charges_shown", "delivery_shown", "taxes_shown"]}),
        (
            "Record",
            {
                "fields": [
                    "business_date",
                    "customer_account",
                    ("epoch", "sequence"),
                    "hash",
                    "previous_hash",
                    "document",
                ],
                "classes": ["collapse"],
            },
        ),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[RetailTransaction]:
        return (
            super()
            .get_queryset(request)
            .select_related("store", "register__store", "worker")
            .defer("document")
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [
            "number_shown",
            "total_shown",
            "tax_shown",
            "net_shown",
            "discount_shown",
            "rounding_shown",
            "prices_shown",
            "charges_shown",
            "delivery_shown",
            "taxes_shown",
        ]

    @display(description="Lines")
    def prices_shown(self, obj: RetailTransaction) -> SafeString | str:
        return kept_prices(obj)

    @display(description="Receipt", ordering="receipt_number")
    def number_shown(self, obj: RetailTransaction) -> str:
        return obj.receipt_number or f"No. {obj.sequence}"

    @display(description="Kind", ordering="kind")
    def kind_shown(self, obj: RetailTransaction) -> SafeString:
        if obj.kind == RetailTransaction.Kind.SALE:
            return status(Tone.ASKS, "Return") if obj.total < 0 else status(Tone.GOOD, "Sale")
        return status(Tone.CALM, obj.get_kind_display())

    @display(description="Register", ordering="register__number")
    def register_shown(self, obj: RetailTransaction) -> str:
        return obj.register.name

    @display(description="Items", ordering="item_count")
    def items_shown(self, obj: RetailTransaction) -> str:
        return plain(obj.item_count)

    @display(description="Total", ordering="total")
    def total_shown(self, obj: RetailTransaction) -> SafeString:
        return money_of(obj, obj.total)

    @display(description="Tax in it")
    def tax_shown(self, obj: RetailTransaction) -> SafeString:
        return money_of(obj, obj.tax)

    @display(description="Net")
    def net_shown(self, obj: RetailTransaction) -> SafeString:
        return money_of(obj, obj.net)

    @display(description="Discount")
    def discount_shown(self, obj: RetailTransaction) -> SafeString:
        return money_of(obj, obj.discount)

    @display(description="Cash rounding")
    def rounding_shown(self, obj: RetailTransaction) -> SafeString:
        """What total has more than net and tax: no coin is as small."""
        kept = obj.total - obj.net - obj.tax
        return money_of(obj, kept) if kept else NOTHING

    @display(description="Charges")
    def charges_shown(self, obj: RetailTransaction) -> SafeString | str:
        """Each charge with what was taken off it, and who gave it another amount."""
        document = read_document(obj.document)
        changed = {one.charge: one for one in document.changed_charges}
        off = partial(
            as_money,
            symbol=before_figure(obj.symbol or "", obj.currency),
            decimals=currency(obj.currency).decimals,
        )
        rows = []
        for charge in whole_charges(document.charges):
            words = [f"{one.name} {off(-one.amount)}" for one in charge.discounts]
            left_off = tax_left_off(charge.amount, charge.total, charge.taxes)
            if left_off:
                words.append(f"without tax {off(-left_off)}")
            if charge.id in changed:
                by = changed[charge.id]
                words.append(f"changed by {by.by}" + (f": {by.reason}" if by.reason else ""))
            if charge.prorated:
                words.append("shared over lines")
            elif charge.line:
                words.append(f"on line {charge.line}")
            if not charge.refundable:
                words.append("does not come back")
            name = f"{charge.name} ({', '.join(words)})" if words else charge.name
            rows.append((name, money_of(obj, charge.amount - left_off)))
        return format_html_join(mark_safe("<br>"), "{} {}", rows) or NOTHING

    @display(description="Delivery")
    def delivery_shown(self, obj: RetailTransaction) -> SafeString | str:
        """Where the goods go, and those lines that go another way than the sale."""
        document = read_document(obj.document)
        if document.delivery is None:
            return "Carried home" if obj.kind == RetailTransaction.Kind.SALE else NOTHING
        where = " to ".join(filter(None, [document.delivery.name, document.delivery.address]))
        others = [
            f"{line.name}: {line.delivery or 'carried home'}"
            for line in document.lines
            if not line.is_voided and line.quantity > 0 and line.delivery_mode != document.delivery.mode
        ]
        return format_html_join(mark_safe("<br>"), "{}", [(row,) for row in (where, *others) if row])

    @display(description="Taxes")
    def taxes_shown(self, obj: RetailTransaction) -> SafeString | str:
        """Each tax with what it was taken from, and why some of it was not."""
        document = read_document(obj.document)
        rows = [
            (
                tax.words,
                f"exempt, {tax.reason}" if tax.status == "exempt" else "",
                money_of(obj, tax.amount),
                ""
                if tax.is_amount
                else format_html("of {}", money(tax.base, decimals=decimals_of(obj, tax.base))),
            )
            for tax in document.taxes
        ]
        found = format_html_join(mark_safe("<br>"), "{} {} {} {}", rows)
        chosen = [document.tax_override] if document.tax_override else []
        chosen += [
            f"{line.name}: {line.tax_override}"
            for line in document.lines
            if line.tax_override and not line.is_voided
        ]
        for words in chosen:
            found += format_html("<br>Taxes chosen: {}", words)
        return found or NOTHING

    @display(description="Concluded", ordering="concluded_at")
    def concluded_shown(self, obj: RetailTransaction) -> SafeString | str:
        return ago(obj.concluded_at)


def _till_operations() -> Iterable[tuple[int, str]]:
    from pos.operations import (
        operations,  # the till's engine is loaded when a layout is edited, not with every start
    )

    of_the_cart = [(operation.number, operation.name) for operation in operations().values()]
    return of_the_cart + [(number, page.name) for number, page in TILL_PAGES.items()]


button_operations.provide(_till_operations)
button_proposals.provide(propose)
navigation.add(Section.SALES, Entry.of(RetailTransaction, icon="receipt_long", position=10, title="Journal"))
