"""Make the demo company in the database of headquarters."""

from __future__ import annotations

from collections.abc import Mapping

from django.contrib.auth.models import Group
from django.db import transaction

from api.demo import company
from api.demo.build import beside, layouts, offers, reference, stores
from api.demo.build import goods as shelves
from api.demo.build.orders import make_orders
from api.usual import make_masks, make_payment_methods, make_reasons, make_units
from channels_app.errors import DomainError
from channels_app.models import ChannelDatabase
from channels_app.services.scale_units import place_stores
from hq.models import LegalEntity, Store, User


class AnotherCompany(DomainError):
    code = "another_company"
    message = "This database already holds {name}. Give --force to make the demo company beside it."


def is_made() -> bool:
    """Say whether the demo company is in this database."""
    return LegalEntity.objects.filter(code=company.ENTITIES[0].code).exists()


def make_company(*, password: str, pins: Mapping[str, str], force: bool = False) -> bool:
    """Make the whole company, or nothing where it is made already; return whether it was made.

    `password` is for every back-office user, `pins` has the PIN of each role. The same excerpt gives the same
    company every time. Raises AnotherCompany in a database that holds another one, unless `force`.
    """
    with transaction.atomic():
        if is_made():
            return False
        other = LegalEntity.objects.first()
        if other is not None and not force:
            raise AnotherCompany(name=other.name)
        _make(password, pins)
    return True


def _make(password: str, pins: Mapping[str, str]) -> None:
    reference.make_currencies()
    tax_groups, item_tax_groups = reference.make_taxes()
    units = make_units()
    make_masks()
    make_reasons(company.REASONS)
    screens = layouts.make_layouts()
    places = stores.make_stores(tax_groups, screens)
    stores.make_registers(places)
    make_payment_methods(places.values(), company.PAYMENT_METHODS)
    stores.make_workers(places, pins)
    goods = shelves.read_goods()
    shelves.make_products(goods, units, item_tax_groups)
    shelves.make_assortments(places)
    shelves.make_prices(goods, places)
    shelves.make_stock(goods, places)
    shelves.make_customers()
    layouts.make_buttons(screens, goods)
    beside.make_charges(item_tax_groups)
    offers.make_offers()
    beside.make_tax_choices(tax_groups, item_tax_groups)
    beside.make_exchange_rates()
    beside.make_affiliations()
    _place(places)
    for username, name, is_superuser in company.BACK_OFFICE:
        user = User.objects.create_user(
            username, password=password, first_name=name, is_staff=True, is_superuser=is_superuser
        )
        user.groups.set(Group.objects.filter(name=username.capitalize()))
    make_orders(
        Store.objects.order_by("number").first(), User.objects.get(username=company.BACK_OFFICE[0][0])
    )


def _place(stores: Mapping[str, Store]) -> None:
    """Have the stores sell from the channel database, where there is one and no choice to make."""
    databases = list(ChannelDatabase.objects.filter(is_active=True)[:2])
    if len(databases) == 1:
        place_stores(databases[0], stores)
