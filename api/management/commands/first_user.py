"""Make the first back-office user of a company of one's own."""

from __future__ import annotations

import secrets
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from api.demo.welcome import welcome_path, write_first_user
from channels_app.roles import is_headquarters
from hq.models import User

NAME = "owner"


class Command(BaseCommand):
    help = (
        f"Make the back-office user {NAME}, with a password that is thought of and kept in the data folder. "
        "Where there is a user already: change nothing. Runs in headquarters."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if not is_headquarters():
            raise CommandError("Back-office users are made in headquarters.")
        if User.objects.exists():
            self.stdout.write("There is a back-office user already; nothing was changed.")
            return
        password = secrets.token_urlsafe(9)
        User.objects.create_superuser(NAME, password=password)
        write_first_user(NAME, password)
        self.stdout.write(f"Who signs in with what: {welcome_path()}")
