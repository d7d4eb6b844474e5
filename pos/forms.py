"""What the till's pages take in: each form reads one operation's fields and gives its command."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
from django import forms
from django.http import QueryDict
from django.utils import timezone

from channels_app.prepared import prepared
from hq.figures import FigureField
from hq.models import ReasonCode
from pos.config import RegisterConfig
from pos.form_parts import LineForm, OfferedField, PriceField, ReasonField, Refused, TillForm
from pos.operations import Command, goods_of
from pos.operations.card import DecideCard, PayByCard, SetCardAside, SettleCard
from pos.operations.currency import PayCurrency
from pos.operations.lines import LineComment, LineDiscount, PriceOverride, SetQuantity, VoidLine
from pos.operations.orders import CallUpOrder
from pos.operations.product_sale import ProductSale
from pos.operations.returns import ReturnByReceipt, ReturnedLine, ReturnProduct
from pos.operations.sale import Pay, SetCustomer, TotalDiscount, Undo, VoidSale, VoidTender
from pos.operations.suspend import Recall, Suspend
from pos.sale_forms import (
    AddCustomerForm,
    AffiliateForm,
    ChangeChargeForm,
    ChargeForm,
    CouponForm,
    DeliverForm,
    DeliverLineForm,
    LineChargeForm,
    LineTaxesForm,
    LoyaltyCardForm,
    RemoveCouponForm,
    SaleTaxesForm,
    TaxExemptForm,
    UnitForm,
)
from pos.services.choices import foreign_money
from pos.services.reading import Wanted

MOST_ITEMS = 50
Use = ReasonCode.Use


class UndoForm(TillForm):
    def command(self) -> Command:
        return Undo()


class QuantityForm(LineForm):
    title, key = "Quantity", "Set quantity"
    quantity = FigureField(label="Quantity")

    def command(self) -> Command:
        return SetQuantity(line=self.cleaned_data["line"], quantity=self.cleaned_data["quantity"])


class VoidLineForm(LineForm):
    def command(self) -> Command:
        return VoidLine(line=self.cleaned_data["line"])


class PriceForm(LineForm):
    title, key = "Change the price", "Change price"
    price = PriceField(label="New price of one")
    reason = ReasonField(Use.PRICE_OVERRIDE)

    def command(self) -> Command:
        data = self.cleaned_data
        return PriceOverride(line=data["line"], price=data["price"], reason=data["reason"])


class DiscountFields(TillForm):
    """A percentage or an amount; with neither, the discount is taken away."""

    lead = "Leave both empty to take a discount away."
    key = "Give discount"
    percent = FigureField(label="Percent off", required=False)
    amount = FigureField(label="Amount off", required=False)
    reason = ReasonField(Use.DISCOUNT)

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        if self.is_bound and not (self.data.get("percent") or self.data.get("amount")):
            self.fields["reason"].required = False

    def given(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {"percent": data["percent"], "amount": data["amount"], "reason": data["reason"]}


class LineDiscountForm(LineForm, DiscountFields):
    title = "Discount on the line"

    def command(self) -> Command:
        return LineDiscount(line=self.cleaned_data["line"], **self.given())


class TotalDiscountForm(DiscountFields):
    title = "Discount on the sale"

    def command(self) -> Command:
        return TotalDiscount(**self.given())


class CommentForm(LineForm):
    title, key = "Comment on the line", "Save comment"
    comment = forms.CharField(label="Comment, printed under the line", max_length=120, required=False)

    def command(self) -> Command:
        return LineComment(line=self.cleaned_data["line"], comment=self.cleaned_data["comment"])


class CustomerForm(TillForm):
    account = forms.CharField(label="Account number", max_length=20, required=False)

    def command(self) -> Command:
        return SetCustomer(account=self.cleaned_data["account"])


class PayForm(TillForm):
    """A card is charged at the register's terminal, if it has one and the cashier does not say otherwise."""

    method = forms.CharField(label="Way to pay", max_length=20, required=False)
    amount = FigureField(label="Amount", required=False)
    stand_alone = forms.CharField(label="Taken on a stand-alone terminal as", max_length=20, required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("method") and not data.get("stand_alone"):
            self.add_error("method", "choose one.")
        return data

    def command(self) -> Command:
        data = self.cleaned_data
        if data["stand_alone"]:
            return Pay(method=data["stand_alone"], amount=data["amount"], stand_alone=True)
        rule = self.register.tender_rule(data["method"])
        if rule is not None and rule.kind == "card" and self.register.has_terminal:
            return PayByCard(method=rule.method, amount=data["amount"])
        return Pay(method=data["method"], amount=data["amount"])


class CardForm(TillForm):
    intent = forms.UUIDField(label="Card payment", widget=forms.HiddenInput)


class SettleCardForm(CardForm):
    def command(self) -> Command:
        return SettleCard(intent=self.cleaned_data["intent"])


class SetCardAsideForm(CardForm):
    def command(self) -> Command:
        return SetCardAside(intent=self.cleaned_data["intent"])


class DecideCardForm(CardForm):
    charged = forms.ChoiceField(label="Charged", choices=[("yes", "Charged"), ("no", "Not charged")])

    def command(self) -> Command:
        return DecideCard(intent=self.cleaned_data["intent"], charged=self.cleaned_data["charged"] == "yes")


class CurrencyField(OfferedField):
    """The money of other countries that is taken today, with its rate."""

    none_yet = "Headquarters has entered no exchange rate into the store's money for today."

    def __init__(self) -> None:
        super().__init__(label="Money", widget=forms.RadioSelect)

    def offer(self, register: RegisterConfig) -> None:
        """Offer every currency that has a rate for today."""
        own = register.currency.code
        today = timezone.now().astimezone(register.store.zone).date()
        self.choices = [
            (money.code, f"{money.code}: 1 is {money.rate.rate.normalize():f} {own}")
            for money in foreign_money(own, today)
        ]
        if len(self.choices) == 1:
            self.initial = self.choices[0][0]


class PayCurrencyForm(TillForm):
    title, key = "Foreign money", "Take it"
    lead = "Leave the amount empty for as much as covers what is due. Change goes back in the store's money."
    currency = CurrencyField()
    amount = FigureField(label="Amount in that money", required=False)

    def command(self) -> Command:
        return PayCurrency(currency=self.cleaned_data["currency"], amount=self.cleaned_data["amount"])


class VoidTenderForm(TillForm):
    tender = forms.CharField(label="Payment", max_length=40)

    def command(self) -> Command:
        return VoidTender(tender=self.cleaned_data["tender"])


class VoidSaleForm(TillForm):
    title, key = "Void the sale", "Void sale"
    lead = "Everything in the cart goes; the journal keeps what was in it."
    reason = ReasonField(Use.VOID)

    def command(self) -> Command:
        return VoidSale(reason=self.cleaned_data["reason"])


class SuspendForm(TillForm):
    title, key = "Hold this sale", "Hold"
    label = forms.CharField(label="Name it, if you like", max_length=80, required=False)

    def command(self) -> Command:
        return Suspend(label=self.cleaned_data["label"])


class RecallForm(TillForm):
    suspended = forms.UUIDField(label="Sale on hold")

    def command(self) -> Command:
        return Recall(suspended=self.cleaned_data["suspended"])


class CallUpOrderForm(TillForm):
    number = forms.CharField(label="Order", max_length=20)
    again = forms.BooleanField(label="Take it from the other register", required=False)

    def command(self) -> Command:
        return CallUpOrder(number=self.cleaned_data["number"], again=self.cleaned_data["again"])


class ReturnForm(TillForm):
    """Lines of a receipt: `take` names a line, `quantity_<line>` says how many of it come back."""

    receipt = forms.CharField(label="Receipt", max_length=40)
    reason = ReasonField(Use.RETURN)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        wanted = self.data.getlist("take") if hasattr(self.data, "getlist") else []
        data["lines"] = tuple(self._line(number) for number in wanted[:500])
        if not data["lines"]:
            raise forms.ValidationError("Choose at least one line that comes back.")
        return data

    def _line(self, number: str) -> ReturnedLine:
        if not number.isascii() or not number.isdigit():
            raise forms.ValidationError(f"Line: {number[:20]} is no line of a receipt.")
        quantity = FigureField().clean(self.data.get(f"quantity_{number}") or "1")
        return ReturnedLine(line=int(number), quantity=quantity)

    def command(self) -> Command:
        data = self.cleaned_data
        return ReturnByReceipt(receipt=data["receipt"], lines=data["lines"], reason=data["reason"])


class ReturnProductForm(TillForm):
    title, key = "Return without a receipt", "Take back"
    lead = "At today's price. Choose the reason, then scan the article or key in its code."
    reason = ReasonField(Use.RETURN)
    code = forms.CharField(label="Article", max_length=80, widget=forms.TextInput(attrs={"scan_here": True}))
    quantity = FigureField(label="How many", initial=1)
    price = PriceField(label="Price of one, for an article without a price", required=False)

    def command(self) -> Command:
        data = self.cleaned_data
        return ReturnProduct(
            code=data["code"], quantity=data["quantity"], price=data["price"], reason=data["reason"]
        )


OPERATIONS: dict[str, type[TillForm]] = {
    "undo": UndoForm,
    "set_quantity": QuantityForm,
    "void_line": VoidLineForm,
    "price_override": PriceForm,
    "line_discount": LineDiscountForm,
    "line_comment": CommentForm,
    "total_discount": TotalDiscountForm,
    "set_customer": CustomerForm,
    "add_customer": AddCustomerForm,
    "add_coupon": CouponForm,
    "remove_coupon": RemoveCouponForm,
    "loyalty_card": LoyaltyCardForm,
    "tax_exempt": TaxExemptForm,
    "sale_taxes": SaleTaxesForm,
    "line_taxes": LineTaxesForm,
    "charge": ChargeForm,
    "line_charge": LineChargeForm,
    "change_charge": ChangeChargeForm,
    "deliver": DeliverForm,
    "deliver_line": DeliverLineForm,
    "affiliate": AffiliateForm,
    "set_unit": UnitForm,
    "pay": PayForm,
    "settle_card": SettleCardForm,
    "set_card_aside": SetCardAsideForm,
    "decide_card": DecideCardForm,
    "pay_currency": PayCurrencyForm,
    "void_tender": VoidTenderForm,
    "void_sale": VoidSaleForm,
    "suspend": SuspendForm,
    "recall": RecallForm,
    "call_up_order": CallUpOrderForm,
    "return_by_receipt": ReturnForm,
    "return_product": ReturnProductForm,
}


@prepared
class Item(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something to sell, with the id that makes a second arrival harmless."""

    id: UUID
    code: str = ""
    product: int | None = None
    quantity: Decimal | None = None
    price: Decimal | None = None
    weighed: bool = False

    def command(self) -> Command:
        return ProductSale(
            code=self.code,
            product=self.product,
            quantity=self.quantity,
            price=self.price,
            weighed=self.weighed,
        )


class ScanForm(forms.Form):
    """One item, as a plain form sends it, or several in order as `items`, a JSON list."""

    request_id = forms.UUIDField(label="Request", required=False)
    items = forms.CharField(label="Items", required=False, max_length=100_000)
    code = forms.CharField(label="Code", required=False, max_length=200, strip=True)
    product = forms.IntegerField(label="Product", required=False, min_value=1, max_value=2**62)
    quantity = FigureField(label="Quantity", required=False)
    price = FigureField(label="Price", required=False)
    weighed = forms.BooleanField(label="Weighed", required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        data["wanted"] = self._many(data["items"]) if data.get("items") else self._one(data)
        return data

    def _many(self, text: str) -> list[Item]:
        try:
            items = msgspec.json.decode(text, type=list[Item], strict=False)
        except (msgspec.ValidationError, msgspec.DecodeError) as error:
            raise forms.ValidationError(f"Items: {error}") from error
        if not 0 < len(items) <= MOST_ITEMS:
            raise forms.ValidationError(f"Items: send 1 to {MOST_ITEMS} at once.")
        return items

    def _one(self, data: dict[str, Any]) -> list[Item]:
        if data.get("request_id") is None:
            raise forms.ValidationError("Request: it has no id. Load the page again.")
        return [
            Item(
                id=data["request_id"],
                code=data.get("code") or "",
                product=data.get("product"),
                quantity=data.get("quantity"),
                price=data.get("price"),
                weighed=bool(data.get("weighed")),
            )
        ]

    @property
    def refused(self) -> Refused:
        """What to tell the cashier when the form is not valid."""
        name, errors = next(iter(self.errors.items()))
        label = self.fields[name].label if name in self.fields else ""
        return Refused(
            name if name in self.fields else "items", f"{label}: {errors[0]}" if label else str(errors[0])
        )


def goods_in(post: QueryDict) -> list[Wanted]:
    """The articles that a request is about to sell, as far as it can be understood."""
    form = ScanForm(post)
    return goods_of([item.command() for item in form.cleaned_data["wanted"]]) if form.is_valid() else []


class ActivationForm(forms.Form):
    code = forms.CharField(
        label="Code",
        max_length=40,
        error_messages={"required": "Enter the code that headquarters shows for this register."},
    )


class ManagerActivationForm(forms.Form):
    register_number = forms.CharField(label="Register number", max_length=10)
    staff_id = forms.CharField(label="Staff ID", max_length=12)
    pin = forms.CharField(label="PIN", max_length=40, strip=False)


class SignOnForm(forms.Form):
    staff_id = forms.CharField(
        label="Staff ID", max_length=12, error_messages={"required": "Choose your name first."}
    )
    pin = forms.CharField(
        label="PIN", max_length=40, strip=False, error_messages={"required": "Enter your PIN."}
    )


def first_error(form: forms.Form) -> Refused | None:
    """The first thing that is wrong with a plain form."""
    for name, errors in form.errors.items():
        return Refused(name, str(errors[0]))
    return None
