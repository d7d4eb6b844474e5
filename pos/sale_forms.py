"""What the till's pages take in beside goods and payments: taxes, charges, delivery, who the customer is."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms

from hq.figures import FigureField
from hq.models import ReasonCode
from pos.cart.model import SoldUnit
from pos.config import RegisterConfig
from pos.form_parts import LineForm, OfferedField, ReasonField, TillForm
from pos.operations import Command
from pos.operations.affiliation import Affiliate
from pos.operations.charges import AddCharge, ChangeCharge
from pos.operations.coupon import AddCoupon, RemoveCoupon
from pos.operations.delivery import Deliver, DeliverLine
from pos.operations.loyalty import LoyaltyCard
from pos.operations.new_customer import AddCustomer
from pos.operations.taxes import LineTaxes, SaleTaxes, TaxExempt
from pos.operations.unit import SetUnit
from pos.services.choices import address_of, charge_kinds, tax_overrides

Use = ReasonCode.Use


class TaxesField(OfferedField):
    """The taxes that may be chosen instead of the usual ones."""

    def __init__(self, scope: str) -> None:
        self.scope = scope
        super().__init__(label="Taxes", widget=forms.RadioSelect, required=False)

    def offer(self, register: RegisterConfig) -> None:
        """Offer the usual taxes and the company's tax overrides of this scope."""
        self.choices = [("", "The usual taxes"), *((one.id, one.name) for one in tax_overrides(self.scope))]


class ChargeField(OfferedField):
    """The company's charges."""

    none_yet = "Headquarters has entered no charges yet."

    def __init__(self) -> None:
        super().__init__(label="Charge", widget=forms.RadioSelect)

    def offer(self, register: RegisterConfig) -> None:
        """Offer every charge."""
        self.choices = [(kind.code, kind.name) for kind in charge_kinds()]


class ExemptionField(ReasonField):
    """The reasons to charge no tax, or none."""

    def offer(self, register: RegisterConfig) -> None:
        """Offer the reasons, and to charge tax as usual."""
        super().offer(register)
        self.choices = [("", "Not exempt"), *self.choices]
        self.required = False


class CouponForm(TillForm):
    title, key = "Coupon", "Use coupon"
    lead = "A coupon with a barcode can be scanned like an article."
    code = forms.CharField(label="Code on the coupon", max_length=40)

    def command(self) -> Command:
        return AddCoupon(code=self.cleaned_data["code"])


class RemoveCouponForm(TillForm):
    title, key = "Take a coupon off", "Take off"
    code = forms.ChoiceField(label="Coupon", widget=forms.RadioSelect)

    def begin(self) -> None:
        """Offer the coupons that are on the sale; the first is chosen."""
        coupons = self.cart.head.coupons if self.cart is not None else ()
        field = self.fields["code"]
        field.choices = [(code, code) for code in coupons]  # type: ignore[attr-defined]
        field.initial = coupons[0] if coupons else None
        if not coupons:
            self.say_only("No coupon is on the sale.")

    def command(self) -> Command:
        return RemoveCoupon(code=self.cleaned_data["code"])


class LoyaltyCardForm(TillForm):
    title, key = "Loyalty card", "Put on the sale"
    number = forms.CharField(label="Number on the card", max_length=30)

    def command(self) -> Command:
        return LoyaltyCard(number=self.cleaned_data["number"])


class AddCustomerForm(TillForm):
    """Begins with what was searched for: a name, an address or a number."""

    title, key = "New customer", "Add customer"
    lead = "Headquarters gives the account number; other tills find the customer a little later."
    name = forms.CharField(label="Name", max_length=120)
    phone = forms.CharField(label="Phone", max_length=30, required=False)
    email = forms.EmailField(label="E-mail", max_length=254, required=False)

    def begin(self) -> None:
        asked = self.initial.get("asked", "").strip()
        if asked:
            field = "email" if "@" in asked else "name" if any(map(str.isalpha, asked)) else "phone"
            self.initial[field] = asked

    def command(self) -> Command:
        data = self.cleaned_data
        return AddCustomer(name=data["name"], phone=data["phone"], email=data["email"])


class TaxExemptForm(TillForm):
    title, key = "Tax exemption", "Set"
    lead = "The reason is printed on the receipt and kept in the journal."
    reason = ExemptionField(Use.TAX)

    def command(self) -> Command:
        return TaxExempt(reason=self.cleaned_data["reason"])


class SaleTaxesForm(TillForm):
    title, key = "Taxes of the sale", "Set taxes"
    override = TaxesField("transaction")

    def command(self) -> Command:
        return SaleTaxes(override=self.cleaned_data["override"])


class LineTaxesForm(LineForm):
    title, key = "Taxes of the line", "Set taxes"
    override = TaxesField("line")

    def command(self) -> Command:
        return LineTaxes(line=self.cleaned_data["line"], override=self.cleaned_data["override"])


class ChargeForm(TillForm):
    title, key = "Charge", "Set charge"
    lead = "An amount of zero takes the charge away."
    charge = ChargeField()
    amount = FigureField(label="Amount", min_value=Decimal(0))

    def command(self) -> Command:
        return AddCharge(charge=self.cleaned_data["charge"], amount=self.cleaned_data["amount"])


class LineChargeForm(LineForm, ChargeForm):
    """A charge on one line, which comes back with it."""

    title = "Charge on the line"

    def command(self) -> Command:
        data = self.cleaned_data
        return AddCharge(charge=data["charge"], amount=data["amount"], line=data["line"])


class ChangeChargeForm(TillForm):
    """Another amount for a charge that a rule added."""

    title, key = "Change the charge", "Change charge"
    lead = "Zero charges nothing. Leave it empty for what the rule says."
    charge = forms.CharField(label="Charge", max_length=60, widget=forms.HiddenInput)
    amount = FigureField(label="Amount", min_value=Decimal(0), required=False)
    reason = forms.CharField(label="Why, for the journal", max_length=120, required=False)

    def command(self) -> Command:
        data = self.cleaned_data
        return ChangeCharge(charge=data["charge"], amount=data["amount"], reason=data["reason"])


class DeliveryField(OfferedField):
    """The company's ways to deliver, or to carry it home."""

    none_yet = "Headquarters has entered no delivery modes yet."

    def __init__(self) -> None:
        super().__init__(label="How", widget=forms.RadioSelect, required=False)

    def offer(self, register: RegisterConfig) -> None:
        """Offer every mode."""
        modes = register.book.rules.delivery_modes
        self.choices = [("", "Carried home"), *((mode.code, mode.name) for mode in modes)] if modes else []


class HalfField(forms.CharField):
    """A short text that may be left out; two of them stand beside each other."""

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, widget=forms.TextInput({"half": True}), **options)


class AddressFields(TillForm):
    """How goods reach the customer, and where they go."""

    key = "Set delivery"
    mode = DeliveryField()
    name = forms.CharField(label="Name", max_length=120, required=False)
    street = forms.CharField(label="Street", max_length=200, required=False)
    city = HalfField(label="City", max_length=60)
    postcode = HalfField(label="Postcode", max_length=20)
    state = HalfField(label="State or county", max_length=60)
    country = HalfField(label="Country, two letters", max_length=2)

    def begin(self) -> None:
        """Show what the sale has, else the customer's address."""
        cart = self.cart
        if self.is_bound or cart is None:
            return
        place = cart.head.ship_to
        given: dict[str, Any] = {"country": self.register.store.country}
        if place is not None:
            names = ("name", "street", "city", "state", "postcode", "country")
            given = {name: getattr(place, name) for name in names}
        elif cart.head.customer_account:
            given |= address_of(cart.head.customer_account)
        self.initial = given | {"mode": self.chosen_mode()} | dict(self.initial)

    def chosen_mode(self) -> str:
        """The mode that is set now."""
        return self.cart.head.delivery.code if self.cart and self.cart.head.delivery else ""

    def given(self) -> dict[str, str]:
        return {
            name: value for name, value in self.cleaned_data.items() if name not in ("request_id", "line")
        }


class DeliverForm(AddressFields):
    title = "Delivery of the sale"

    def command(self) -> Command:
        return Deliver(**self.given())


class DeliverLineForm(LineForm, AddressFields):
    title = "Delivery of the line"

    def chosen_mode(self) -> str:
        """The line's own, else the sale's."""
        line = self.cart.line(str(self.initial.get("line", ""))) if self.cart else None
        return line.delivery.code if line is not None and line.delivery else super().chosen_mode()

    def command(self) -> Command:
        return DeliverLine(line=self.cleaned_data["line"], **self.given())


class UnitForm(LineForm):
    """Another unit for the line."""

    title, key = "Sold by", "Set unit"
    lead = "The line then costs what that unit costs."
    unit = forms.ChoiceField(label="Unit", widget=forms.RadioSelect)
    quantity = FigureField(label="How many of it", required=False)

    def begin(self) -> None:
        """Offer the units of the line's article."""
        name = self.data.get("line") if self.is_bound else self.initial.get("line")
        line = self.cart.line(str(name)) if self.cart else None
        field = self.fields["unit"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(unit.code, _held(unit)) for unit in line.article.units] if line else []
        if not field.choices:
            self.say_only("This article is sold in one unit only.")
        elif line is not None and not self.is_bound:
            self.initial = {"unit": line.article.unit} | dict(self.initial)

    def command(self) -> Command:
        data = self.cleaned_data
        return SetUnit(line=data["line"], unit=data["unit"], quantity=data["quantity"])


def _held(unit: SoldUnit) -> str:
    return unit.name if unit.factor == 1 else f"{unit.name} of {unit.factor.normalize():f}"


class AffiliationField(OfferedField):
    """What a customer may belong to."""

    none_yet = "Headquarters has entered no affiliations yet."

    def __init__(self) -> None:
        super().__init__(label="The customer belongs to", widget=forms.RadioSelect)

    def offer(self, register: RegisterConfig) -> None:
        """Offer every affiliation."""
        self.choices = [(row.code, row.name) for row in register.book.rules.affiliations]


class AffiliateForm(TillForm):
    """An affiliation for this sale; one that it has is taken off."""

    title, key = "Affiliation", "Set affiliation"
    lead = "Its prices and offers hold for this sale. Choosing one that the sale has takes it off."
    affiliation = AffiliationField()

    def begin(self) -> None:
        """Say which ones the sale has."""
        field = self.fields["affiliation"]
        assert isinstance(field, AffiliationField)
        field.choices = [
            (code, f"{name} (on this sale)" if code in self._present() else name)
            for code, name in field.choices
        ]

    def _present(self) -> set[str]:
        return {one.code for one in self.cart.head.affiliations} if self.cart else set()

    def command(self) -> Command:
        code = self.cleaned_data["affiliation"]
        return Affiliate(affiliation=code, remove=code in self._present())
