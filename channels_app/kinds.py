"""The four kinds of model. Packages, the guard and tests read a model's kind from its base class."""

from typing import Any

from django.db import models

from channels_app.identifiers import uuid7


class Kinded(models.Model):
    """A model that says by its base class who writes it and how it moves."""

    class Meta:
        abstract = True


class HeadquartersOnly(Kinded):
    """Written by headquarters, never moves: schedules, package history, back-office users, statements."""

    class Meta:
        abstract = True


class MasterData(Kinded):
    """Written by headquarters and copied to channels with the same primary key, in packages."""

    class Meta:
        abstract = True


class ChannelRecord(Kinded):
    """Written by the engine in a channel and copied to headquarters with the same UUIDv7, exactly once."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)

    class Meta:
        abstract = True


class ChannelLocal(Kinded):
    """Written by the engine, never moves: open carts, sign-ons, device jobs, applied-package marks."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)

    class Meta:
        abstract = True


KINDS: tuple[type[Kinded], ...] = (HeadquartersOnly, MasterData, ChannelRecord, ChannelLocal)


def kind_of(model: type[models.Model]) -> type[Kinded] | None:
    """The kind of a model, or None for a third-party model."""
    return next((kind for kind in KINDS if issubclass(model, kind)), None)


class LooseForeignKey(models.ForeignKey):
    """A reference from a channel's record to master data, which may leave the channel while the record stays.

    The database keeps the value and checks nothing: a product that leaves the assortment must neither be
    held back by yesterday's receipts nor take them with it.
    """

    def __init__(self, to: Any, **kwargs: Any) -> None:
        kwargs.setdefault("on_delete", models.DO_NOTHING)
        kwargs["db_constraint"] = False
        kwargs.setdefault("related_name", "+")
        super().__init__(to, **kwargs)


__all__ = [
    "ChannelLocal",
    "ChannelRecord",
    "HeadquartersOnly",
    "Kinded",
    "LooseForeignKey",
    "MasterData",
    "kind_of",
]
