"""A store with registers and a station, written as a package would write it."""

from channels_app.roles import applying_package
from hq import models as hq


def a_store_with_a_station(
    number: str = "01", registers: int = 1, devices: list[dict] | None = None
) -> hq.HardwareStation:
    """One store, its station and that station's registers; ``devices`` are rows of its hardware profile."""
    with applying_package():
        currency, _ = hq.Currency.objects.get_or_create(code="GBP", defaults={"name": "Pound", "symbol": "£"})
        entity, _ = hq.LegalEntity.objects.get_or_create(
            code="GB", defaults={"name": "Tillhouse", "country": "GB", "currency": currency}
        )
        tax_group, _ = hq.SalesTaxGroup.objects.get_or_create(code="GB", defaults={"name": "Britain"})
        shared = {
            "functionality_profile": hq.FunctionalityProfile.objects.get_or_create(name="Shop")[0],
            "receipt_profile": hq.ReceiptProfile.objects.get_or_create(name="Shop")[0],
            "visual_profile": hq.VisualProfile.objects.get_or_create(name="Shop")[0],
            "screen_layout": hq.ScreenLayout.objects.get_or_create(name="Shop")[0],
        }
        store = hq.Store.objects.create(
            number=number,
            name="Harbour Street",
            legal_entity=entity,
            country="GB",
            address="1 Quay Lane",
            time_zone="Europe/London",
            currency=currency,
            sales_tax_group=tax_group,
            **shared,
        )
        profile = hq.HardwareProfile.objects.create(name=f"Counter {number}")
        for device in devices or []:
            hq.HardwareDevice.objects.create(profile=profile, **device)
        station = hq.HardwareStation.objects.create(
            store=store, number=f"S{number}", name="Harbour Street", hardware_profile=profile
        )
        for place in range(1, registers + 1):
            hq.Register.objects.create(
                store=store, number=f"{number}-{place}", name=f"Till {place}", station=station
            )
    return station


def change_device(station: hq.HardwareStation, name: str, **changes) -> None:
    """Edit one device of the station's profile, as a package would."""
    with applying_package():
        hq.HardwareDevice.objects.filter(profile=station.hardware_profile, name=name).update(**changes)
