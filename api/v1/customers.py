"""Who buys, for programs."""

from __future__ import annotations

from django.http import HttpResponse
from rest_framework.request import Request

from api.v1 import messages
from api.v1.access import Endpoint
from api.v1.schema import described
from pos.services.customers import search_customers


class Customers(Endpoint):
    @described(
        "Search customers",
        answers=list[messages.Customer],
        query={"q": "Words of a name, a phone number, an e-mail address, an account or a loyalty card"},
    )
    def get(self, request: Request) -> HttpResponse:
        """The likeliest first; what is chosen goes on the sale by its account with `set_customer`."""
        self.till(request).require_worker()
        return self.answer(
            [
                messages.Customer(one.account, one.name, one.phone, one.email, one.group, one.tier)
                for one in search_customers(request.query_params.get("q", ""))
            ]
        )
