"""A client of the REST API at a register: what an integrator would write."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from django.test import Client

from tests.scenarios.store import PIN, Shop


@dataclass
class TillClient:
    """Keeps the tokens and sends JSON."""

    shop: Shop
    http: Client = field(default_factory=Client)
    headers: dict[str, str] = field(default_factory=dict)

    def activate(self) -> None:
        """By the word of the store's manager."""
        answer = self.post(
            "activate/",
            register_number=self.shop.register.number,
            staff_id=self.shop.manager.staff_id,
            pin=PIN,
        )
        assert answer.status_code == 201, answer.content
        self.headers["Authorization"] = f"Device {answer.json()['device_token']}"

    def sign_on(self, staff_id: str = "", pin: str = PIN) -> Any:
        """As the manager unless told otherwise."""
        answer = self.post("sign-on/", staff_id=staff_id or self.shop.manager.staff_id, pin=pin)
        if answer.status_code == 201:
            self.headers["Tillhouse-Worker"] = answer.json()["worker_token"]
        return answer

    def post(self, path: str, **content: Any) -> Any:
        return self.http.post(
            f"/api/v1/{path}", content, content_type="application/json", headers=self.headers
        )

    def get(self, path: str, **query: Any) -> Any:
        return self.http.get(f"/api/v1/{path}", query, headers=self.headers)

    def commands(self, *commands: dict, request_id: str = "", **more: Any) -> Any:
        return self.post(
            "cart/commands/", request_id=request_id or str(uuid4()), commands=list(commands), **more
        )


def a_till(shop: Shop) -> TillClient:
    """An activated client with the manager signed on."""
    client = TillClient(shop)
    client.activate()
    client.sign_on()
    return client
