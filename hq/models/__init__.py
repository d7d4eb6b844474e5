from hq.models.company import Currency, Denomination, LegalEntity, ReasonCode, SalesTaxGroup
from hq.models.layout import Button, ButtonGrid, ScreenLayout
from hq.models.list_import import ListImport
from hq.models.profile import (
    FunctionalityProfile,
    HardwareDevice,
    HardwareProfile,
    ReceiptProfile,
    VisualProfile,
)
from hq.models.register import ActivationCode, Device, HardwareStation, Register
from hq.models.station_choice import StationChoice
from hq.models.store import PaymentMethod, Store, StorePaymentMethod
from hq.models.user import User
from hq.models.worker import PermissionGroup, Worker, WorkerStore

__all__ = [
    "ActivationCode",
    "Button",
    "ButtonGrid",
    "Currency",
    "Denomination",
    "Device",
    "FunctionalityProfile",
    "HardwareDevice",
    "HardwareProfile",
    "HardwareStation",
    "LegalEntity",
    "ListImport",
    "PaymentMethod",
    "PermissionGroup",
    "ReasonCode",
    "ReceiptProfile",
    "Register",
    "SalesTaxGroup",
    "ScreenLayout",
    "StationChoice",
    "Store",
    "StorePaymentMethod",
    "User",
    "VisualProfile",
    "Worker",
    "WorkerStore",
]
