"""Play a file of invoices through the services of the till."""

from __future__ import annotations

import time
from argparse import ArgumentTypeError
from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from api.replay.invoices import Invoice, UnreadableFile, read_invoices
from api.replay.play import NotTaken, Player, Progress
from api.replay.report import days, table, total
from channels_app.errors import DomainError
from channels_app.roles import Role, current_role
from hq.models import Register, Store, WorkerStore
from hq.permissions import Permission

NEEDED = {
    Permission.SELL,
    Permission.PRICE_OVERRIDE,
    Permission.RETURN,
    Permission.OPEN_SHIFT,
    Permission.CLOSE_SHIFT,
}


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text} is no day: give one such as 2010-12-01") from error


class Command(BaseCommand):
    help = (
        "Play a file of invoices (Online Retail's columns) at a register, through the same services as the till: "
        "invoices become sales, cancellations returns. Can be stopped and run again at any time: what is in the "
        "journal is not played twice. Ends with the totals by day, the journal's beside the file's. Runs in a "
        "scale unit."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="CSV, plain or gzip")
        parser.add_argument("--from", dest="first", type=_day, metavar="DAY", help="first day, 2010-12-01")
        parser.add_argument("--to", dest="last", type=_day, metavar="DAY", help="last day, included")
        parser.add_argument("--store", help="number of the store; without it the first one here")
        parser.add_argument("--register", help="number of the register; without it the store's last one")
        parser.add_argument("--worker", help="staff ID; without it somebody who may do all of it")
        parser.add_argument("--method", default="", help="payment method; without it the first card method")
        parser.add_argument("--limit", type=int, help="play only so many invoices")
        parser.add_argument("--every", type=float, default=5.0, metavar="SECONDS", help="between two reports")

    def handle(self, *args: Any, **options: Any) -> None:
        if current_role() is not Role.SCALE_UNIT:
            raise CommandError("Sales are made in a scale unit: give ROLE=scale_unit.")
        try:
            invoices = self._read(options)
            register = _register(options["store"], options["register"])
            worker_id = _worker(register, options["worker"])
            player = Player(register_id=register.pk, worker_id=worker_id, method=options["method"])
        except (UnreadableFile, DomainError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{len(invoices):,} invoices at {register}")
        progress = player.play(invoices, self._teller(len(invoices), options["every"]))
        self._report(progress)
        found = days(register.pk, invoices, progress.not_taken)
        self.stdout.write("\n".join(table(found)))
        whole = total(found)
        self.stdout.write(
            f"\nThe file adds up to {whole.exact:,} as it stands, and to {whole.file:,} with each line in whole "
            "pennies, as it can be paid."
        )
        wrong = [day for day in found if not day.is_right]
        if wrong:
            raise CommandError(
                f"On {len(wrong)} days the journal and the file differ, first on {wrong[0].day}."
            )
        self.stdout.write("Every day is equal to the penny.")

    def _read(self, options: dict[str, Any]) -> list[Invoice]:
        first, last = options["first"] or date.min, options["last"] or date.max
        wanted = (invoice for invoice in read_invoices(options["file"]) if first <= invoice.day <= last)
        invoices = list(islice(wanted, options["limit"]))
        if not invoices:
            raise CommandError("There is no invoice in that period.")
        return invoices

    def _teller(self, whole: int, every: float) -> Any:
        spoken = time.monotonic()
        seen = 0

        def tell(progress: Progress) -> None:
            nonlocal spoken, seen
            seen += 1
            if time.monotonic() - spoken >= every:
                spoken = time.monotonic()
                self.stdout.write(f"  {seen:,} of {whole:,} · {_rate(progress)}")
                self.stdout.flush()

        return tell

    def _report(self, progress: Progress) -> None:
        taken = sum(progress.taken.values())
        self.stdout.write(
            f"\n{taken:,} taken ({progress.taken['sale']:,} sales, {progress.taken['return']:,} returns, of which "
            f"{progress.linked:,} wholly on receipts), {progress.before:,} were in the journal already, "
            f"{len(progress.not_taken):,} not taken. {_rate(progress)}"
        )
        by_reason: defaultdict[str, list[NotTaken]] = defaultdict(list)
        for entry in progress.not_taken:
            by_reason[entry.reason].append(entry)
        for reason, entries in sorted(by_reason.items(), key=lambda item: -len(item[1])):
            self.stdout.write(f"\n{len(entries):,} not taken: {reason}")
            self.stdout.write("\n".join(_listed(entries)))


def _listed(entries: Sequence[NotTaken]) -> list[str]:
    return [
        f"  {entry.invoice.number:<8} {entry.invoice.at:%Y-%m-%d %H:%M} {len(entry.invoice.lines):>4} lines "
        f"{entry.invoice.amount:>12,.2f}"
        for entry in entries
    ]


def _rate(progress: Progress) -> str:
    seconds = max(progress.seconds, 0.001)
    taken = sum(progress.taken.values())
    return (
        f"{progress.lines:,} lines in {seconds:,.0f} s: {taken / seconds:,.0f} invoices and "
        f"{progress.lines / seconds:,.0f} lines a second"
    )


def _register(store_number: str | None, number: str | None) -> Register:
    stores = Store.objects.order_by("number")
    store = stores.filter(number=store_number).first() if store_number else stores.first()
    if store is None:
        known = ", ".join(stores.values_list("number", flat=True)) or "none yet: job 9999 brings them"
        raise CommandError(f"This scale unit has no such store. It has {known}.")
    registers = (
        Register.objects.filter(store=store, is_active=True).select_related("store").order_by("number")
    )
    register = registers.filter(number=number).first() if number else registers.last()
    if register is None:
        known = ", ".join(registers.values_list("number", flat=True)) or "none"
        raise CommandError(f"{store} has no such register. It has {known}.")
    return register


def _worker(register: Register, staff_id: str | None) -> int:
    workers = WorkerStore.objects.filter(store=register.store, worker__is_active=True).select_related(
        "worker", "permission_group"
    )
    for row in workers.order_by("worker__staff_id"):
        able = set(row.permission_group.permissions) >= NEEDED
        if able and staff_id in (None, row.worker.staff_id):
            return row.worker_id
    raise CommandError(
        f"{register.store} has no such worker who may sell, override prices, take returns and open and close shifts."
    )
