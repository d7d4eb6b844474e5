"""A customer who is new at the till: headquarters gives the account, once, and the stores get it in a package."""

from __future__ import annotations

from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import connection

from channels_app.errors import Unavailable
from config.embedded.services import free_port
from customers.models import Customer
from customers.services.adding import CustomerNotAdded, add_customer
from pos.cart.errors import TendersTaken
from pos.operations.new_customer import AddCustomer
from pos.operations.product_sale import ProductSale
from pos.operations.sale import Pay, SetCustomer
from tests.channels_app.asking import AskingTill
from tests.channels_app.company import Company
from tests.channels_app.two_sides import Sides

pytestmark = pytest.mark.timeout(120)
ADA = AddCustomer(name="Ada  Lovelace", phone="020 7946 0100", email="ada@engine.example")


@pytest.fixture
def world(shop: Company, sides: Sides, headquarters_url: str) -> AskingTill:
    return AskingTill(sides, shop.database, headquarters_url)


def test_a_new_customer_is_on_the_sale_at_once_and_at_headquarters(world: AskingTill) -> None:
    cart = world.run(ProductSale(code="85123A"), ADA)
    added = Customer.objects.get(email="ada@engine.example")
    assert (cart.customer_account, cart.customer_name) == (added.account, "Ada Lovelace")
    assert cart.notice is not None and added.account in cart.notice.text
    reason = added.history.get().history_change_reason
    assert reason.startswith("Added at the till in ") and world.till.cashier.staff_id in reason
    world.run(Pay(method="cash"))


def test_the_same_person_twice_in_a_sale_is_one_customer(world: AskingTill) -> None:
    """An answer was lost, and the cashier presses again."""
    first = world.run(ADA)
    world.run(SetCustomer(account=""))
    assert world.run(ADA).customer_account == first.customer_account
    assert Customer.objects.count() == 1


def test_who_is_a_customer_already_is_named(world: AskingTill) -> None:
    account = world.run(ADA).customer_account
    with pytest.raises(CustomerNotAdded, match=f"Ada Lovelace has this e-mail address.*{account}") as refused:
        world.run(AddCustomer(name="A. Byron", email="ADA@engine.example"))
    assert refused.value.field == "email"
    assert Customer.objects.count() == 1


def test_while_headquarters_is_away_the_sale_goes_on_without(world: AskingTill) -> None:
    nobody = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(Unavailable, match="Headquarters cannot be reached"):
        world.run(ProductSale(code="85123A"), ADA, url=nobody)
    assert world.run(ProductSale(code="85123A")).total
    assert not Customer.objects.exists()


def test_nobody_is_added_while_the_sale_is_being_paid(world: AskingTill) -> None:
    world.run(ProductSale(code="85123A"), Pay(method="cash", amount=Decimal("0.01")))
    with pytest.raises(TendersTaken):
        world.run(ADA)
    assert not Customer.objects.exists()


@pytest.mark.django_db
class TestAtHeadquarters:
    @pytest.mark.parametrize(
        ("name", "phone", "email", "field"),
        [
            ("  ", "", "", "name"),
            ("\0", "", "", "name"),
            ("A" * 121, "", "", "name"),
            ("Ada", "", "ada at engine", "email"),
            ("Ada", "call me", "", "phone"),
            ("Ada", "123", "", "phone"),
            ("Ada", "0" * 31, "", "phone"),
        ],
    )
    def test_what_is_no_customer_is_refused_by_its_field(
        self, name: str, phone: str, email: str, field: str
    ) -> None:
        with pytest.raises(CustomerNotAdded) as refused:
            add_customer(request=uuid4(), name=name, phone=phone, email=email, where="")
        assert refused.value.field == field
        assert not Customer.objects.exists()

    def test_numbers_given_by_hand_are_left_out(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT nextval('customers_account_number')")
            (last,) = cursor.fetchone()
        Customer.objects.create(account=str(last + 1), name="By hand")
        added = add_customer(request=uuid4(), name="Ada", phone="", email="", where="")
        assert added.account == str(last + 2)

    def test_two_people_of_one_household_share_a_phone(self) -> None:
        for name in ("Ada", "Byron"):
            add_customer(request=uuid4(), name=name, phone="020 7946 0100", email="", where="")
        with pytest.raises(CustomerNotAdded, match="Ada has this phone number"):
            add_customer(request=uuid4(), name="ada", phone="020 7946 0100", email="", where="")
