"""What people did with the machinery of distribution, on its pages or from a shell, is kept for the audit."""

import getpass
import os

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.hashers import make_password
from django.db.models import Model

SHELL = "shell"


def note(by: AbstractBaseUser, obj: Model, what: str, *, flag: int = CHANGE) -> None:
    """Keep who did what with a row, in a sentence without its subject: "Cancelled it"."""
    LogEntry.objects.log_actions(user_id=by.pk, queryset=[obj], action_flag=flag, change_message=what)


def note_from_shell(obj: Model, what: str, *, flag: int = CHANGE) -> None:
    """The same for somebody at a shell, who is nobody in the back office but has a name on the machine."""
    note(_shell(), obj, f"{what} (from a shell, as {_name()})", flag=flag)


def _shell() -> AbstractBaseUser:
    """The user that stands for all shells; nobody can sign in as it."""
    user, _ = get_user_model().objects.get_or_create(
        username=SHELL,
        defaults={
            "first_name": "A",
            "last_name": "shell",
            "is_active": False,
            "password": make_password(None),
        },
    )
    return user


def _name() -> str:
    try:
        return os.environ.get("SUDO_USER") or getpass.getuser()
    except (KeyError, OSError):  # a container may run as a number without a name
        return f"user {os.getuid()}"
