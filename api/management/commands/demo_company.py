"""Make the demo company, or show how to get into it."""

from __future__ import annotations

import secrets
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from api import usual
from api.demo import company
from api.demo.make import make_company
from api.demo.welcome import welcome_path, welcome_text, write_welcome
from channels_app.errors import DomainError
from channels_app.roles import is_headquarters

EMBEDDED_PASSWORD = "harbour-and-hale"  # noqa: S105  # one person's own machine, shown on its screen
EMBEDDED_PINS = {usual.CASHIER: "1111", usual.SHIFT_LEAD: "2222", usual.MANAGER: "3333"}


class Command(BaseCommand):
    help = (
        f"Make the demo company {company.NAME}: stores, registers, workers, real articles, prices and taxes, "
        "the same every time. Again: change nothing. Runs in headquarters."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--force", action="store_true", help="also beside another company")
        parser.add_argument("--password", help="of the back-office users; without it one is thought of")
        parser.add_argument("--pin", help="of every worker; without it each role gets its own")
        parser.add_argument(
            "--show", action="store_true", help="make nothing; show again who signs in with what"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not is_headquarters():
            raise CommandError("The demo company is made in headquarters; registers get it in a package.")
        if options["show"]:
            text = welcome_text()
            if not text:
                raise CommandError("There is nothing to show: run demo_company first.")
            self.stdout.write(text)
            return
        password, pins = _secrets(options["password"], options["pin"])
        try:
            made = make_company(password=password, pins=pins, force=options["force"])
        except DomainError as error:
            raise CommandError(str(error)) from error
        if not made:
            self.stdout.write(
                f"{company.NAME} is here already; nothing was changed. --show tells who signs in."
            )
            return
        write_welcome(password=password, pins=pins)
        self.stdout.write(f"{company.NAME} is made. Who signs in with what: {welcome_path()}")


def _secrets(password: str | None, pin: str | None) -> tuple[str, dict[str, str]]:
    """The password and PINs to set: fixed ones in the embedded mode only, elsewhere new ones."""
    embedded = getattr(settings, "EMBEDDED", False)
    if pin is not None and not (pin.isdigit() and 4 <= len(pin) <= 8):
        raise CommandError("A PIN has 4 to 8 digits.")
    if password is None:
        password = EMBEDDED_PASSWORD if embedded else secrets.token_urlsafe(12)
    if pin is not None:
        return password, dict.fromkeys(usual.ROLES, pin)
    if embedded:
        return password, EMBEDDED_PINS
    return password, {role: f"{secrets.randbelow(1_000_000):06d}" for role in usual.ROLES}
