"""Legal entities, profiles, stores with their registers and stations, and the people who work there."""

from __future__ import annotations

from collections.abc import Mapping

from api.demo import company
from api.usual import make_roles
from hq.models import (
    FunctionalityProfile,
    HardwareDevice,
    HardwareProfile,
    HardwareStation,
    LegalEntity,
    ReceiptProfile,
    Register,
    SalesTaxGroup,
    ScreenLayout,
    Store,
    VisualProfile,
    Worker,
    WorkerStore,
)

# Wholesalers buy by the pallet: one invoice of the source has 80,995 pieces of one article.
MOST_PIECES = 100_000


def make_stores(
    tax_groups: Mapping[str, SalesTaxGroup], layouts: Mapping[str, ScreenLayout]
) -> dict[str, Store]:
    """Write the stores with their profiles; return them by number."""
    entities = {
        plan.code: LegalEntity(
            code=plan.code,
            name=plan.name,
            country=plan.country,
            tax_number=plan.tax_number,
            address=plan.address,
            currency_id=plan.currency,
        )
        for plan in company.ENTITIES
    }
    LegalEntity.objects.bulk_create(entities.values())
    functions = FunctionalityProfile.objects.create(
        name="Shop floor", max_quantity=MOST_PIECES, staff_card_needs_pin=False
    )
    visual = VisualProfile.objects.create(name="House style")
    receipts = {
        name: ReceiptProfile(name=name, header=header, footer=footer)
        for name, (header, footer) in company.RECEIPTS.items()
    }
    ReceiptProfile.objects.bulk_create(receipts.values())
    stores = {
        plan.number: Store(
            number=plan.number,
            name=plan.name,
            legal_entity=entities[plan.entity],
            country=plan.country,
            address=plan.address,
            phone=plan.phone,
            tax_number=entities[plan.entity].tax_number,
            time_zone=plan.time_zone,
            currency_id=plan.currency,
            sales_tax_group=tax_groups[plan.country],
            functionality_profile=functions,
            receipt_profile=receipts[plan.receipt_profile],
            visual_profile=visual,
            screen_layout=layouts[plan.layout],
        )
        for plan in company.STORES
    }
    Store.objects.bulk_create(stores.values())
    return stores


def make_registers(stores: Mapping[str, Store]) -> list[Register]:
    """Write each store's stations with their emulated devices, and its registers; return the registers."""
    profiles = {number: HardwareProfile(name=f"{store.name}, emulated") for number, store in stores.items()}
    offices = {
        number: HardwareProfile(name=f"{store.name} back office, emulated")
        for number, store in stores.items()
    }
    HardwareProfile.objects.bulk_create([*profiles.values(), *offices.values()])
    HardwareDevice.objects.bulk_create(
        HardwareDevice(profile=profile, name=name, kind=kind, driver=driver, address=address, options=options)
        for shared, devices in ((profiles, company.COUNTER_DEVICES), (offices, company.OFFICE_DEVICES))
        for profile in shared.values()
        for name, kind, driver, address, options in devices
    )
    HardwareDevice.objects.bulk_create(
        HardwareDevice(
            profile=profiles[number],
            name=name,
            kind=kind,
            driver=driver,
            address=address,
            options={"each_register": True}
            | ({"currency": store.currency_id} if kind == "terminal" else {})
            | ({"samples": company.SAMPLES} if kind == "scanner" else {}),
        )
        for number, store in stores.items()
        for name, kind, driver, address in company.DEVICES
    )
    stations = {
        number: HardwareStation(
            store=store, number=f"S{number}", name=f"{store.name} counter", hardware_profile=profiles[number]
        )
        for number, store in stores.items()
    }
    HardwareStation.objects.bulk_create(
        [
            *stations.values(),
            *(
                HardwareStation(
                    store=store,
                    number=f"S{number}B",
                    name=f"{store.name} back office",
                    hardware_profile=offices[number],
                )
                for number, store in stores.items()
            ),
        ]
    )
    registers = [
        Register(
            store=store, number=f"{number}{place:02d}", name=f"Register {place}", station=stations[number]
        )
        for number, store in stores.items()
        for place in range(1, company.REGISTERS_PER_STORE + 1)
    ]
    return Register.objects.bulk_create(registers)


def make_workers(stores: Mapping[str, Store], pins: Mapping[str, str]) -> None:
    """Write the workers in their roles; `pins` has the PIN of each role, kept as one Argon2 hash a worker."""
    groups = make_roles()
    workers = [
        Worker(staff_id=plan.staff_id, name=plan.name, name_on_receipt=plan.name.split()[0])
        for plan in company.WORKERS
    ]
    for worker, plan in zip(workers, company.WORKERS, strict=True):
        worker.set_pin(pins[plan.role])
        worker.set_card(f"{company.STAFF_CARD}{plan.staff_id}")
    Worker.objects.bulk_create(workers)
    WorkerStore.objects.bulk_create(
        WorkerStore(worker=worker, store=stores[plan.store], permission_group=groups[plan.role])
        for worker, plan in zip(workers, company.WORKERS, strict=True)
    )
