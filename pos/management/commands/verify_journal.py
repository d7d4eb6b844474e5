from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from pos.errors import JournalBroken
from pos.models import RetailTransaction
from pos.services.journal import verify_chain


class Command(BaseCommand):
    help = "Check the hash chain of every register's journal, or of one register's."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--register", type=int, help="Primary key of one register.")

    def handle(self, *args: Any, **options: Any) -> None:
        registers = RetailTransaction.objects.order_by().values_list("register", flat=True).distinct()
        if options["register"] is not None:
            registers = registers.filter(register=options["register"])
        for register in registers:
            try:
                count = sum(1 for _ in verify_chain(register))
            except JournalBroken as error:
                raise CommandError(str(error)) from error
            self.stdout.write(f"Register {register}: {count} records, the chain holds.")
        if not registers:
            self.stdout.write("The journal is empty.")
