"""What a cashier may choose from besides goods: charges, and other taxes. Read when it is asked for, which is rare."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

import msgspec

from customers.models import Customer, LoyaltyCard
from hq.models import Currency as CurrencyRow
from pricing.engine.money import Currency
from pricing.engine.settlement import ExchangeRate
from pricing.engine.tax_codes import TaxOverride
from pricing.models import ChargeCode, TradeAgreement
from pricing.models import ExchangeRate as RateRow
from pricing.models import TaxOverride as TaxOverrideRow


class ChargeKind(msgspec.Struct, frozen=True):
    """A charge that may be added by hand."""

    code: str
    name: str
    kind: str
    item_tax_group: str | None
    refundable: bool


def whom_prices_are_for(agreements: Iterable[str]) -> dict[str, str]:
    """The customer or price group of these trade agreements; one for everybody has none."""
    keys = [int(key) for key in agreements if key.isdigit()]
    if not keys:
        return {}
    rows = TradeAgreement.objects.filter(pk__in=keys).select_related("customer", "price_group")
    return {str(row.pk): str(whom) for row in rows if (whom := row.customer or row.price_group)}


def charge_kinds() -> list[ChargeKind]:
    """The company's charges."""
    rows = ChargeCode.objects.select_related("item_tax_group").order_by("name")
    return [
        ChargeKind(
            row.code,
            row.name,
            row.kind,
            row.item_tax_group.code if row.item_tax_group else None,
            row.is_refundable,
        )
        for row in rows
    ]


def tax_overrides(scope: str) -> list[TaxOverride]:
    """The taxes that may be chosen instead, for a line or for the transaction."""
    rows = (
        TaxOverrideRow.objects.filter(is_active=True, scope=scope)
        .select_related("item_tax_group")
        .prefetch_related("codes__tax_code", "codes__instead")
        .order_by("name")
    )
    return [
        TaxOverride(
            row.code,
            row.name,
            row.scope,
            str(row.sales_tax_group_id) if row.sales_tax_group_id else None,
            row.item_tax_group.code if row.item_tax_group else None,
            tuple(
                (swap.tax_code.code, swap.instead.code if swap.instead else None) for swap in row.codes.all()
            ),
        )
        for row in rows
    ]


class ForeignMoney(msgspec.Struct, frozen=True):
    """A currency of another country as it is taken today."""

    code: str
    currency: Currency
    rate: ExchangeRate


def foreign_money(into: str, day: date) -> list[ForeignMoney]:
    """The currencies that have a rate into the store's on that day, at their newest one."""
    rows = (
        RateRow.objects.filter(into=into, starts_on__lte=day)
        .select_related("currency")
        .order_by("currency_id", "-starts_on")
        .distinct("currency_id")
    )
    return [
        ForeignMoney(row.currency.code, _money(row.currency), ExchangeRate(row.currency.code, row.rate))
        for row in rows
    ]


def _money(row: CurrencyRow) -> Currency:
    unit = Decimal(1).scaleb(-row.decimals)
    return Currency(code=row.code, unit=unit, cash_unit=row.cash_unit.normalize())


def address_of(account: str) -> dict[str, str]:
    """A customer's name, address and country, as far as they are known."""
    customer = Customer.objects.filter(account=account).first()
    if customer is None:
        return {}
    street = ", ".join(filter(None, map(str.strip, customer.address.splitlines())))
    known = {"name": customer.name, "street": street, "country": customer.country}
    return {name: text for name, text in known.items() if text}


def card_holder(number: str) -> Customer | None:
    """The customer of an active loyalty card."""
    card = LoyaltyCard.objects.filter(number=number, is_active=True).select_related("customer").first()
    return card.customer if card else None
