"""What goes down and what comes up: nothing is forgotten, and every row arrives with what it refers to."""

import pytest
from django.apps import apps
from django.db.models import ForeignKey, Model

from channels_app.kinds import ChannelLocal, ChannelRecord, MasterData, kind_of
from channels_app.registry import carried, carried_by_name, collected_models, effective_facets, is_cut
from channels_app.scope import Scope, facet_values
from tests.channels_app.company import Company

MODELS = [model for model in apps.get_models() if kind_of(model) is not None]


@pytest.mark.parametrize(
    "model", [m for m in MODELS if kind_of(m) is MasterData], ids=lambda m: m._meta.label
)
def test_every_table_of_master_data_goes_down_with_a_job(model: type[Model]):
    assert model in {table.model for table in carried()}, "name it in the distribution.py of its app"


@pytest.mark.parametrize(
    "model", [m for m in MODELS if kind_of(m) is ChannelRecord], ids=lambda m: m._meta.label
)
def test_every_record_of_a_channel_comes_up_with_a_job(model: type[Model]):
    assert model in collected_models(), "name it in the distribution.py of its app"


@pytest.mark.parametrize("model", MODELS, ids=lambda m: m._meta.label)
def test_relations_of_many_to_many_have_a_model_of_their_own(model: type[Model]):
    if kind_of(model) is MasterData:
        automatic = [f.name for f in model._meta.many_to_many if f.remote_field.through._meta.auto_created]
        assert not automatic, "nothing would carry the rows between: give them a model"


@pytest.mark.parametrize("model", MODELS, ids=lambda m: m._meta.label)
def test_what_a_channel_writes_does_not_hold_back_master_data(model: type[Model]):
    """A product that leaves the assortment must not be kept by yesterday's receipts."""
    if kind_of(model) in (ChannelRecord, ChannelLocal):
        tied = [
            f.name for f in model._meta.concrete_fields
            if isinstance(f, ForeignKey) and f.db_constraint and kind_of(f.related_model) is MasterData
        ]  # fmt: skip
        assert not tied, "use LooseForeignKey"


def test_what_is_referred_to_comes_before_what_refers_to_it():
    order = [table.name for table in carried()]
    for table in carried():
        for key in table.foreign_keys:
            assert order.index(key.related_model._meta.db_table) < order.index(table.name)


def test_a_table_is_cut_by_whatever_the_tables_are_cut_by_that_it_refers_to():
    assert effective_facets(carried_by_name()["catalog_barcode"]) == ("assortment",)
    assert not is_cut(carried_by_name()["hq_currency"])


def test_every_row_in_scope_has_what_it_refers_to_in_scope_and_is_there_once(shop: Company):
    scope = Scope(facet_values([shop.database.pk])[shop.database.pk])
    found = {table.model: list(scope.rows(table)) for table in carried()}
    for table in carried():
        keys = [row.pk for row in found[table.model]]
        assert len(keys) == len(set(keys)), table.name
        for key in table.foreign_keys:
            there = {row.pk for row in found[key.related_model]}
            assert {getattr(row, key.attname) for row in found[table.model]} - {None} <= there, (
                table.name,
                key.name,
            )
