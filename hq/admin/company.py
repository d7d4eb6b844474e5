"""Pages of the company itself: legal entities, currencies, sales tax groups, reason codes."""

from decimal import Decimal
from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from unfold.decorators import display

from hq import navigation
from hq.admin.base import Admin, Inline, uses
from hq.admin.forms import Form
from hq.cells import counted, plain
from hq.models import Currency, Denomination, LegalEntity, ReasonCode, SalesTaxGroup
from hq.navigation import Entry, Section


class CountryForm(Form):
    """Countries are two capital letters, however they were typed."""

    def clean_country(self) -> str:
        country = (self.cleaned_data.get("country") or "").strip().upper()
        two_letters(country)
        return country


def two_letters(country: str) -> None:
    """Raises ValidationError where it is neither empty nor a code of ISO 3166."""
    if country and not (len(country) == 2 and country.isascii() and country.isalpha()):
        raise ValidationError("Use the two letters of ISO 3166, such as GB or IE.")


@admin.register(LegalEntity)
class LegalEntityAdmin(Admin):
    form = CountryForm
    list_display = ["name", "code", "country", "currency", "tax_number", "stores_shown"]
    search_fields = ["name", "code", "tax_number"]
    autocomplete_fields = ["currency"]
    empty_hint = "A legal entity is the company as the tax office knows it. Every store belongs to one."
    used_by = [uses("stores", "store", listed="admin:hq_store_changelist?legal_entity__id__exact={pk}")]
    fieldsets = [
        (None, {"fields": ["name", "code"]}),
        ("For the tax office", {"fields": ["country", "tax_number", "address"]}),
        ("Books", {"fields": ["currency"]}),
    ]
    help_texts = {
        "name": "As registered; printed on receipts.",
        "code": "Short name for lists and exports, such as UK.",
        "country": "Two letters, such as GB.",
        "tax_number": "Printed on receipts where the store has no number of its own.",
        "address": "Registered address, one line each.",
        "currency": "The currency its books are kept in. Stores may sell in another.",
    }

    def get_queryset(self, request: HttpRequest) -> QuerySet[LegalEntity]:
        return super().get_queryset(request).annotate(store_count=Count("stores"))

    @display(description="Stores", ordering="store_count")
    def stores_shown(self, obj: Any) -> str:
        return counted(obj.store_count, "store")


class DenominationInline(Inline):
    model = Denomination
    fields = ["value", "kind"]
    verbose_name_plural = "notes and coins"
    help_texts = {"value": "Face value, such as 20 or 0.50."}


class CurrencyForm(Form):
    """A code of three capital letters; the smallest cash amount is one that the currency can write down."""

    def clean_code(self) -> str:
        code = str(self.cleaned_data["code"]).strip().upper()
        if not (len(code) == 3 and code.isascii() and code.isalpha()):
            raise ValidationError("Use the three letters of ISO 4217, such as GBP.")
        return code

    def clean(self) -> dict[str, Any] | None:
        data = super().clean()
        decimals, unit = self.cleaned_data.get("decimals"), self.cleaned_data.get("cash_unit")
        if decimals is not None and decimals > 3:
            self.add_error("decimals", "No currency has more than 3 decimals. Enter 0, 2 or 3.")
        elif decimals is not None and unit is not None and unit % Decimal(1).scaleb(-decimals):
            self.add_error(
                "cash_unit",
                f"With {decimals} decimals this amount cannot be written. Enter a multiple "
                f"of {Decimal(1).scaleb(-decimals)}.",
            )
        if unit is not None and unit <= 0:
            self.add_error("cash_unit", "Enter an amount above zero, such as 0.01.")
        return data


@admin.register(Currency)
class CurrencyAdmin(Admin):
    form = CurrencyForm
    list_display = ["code", "name", "symbol", "decimals", "cash_unit_shown", "denominations_shown"]
    search_fields = ["code", "name"]
    inlines = [DenominationInline]
    empty_hint = "Add the currency that your stores sell in, with its notes and coins."
    used_by = [uses("stores", "store", listed="admin:hq_store_changelist?currency__code__exact={pk}")]
    fieldsets = [
        (None, {"fields": ["code", "name", "symbol"]}),
        ("Amounts", {"fields": ["decimals", "cash_unit"]}),
    ]
    help_texts = {
        "code": "Three letters of ISO 4217, such as GBP.",
        "name": "In full, such as Pound sterling.",
        "symbol": "Before amounts on screen and paper, such as £.",
    }

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["code"] if obj else []

    def get_queryset(self, request: HttpRequest) -> QuerySet[Currency]:
        return super().get_queryset(request).annotate(denomination_count=Count("denominations"))

    @display(description="Smallest cash", ordering="cash_unit")
    def cash_unit_shown(self, obj: Currency) -> str:
        return plain(obj.cash_unit)

    @display(description="Notes and coins", ordering="denomination_count")
    def denominations_shown(self, obj: Any) -> str:
        return counted(obj.denomination_count, "piece")


@admin.register(SalesTaxGroup)
class SalesTaxGroupAdmin(Admin):
    list_display = ["name", "code", "stores_shown"]
    search_fields = ["name", "code"]
    empty_hint = "A sales tax group says where a sale is taxed, such as United Kingdom. Every store has one."
    used_by = [uses("stores", "store", listed="admin:hq_store_changelist?sales_tax_group__id__exact={pk}")]
    fieldsets = [(None, {"fields": ["name", "code"]})]
    help_texts = {
        "name": "Where sales are taxed, such as United Kingdom.",
        "code": "Short name, such as UK.",
    }

    def get_queryset(self, request: HttpRequest) -> QuerySet[SalesTaxGroup]:
        return super().get_queryset(request).annotate(store_count=Count("stores"))

    @display(description="Stores", ordering="store_count")
    def stores_shown(self, obj: Any) -> str:
        return counted(obj.store_count, "store")


@admin.register(ReasonCode)
class ReasonCodeAdmin(Admin):
    list_display = ["text", "use", "code", "position"]
    list_filter = ["use"]
    search_fields = ["text", "code"]
    empty_hint = (
        "Reasons are what a cashier picks from when overriding a price, voiding or taking goods back."
    )
    fieldsets = [
        (None, {"fields": ["use", "text"]}),
        ("In the list at the till", {"fields": ["code", "position"]}),
    ]
    help_texts = {
        "use": "What the cashier does when this reason is offered.",
        "text": "As the cashier reads it, such as Damaged packaging.",
        "code": "Short name kept in the journal, such as DAMAGED. Do not change it once used.",
        "position": "Lower numbers come first.",
    }


navigation.add(
    Section.COMPANY,
    Entry.of(LegalEntity, icon="account_balance", position=100),
    Entry.of(Currency, icon="payments", position=110),
    Entry.of(ReasonCode, icon="rule", position=90),
)
