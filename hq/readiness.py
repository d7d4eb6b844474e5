"""What a register needs of the company: a complete store, ways to pay, a layout, a worker, a browser."""

from collections.abc import Mapping, Sequence

from django.db.models import Count, Q
from django.urls import reverse

from channels_app.models import StorePlacement
from hq.cells import page_of
from hq.models import (
    ButtonGrid,
    Currency,
    HardwareDevice,
    PaymentMethod,
    Register,
    Store,
    StorePaymentMethod,
    WorkerStore,
)
from hq.permissions import Permission
from hq.services.readiness import Gap, check


def _store_page(register: Register, tab: str = "") -> str:
    return reverse("admin:hq_store_change", args=[register.store_id]) + (f"#{tab}" if tab else "")


@check("store", "Store complete", position=10)
def store_complete(registers: Sequence[Register]) -> Mapping[int, Gap]:
    """What a receipt must name: the address, and the tax number of a company that has one."""
    stores = Store.objects.select_related("legal_entity").in_bulk(
        {register.store_id for register in registers}
    )
    gaps = {}
    for register in registers:
        store = stores[register.store_id]
        missing = [
            word
            for word, value in (
                ("address", store.address.strip()),
                ("tax registration number", store.tax_number or store.legal_entity.tax_number),
            )
            if not value
        ]
        if missing:
            gaps[register.pk] = Gap(
                f"{store.name} has no {' and no '.join(missing)} to print on receipts.",
                url=_store_page(register),
                action="Complete",
                is_blocking=not store.address.strip(),  # a small company may have no tax number
            )
    return gaps


@check("placement", "Channel database", position=15)
def placed(registers: Sequence[Register]) -> Mapping[int, Gap]:
    """A channel database that the store sells from."""
    placed_stores = set(
        StorePlacement.objects.filter(
            channel_database__is_active=True, channel_database__scale_unit__is_active=True
        ).values_list("store_id", flat=True)
    )
    return {
        register.pk: Gap(
            f"{register.store.name} stands in no channel database in use, so no data reaches it. Place it in one.",
            url=_store_page(register, "placement"),
            action="Place",
        )
        for register in registers
        if register.store_id not in placed_stores
    }


@check("data", "Data applied", position=20)
def data_applied(registers: Sequence[Register]) -> Mapping[int, Gap]:
    """The channel database has applied a package since the store was placed in it."""
    databases = {
        placement.store_id: placement.channel_database
        for placement in StorePlacement.objects.select_related("channel_database")
    }
    gaps = {}
    for register in registers:
        database = databases.get(register.store_id)
        if database is not None and database.applied_version is None:
            problem = (
                f" The last attempt failed: {database.last_error.splitlines()[0]}"
                if database.last_error
                else ""
            )
            gaps[register.pk] = Gap(
                f"Channel database {database.name} has not applied any package yet. Send it everything (job 9999)."
                f"{problem}",
                url=page_of(database),
                action="Open",
            )
    return gaps


@check("payment_methods", "Ways to pay", position=30)
def payment_methods(registers: Sequence[Register]) -> Mapping[int, Gap]:
    """At least one way to pay."""
    paying = set(StorePaymentMethod.objects.values_list("store_id", flat=True))
    return {
        register.pk: Gap(
            f"{register.store.name} takes no money yet. Add cash or card to its payment methods.",
            url=_store_page(register, "payment_methods"),
            action="Add",
        )
        for register in registers
        if register.store_id not in paying
    }


@check("cash", "Cash counted", position=40)
def cash_counted(registers: Sequence[Register]) -> Mapping[int, Gap]:
    """Cash that opens the drawer, gives change and is counted, in a currency whose notes and coins are known."""
    cash = {
        method.store_id: method
        for method in StorePaymentMethod.objects.filter(method__kind=PaymentMethod.Kind.CASH)
    }
    counted = dict(Currency.objects.annotate(pieces=Count("denominations")).values_list("pk", "pieces"))
    gaps = {}
    for register in registers:
        method, currency = cash.get(register.store_id), register.store.currency_id
        if method is None:
            continue
        wrong = [
            word
            for word, is_right in (
                ("give change", method.gives_change),
                ("get counted at the close", method.is_counted),
            )
            if not is_right
        ]
        if wrong:
            gaps[register.pk] = Gap(
                f"Cash in {register.store.name} does not {' or '.join(wrong)}. Tick it at its payment methods.",
                url=_store_page(register, "payment_methods"),
            )
        elif not counted.get(currency):
            gaps[register.pk] = Gap(
                f"{currency} has no notes and coins, so no drawer can be counted. Add them to the currency.",
                url=reverse("admin:hq_currency_change", args=[currency]),
            )
    return gaps


@check("layout", "Buttons", position=70)
def layout_has_buttons(registers: Sequence[Register]) -> Mapping[int, Gap]:
    """A layout with at least one button; without it goods can still be scanned and searched."""
    filled = set(ButtonGrid.objects.filter(buttons__isnull=False).values_list("layout_id", flat=True))
    return {
        register.pk: Gap(
            "The screen layout has no buttons. Goods can be scanned and searched, but not tapped.",
            url=reverse("admin:hq_screenlayout_change", args=[register.store.screen_layout_id]),
            action="Add buttons",
            is_blocking=False,
        )
        for register in registers
        if register.store.screen_layout_id not in filled
    }


@check("station", "Station and printer", position=80)
def station_has_printer(registers: Sequence[Register]) -> Mapping[int, Gap]:
    """A station in use whose profile has a printer; without one the register sells and prints nothing."""
    printing = set(
        HardwareDevice.objects.filter(kind=HardwareDevice.Kind.PRINTER).values_list("profile_id", flat=True)
    )
    stations = {
        register.pk: register
        for register in Register.objects.filter(
            pk__in=[register.pk for register in registers],
            station__is_active=True,
        ).select_related("station")
    }
    gaps = {}
    for register in registers:
        page = reverse("admin:hq_register_change", args=[register.pk])
        found = stations.get(register.pk)
        if found is None or found.station is None:
            gaps[register.pk] = Gap(
                "No hardware station: it sells, but prints nothing and opens no drawer. Choose one below.",
                url=f"{page}#id_station",
                action="Choose",
                is_blocking=False,
            )
        elif found.station.hardware_profile_id not in printing:
            gaps[register.pk] = Gap(
                f"Station {found.station} drives no receipt printer. Add one to its hardware profile.",
                url=reverse("admin:hq_hardwareprofile_change", args=[found.station.hardware_profile_id]),
                action="Add",
                is_blocking=False,
            )
    return gaps


@check("worker", "A worker who opens shifts", position=90)
def worker_may_open_shift(registers: Sequence[Register]) -> Mapping[int, Gap]:
    """Somebody active, with a PIN, who may sell and open a shift in this store."""
    able = set(
        WorkerStore.objects.filter(
            worker__is_active=True,
            permission_group__permissions__contains=[Permission.SELL, Permission.OPEN_SHIFT],
        )
        .filter(~Q(worker__pin=""))
        .values_list("store_id", flat=True)
    )
    return {
        register.pk: Gap(
            f"Nobody may open a shift in {register.store.name}. Add a worker with a PIN whose group may sell and "
            "open shifts.",
            url=_store_page(register, "workers"),
            action="Add",
        )
        for register in registers
        if register.store_id not in able
    }
