"""The life of a package at headquarters, and at the scale unit that gets it, as tables."""

from django.db import models

from channels_app.errors import DomainError


class PackageState(models.TextChoices):
    STARTED = "started", "Being built"
    AVAILABLE = "available", "Available"
    DOWNLOADING = "downloading", "On its way"
    APPLIED = "applied", "Applied"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"


MOVES: dict[PackageState, frozenset[PackageState]] = {
    PackageState.STARTED: frozenset({PackageState.AVAILABLE, PackageState.FAILED, PackageState.CANCELLED}),
    PackageState.AVAILABLE: frozenset(
        {PackageState.DOWNLOADING, PackageState.APPLIED, PackageState.FAILED, PackageState.CANCELLED}
    ),
    PackageState.DOWNLOADING: frozenset(
        {PackageState.AVAILABLE, PackageState.APPLIED, PackageState.FAILED, PackageState.CANCELLED}
    ),
    PackageState.FAILED: frozenset({PackageState.APPLIED, PackageState.CANCELLED}),
    PackageState.APPLIED: frozenset(),
    PackageState.CANCELLED: frozenset({PackageState.APPLIED}),
}
# What failed or was cancelled may still turn out applied: the scale unit had it, and what it says is the truth.
# What failed may be skipped by hand: it is cancelled then. Nothing settled is sent again: another one is built, from
# the same parts where they still hold.

LIVE = (PackageState.STARTED, PackageState.AVAILABLE, PackageState.DOWNLOADING)
SETTLED = (PackageState.APPLIED, PackageState.FAILED, PackageState.CANCELLED)


class ReceivedState(models.TextChoices):
    DOWNLOADING = "downloading", "Downloading"
    RECEIVED = "received", "Received"
    APPLIED = "applied", "Applied"
    FAILED = "failed", "Failed"
    REFUSED = "refused", "Refused"


class IllegalPackageMove(DomainError):
    code = "package_illegal_move"
    message = "A package that is {state} cannot become {wanted}."
