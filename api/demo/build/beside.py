"""What a sale costs beside its goods, and who pays less: delivery, charges, other taxes, foreign money, students.

Charges and rates of exchange are invented.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from api.demo import company
from catalog.models import Category, ItemTaxGroup
from customers.models import Affiliation
from hq.models import SalesTaxGroup
from pricing.models import (
    AffiliationPriceGroup,
    ChargeCode,
    ChargeRule,
    ChargeTier,
    DeliveryMode,
    DestinationTax,
    Discount,
    DiscountLine,
    DiscountPriceGroup,
    ExchangeRate,
    PriceGroup,
    TaxOverride,
)
from pricing.services.discounts import enable_discount

STATIONERY = "Stationery & craft"


def make_charges(item_tax_groups: Mapping[str, ItemTaxGroup]) -> None:
    """Write how goods are sent and what that costs; from an amount on it is free."""
    parcel, _ = DeliveryMode.objects.bulk_create(
        DeliveryMode(code=code, name=name, needs_address=needs_address)
        for code, name, needs_address in company.DELIVERY_MODES
    )
    general = item_tax_groups["GENERAL"]
    codes = {
        code: ChargeCode(code=code, name=name, kind=kind, item_tax_group=general, is_refundable=is_refundable)
        for code, name, kind, is_refundable in company.CHARGES
    }
    ChargeCode.objects.bulk_create(codes.values())
    for currency, (amount, free_from) in company.DELIVERY_PRICES.items():
        rule = ChargeRule.objects.create(
            charge=codes["DELIVERY"],
            name=f"Parcel in {currency}, free from {free_from}",
            is_active=True,
            currency_id=currency,
            delivery_mode=parcel,
            is_prorated=True,
        )
        ChargeTier.objects.create(
            rule=rule, least=0, most=Decimal(free_from) - Decimal("0.01"), value=Decimal(amount)
        )


def make_tax_choices(
    tax_groups: Mapping[str, SalesTaxGroup], item_tax_groups: Mapping[str, ItemTaxGroup]
) -> None:
    """Write what goods pay where they are sent, and the taxes of food that is eaten in the shop."""
    DestinationTax.objects.bulk_create(
        DestinationTax(country=country, sales_tax_group=group) for country, group in tax_groups.items()
    )
    TaxOverride.objects.create(
        code="EAT-IN", name="Eaten in the shop", scope="line", item_tax_group=item_tax_groups["GENERAL"]
    )


def make_exchange_rates() -> None:
    """Write what the money of the neighbours is worth."""
    ExchangeRate.objects.bulk_create(
        ExchangeRate(currency_id=currency, into_id=into, rate=Decimal(rate), starts_on=date(2020, 1, 1))
        for currency, into, rate in company.EXCHANGE_RATES
    )


def make_affiliations() -> None:
    """Students pay less for stationery, wherever they say at the till that they are."""
    students = Affiliation.objects.create(code="STUDENT", name="Students")
    group = PriceGroup.objects.create(code="STUDENTS", name="Students")
    AffiliationPriceGroup.objects.create(affiliation=students, price_group=group)
    offer = Discount.objects.create(
        code="STUDENT10", name="Students −10 %", kind="simple", method="percent_off", value=Decimal(10)
    )
    DiscountLine.objects.create(discount=offer, category=Category.objects.get(name=STATIONERY))
    DiscountPriceGroup.objects.create(discount=offer, price_group=group)
    enable_discount(offer.pk)
