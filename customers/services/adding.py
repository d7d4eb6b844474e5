"""New customers that a till asks headquarters for."""

from __future__ import annotations

import re
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet

from channels_app.errors import DomainError
from channels_app.statements import run_statement
from customers.models import Customer, CustomerAsked

PHONE_SIGNS = re.compile(r"[\d\s+()/.-]+")
LEAST_FIGURES = 4  # of a phone number: fewer are in too many


class CustomerNotAdded(DomainError):
    code = "customer_not_added"
    message = "{why}"


@transaction.atomic
def add_customer(*, request: UUID, name: str, phone: str, email: str, where: str) -> Customer:
    """Add a customer with the next free account number; the same request again gives the same customer.

    `where` is kept in the history of the customer. Raises CustomerNotAdded with the field at fault: for what is no
    name, phone number or address, and for somebody who is a customer already.
    """
    run_statement("SELECT pg_advisory_xact_lock(hashtext('customers: one added after another'))", {})
    asked = CustomerAsked.objects.filter(pk=request).select_related("customer").first()
    if asked is not None:
        return asked.customer
    name, phone, email = (" ".join(text.replace("\0", "").split()) for text in (name, phone, email))
    customer = Customer(account=_next_account(), name=name, phone=phone, email=email)
    _check(customer)
    _check_is_new(customer)
    customer._change_reason = where[:100]
    customer.save()
    CustomerAsked.objects.create(request=request, customer=customer)
    return customer


def _check(customer: Customer) -> None:
    try:
        customer.full_clean()
    except ValidationError as error:
        field, words = next(iter(error.message_dict.items()))
        label = {"email": "E-mail"}.get(field, field.capitalize())
        raise CustomerNotAdded(why=f"{label}: {words[0]}", field=field) from error
    figures = sum(map(str.isdecimal, customer.phone))
    if customer.phone and not (PHONE_SIGNS.fullmatch(customer.phone) and figures >= LEAST_FIGURES):
        words = f"Phone: {customer.phone} is no phone number. Use figures, with + ( ) / - between them if you like."
        raise CustomerNotAdded(why=words, field="phone")


def _check_is_new(customer: Customer) -> None:
    others = Customer.objects.all()
    if customer.email:
        _refuse(others.filter(email__iexact=customer.email), "email", "this e-mail address")
    if customer.phone:
        _refuse(others.filter(phone=customer.phone, name__iexact=customer.name), "phone", "this phone number")


def _refuse(others: QuerySet[Customer], field: str, what: str) -> None:
    other = others.first()
    if other is not None:
        words = f"{other.name} has {what} already, with the account {other.account}. Search for that account."
        raise CustomerNotAdded(why=words, field=field)


def _next_account() -> str:
    """An account number that nobody has; those that were given by hand are left out."""
    while True:
        ((number,),) = run_statement("SELECT nextval('customers_account_number')", {})
        if not Customer.objects.filter(account=str(number)).exists():
            return str(number)
