"""Give the demo company a past: what its stores sold on the days before today."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from api.demo.trade import sell_before_today
from channels_app.errors import DomainError
from channels_app.roles import Role, current_role

MOST_DAYS, MOST_CUSTOMERS = 400, 2000


class Command(BaseCommand):
    help = (
        "Sell at the last register of each store of the demo company on the days before today, through the same "
        "services as the till, the same every time. Again: only what is missing. Runs in a scale unit."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--days", type=int, default=8, help="how many days before today (default 8)")
        parser.add_argument(
            "--customers", type=int, default=36, help="of a store on an ordinary day (default 36)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if current_role() is not Role.SCALE_UNIT:
            raise CommandError("Sales are made in a scale unit: give ROLE=scale_unit.")
        for name, most in (("days", MOST_DAYS), ("customers", MOST_CUSTOMERS)):
            if not 1 <= options[name] <= most:
                raise CommandError(f"--{name} takes a whole number from 1 to {most}, not {options[name]}.")
        try:
            made = sell_before_today(
                today=timezone.localdate(),
                days=options["days"],
                customers=options["customers"],
                tell=self.stdout.write,
            )
        except DomainError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{made} sales were made.")
