"""From an empty headquarters to a store that can sell, in one go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction

from api import usual
from api.first_store.countries import Country, Money
from catalog.models import (
    Assortment,
    AssortmentLine,
    AssortmentStore,
    BarcodeMask,
    Category,
    ItemTaxGroup,
    Unit,
)
from channels_app.errors import DomainError
from channels_app.models import ChannelDatabase
from channels_app.services.scale_units import place_stores
from channels_app.statements import run_statement
from hq.models import (
    ButtonGrid,
    Currency,
    Denomination,
    FunctionalityProfile,
    LegalEntity,
    PaymentMethod,
    PermissionGroup,
    ReasonCode,
    ReceiptProfile,
    Register,
    SalesTaxGroup,
    ScreenLayout,
    Store,
    VisualProfile,
    Worker,
    WorkerStore,
)
from pos.button_proposals import FAVOURITES
from pricing.models import ItemTaxGroupCode, PricingPolicy, SalesTaxGroupCode, TaxCode, TaxRate

NUMBER = "1"
ZERO_RATE = "ZERO"


# A company that has any of these was begun by hand, or has its store.
_MADE = (
    Store, LegalEntity, SalesTaxGroup, ItemTaxGroup, TaxCode, FunctionalityProfile, ReceiptProfile, VisualProfile,
    ScreenLayout, PaymentMethod, ReasonCode, Unit, BarcodeMask, Category, Assortment, PermissionGroup, Worker,
)  # fmt: skip


class CompanyHasBegun(DomainError):
    code = "company_has_begun"
    message = (
        "This company has begun already, with “{name}”: go on here. A store is opened like another one with "
        "Duplicate, on its page."
    )


@dataclass(frozen=True)
class FirstStore:
    """What is asked of an owner; rates in percent, the standard one first."""

    name: str
    company: str
    tax_number: str
    address: str
    phone: str
    country: Country
    money: Money
    time_zone: str
    prices_include_tax: bool
    rates: Sequence[Decimal]
    registers: int
    worker: str
    staff_id: str
    pin: str


@transaction.atomic
def open_first_store(plan: FirstStore) -> Store:
    """Make the store with all that it needs to sell: money, taxes, ways to pay, roles, tills and who runs them.

    It sells from the channel database, where there is exactly one. Raises CompanyHasBegun.
    """
    run_statement("SELECT pg_advisory_xact_lock(hashtext('first store: opened once'))", {})
    refuse_when_begun()
    currency = _make_currency(plan.money)
    store = Store.objects.create(
        number=NUMBER,
        name=plan.name,
        legal_entity=LegalEntity.objects.create(
            code="COMPANY",
            name=plan.company or plan.name,
            country=plan.country.code,
            tax_number=plan.tax_number,
            address=plan.address,
            currency=currency,
        ),
        country=plan.country.code,
        address=plan.address,
        phone=plan.phone,
        tax_number=plan.tax_number,
        time_zone=plan.time_zone,
        currency=currency,
        prices_include_tax=plan.prices_include_tax,
        sales_tax_group=_make_taxes(plan.country, plan.rates),
        functionality_profile=FunctionalityProfile.objects.create(name="Shop floor"),
        receipt_profile=ReceiptProfile.objects.create(name="Receipt", footer="Thank you."),
        visual_profile=VisualProfile.objects.create(name="House style"),
        screen_layout=_make_layout(),
    )
    for place in range(1, plan.registers + 1):
        Register.objects.create(store=store, number=f"{NUMBER}{place:02d}", name=f"Till {place}")
    usual.make_payment_methods([store], usual.PAYMENT_METHODS)
    usual.make_reasons(usual.REASONS)
    usual.make_units()
    usual.make_masks()
    _make_assortment(store)
    _make_manager(plan, store)
    databases = list(ChannelDatabase.objects.filter(is_active=True)[:2])
    if len(databases) == 1:
        place_stores(databases[0], [store.number])
    return store


def refuse_when_begun() -> None:
    """Raises CompanyHasBegun where there is anything that the first store would bring."""
    for model in _MADE:
        there = model.objects.first()
        if there is not None:
            raise CompanyHasBegun(name=str(there))


def _make_currency(money: Money) -> Currency:
    currency = Currency.objects.filter(code=money.code).first()
    if currency is not None:
        return currency
    currency = Currency.objects.create(
        code=money.code,
        name=money.name,
        symbol=money.symbol,
        decimals=money.decimals,
        cash_unit=money.cash_unit,
    )
    Denomination.objects.bulk_create(
        Denomination(currency=currency, value=value, kind=kind)
        for kind, values in (("note", money.notes), ("coin", money.coins))
        for value in values
    )
    return currency


def _make_taxes(country: Country, rates: Sequence[Decimal]) -> SalesTaxGroup:
    """A tax code and a tax group of goods for each rate, and for none; return the group of the store.

    How they are rounded follows the law of the country, where it says so.
    """
    names = ["Standard rate", "Reduced rate", "Second reduced rate", "Third reduced rate"]
    kinds = [
        *zip(["STANDARD", "REDUCED", "REDUCED2", "REDUCED3"], names, rates, strict=False),
        (ZERO_RATE, "Zero rate", Decimal(0)),
    ]
    if country.tax_is_rounded_once:
        PricingPolicy.objects.update_or_create(defaults={"tax_rounding": PricingPolicy.Rounding.DOCUMENT})
    group = SalesTaxGroup.objects.create(code=f"{country.code}-STORES", name=f"Stores in {country.name}")
    for code, name, percent in kinds:
        tax = TaxCode.objects.create(
            code=f"{country.code}-{code}",
            name=f"{country.tax} {percent.normalize():f} %",
            country=country.code,
        )
        TaxRate.objects.create(tax_code=tax, percent=percent)
        SalesTaxGroupCode.objects.create(group=group, tax_code=tax)
        goods = ItemTaxGroup.objects.create(code=code, name=f"{name}, {percent.normalize():f} %")
        ItemTaxGroupCode.objects.create(group=goods, tax_code=tax)
    return group


def _make_layout() -> ScreenLayout:
    layout = ScreenLayout.objects.create(name="Till")
    ButtonGrid.objects.create(layout=layout, name=FAVOURITES, position=1)
    return layout


def _make_assortment(store: Store) -> None:
    """Everything below one category is sold; the owner may divide it later."""
    goods = Category.objects.create(code="goods", name="All goods", position=1)
    everything = Assortment.objects.create(name="Everything")
    AssortmentLine.objects.create(assortment=everything, category=goods)
    AssortmentStore.objects.create(assortment=everything, store=store)


def _make_manager(plan: FirstStore, store: Store) -> None:
    manager = Worker(staff_id=plan.staff_id, name=plan.worker, name_on_receipt=plan.worker.split()[0][:40])
    manager.set_pin(plan.pin)
    manager.save()
    roles = usual.make_roles()
    WorkerStore.objects.create(worker=manager, store=store, permission_group=roles[usual.MANAGER])
