"""A store made like another has its choices and none of its identity."""

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from hq.models import Device, HardwareStation, Register, Store, WorkerStore
from hq.services.duplicate import duplicate_register, duplicate_store
from tests.factories.company import a_ready_register, a_register


def test_choices_are_copied_and_identities_are_not() -> None:
    register = a_ready_register()
    old = register.store
    made = duplicate_store(store=old, number="900", name="New Street", address="9 New Street")
    assert (made.number, made.name, made.address, made.phone) == ("900", "New Street", "9 New Street", "")
    assert made.screen_layout == old.screen_layout and made.time_zone == old.time_zone
    for relation in ("payment_methods", "price_groups", "assortments"):
        assert getattr(made, relation).count() == getattr(old, relation).count() == 1
    assert made.placement.channel_database == old.placement.channel_database
    copy = made.registers.get()
    assert copy.number.startswith("900") and copy.station.store == made
    assert (
        not Device.objects.filter(register=copy).exists()
        and not WorkerStore.objects.filter(store=made).exists()
    )


def test_the_same_workers_come_along_when_asked() -> None:
    store = a_ready_register().store
    made = duplicate_store(
        store=store,
        number="901",
        name="New Street",
        address="9 New Street",
        registers=False,
        workers=True,
    )
    assert [row.worker for row in made.workers.all()] == [row.worker for row in store.workers.all()]
    assert not made.registers.exists()


def test_a_taken_number_leaves_nothing_behind() -> None:
    store = a_ready_register().store
    with pytest.raises(ValidationError) as refused:
        duplicate_store(store=store, number=store.number, name="New Street", address="9 New Street")
    assert "number" in refused.value.error_dict
    assert (Store.objects.count(), Register.objects.count(), HardwareStation.objects.count()) == (1, 1, 1)


def test_registers_of_a_copy_find_free_numbers() -> None:
    store = a_ready_register().store
    a_register(store, number=f"{store.number}-1")
    a_register(number="902-1")
    made = duplicate_store(store=store, number="902", name="New Street", address="9 New Street")
    numbers = sorted(made.registers.values_list("number", flat=True))
    assert len(numbers) == 2 and all(number.startswith("902") and number != "902-1" for number in numbers)


def test_a_register_in_another_store_starts_without_a_station() -> None:
    register, other = a_ready_register(), a_ready_register().store
    assert duplicate_register(register=register, number="77", name="Till 7").station == register.station
    assert duplicate_register(register=register, number="78", name="Till 8", store=other).station is None


def test_the_page_names_a_taken_number_and_keeps_what_was_typed(back_office: Client) -> None:
    store = a_ready_register().store
    asked = {"name": "New Street", "number": store.number, "address": "9 New Street", "registers": "on"}
    refused = back_office.post(f"/hq/store/{store.pk}/duplicate/", asked)
    assert (
        f"Number {store.number} is taken by {store.name}" in refused.text and "9 New Street" in refused.text
    )
    assert Store.objects.count() == 1
    made = back_office.post(f"/hq/store/{store.pk}/duplicate/", {**asked, "number": "905"})
    assert made["Location"] == f"/readiness/?store={Store.objects.get(number='905').pk}"
