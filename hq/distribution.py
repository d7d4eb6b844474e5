"""What of the company goes down to the channels."""

from django.db.models import Q

from channels_app.registry import Enters, carry, facet, of_stores
from hq import models

facet("currency", lambda: models.Store.objects.values_list("pk", "currency_id"))

carry(
    "1110",
    models.Currency,
    models.Denomination,
    models.LegalEntity,
    models.SalesTaxGroup,
    models.ReasonCode,
    models.PaymentMethod,
)
carry(
    "1070",
    models.FunctionalityProfile,
    models.ReceiptProfile,
    models.VisualProfile,
    models.ScreenLayout,
    models.ButtonGrid,
    models.Button,
)
carry("1070", models.Store, **of_stores("pk"))
carry("1070", models.StorePaymentMethod)
carry(
    "1090",
    models.HardwareProfile,
    models.HardwareDevice,
    models.HardwareStation,
    models.Register,
)
carry("1090", models.Device, forward_only=True)
carry("1060", models.PermissionGroup, forward_only=True)
carry(
    "1060",
    models.Worker,
    within=lambda values: Q(
        pk__in=models.WorkerStore.objects.filter(store__in=values["store"]).values("worker_id")
    ),
    facets=["store"],
    enters=[Enters(models.WorkerStore, "worker")],
    forward_only=True,
)
carry("1060", models.WorkerStore, forward_only=True)
