"""A browser of the till without a browser: Django's test client with the cookies of a register and a worker."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID, uuid4

from django.http import HttpResponse
from django.test import Client

from pos.pages.access import DEVICE_COOKIE, WORKER_COOKIE
from pos.services.session import till_by_tokens
from pos.services.sign_on import activate_by_manager, sign_on
from tests.scenarios.store import PIN, Shop


class TillClient:
    """One register's page: it knows which cart it shows, as the real one does."""

    def __init__(self, shop: Shop, *, as_manager: bool = True, **options: Any) -> None:
        self.shop = shop
        self.client = Client(**options)
        device = activate_by_manager(
            register_number=shop.register.number, staff_id=shop.manager.staff_id, pin=PIN, description="test"
        )
        self.device = device
        worker = (shop.manager if as_manager else shop.cashier).staff_id
        self.worker = sign_on(till=till_by_tokens(device=device), staff_id=worker, pin=PIN)
        self.client.cookies[DEVICE_COOKIE] = device
        self.client.cookies[WORKER_COOKIE] = self.worker
        self.version, self.last = 0, 0

    def get(self, path: str, data: dict[str, Any] | None = None, *, htmx: bool = True) -> HttpResponse:
        return self.client.get(path, data, headers=self._headers(htmx))

    def post(self, path: str, data: dict[str, Any] | None = None, *, htmx: bool = True) -> HttpResponse:
        """Send a form, with an id of its own unless it brings one."""
        answer = self.client.post(
            path, {"request_id": str(uuid4()), **(data or {})}, headers=self._headers(htmx)
        )
        self._note(answer)
        return answer

    def scan(self, *codes: str, ids: list[UUID] | None = None) -> HttpResponse:
        """Send codes in one request, as the queue does."""
        ids = ids or [uuid4() for _ in codes]
        items = [{"id": str(item), "code": code} for item, code in zip(ids, codes, strict=True)]
        return self.post("/cart/lines/", {"request_id": str(ids[0]), "items": json.dumps(items)})

    def do(self, operation: str, **fields: Any) -> HttpResponse:
        """Send an operation's form."""
        return self.post(f"/cart/do/{operation}/", fields)

    def _headers(self, htmx: bool) -> dict[str, str]:
        return (
            {"HX-Request": "true", "Till-Version": str(self.version), "Till-Last": str(self.last)}
            if htmx
            else {}
        )

    def _note(self, answer: HttpResponse) -> None:
        text = answer.content.decode()
        marker = 'data-version="'
        if 'id="totals"' in text:
            tail = text[text.index('id="totals"') :]
            self.version = int(tail.split(marker)[1].split('"')[0])
            self.last = int(tail.split('data-last="')[1].split('"')[0])
