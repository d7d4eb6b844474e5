"""Customers as a spreadsheet."""

from typing import Any

from import_export.instance_loaders import CachedInstanceLoader

from customers.models import Customer, CustomerGroup
from hq.admin.sheet import Field, Named, Sheet


class CustomerResource(Sheet):
    """Customers by account number; their group by its code."""

    group = Field("group", "group", Named(CustomerGroup, "code"))
    required = ["account"]

    class Meta:
        model = Customer
        name = "Customers"
        import_id_fields = ["account"]
        instance_loader_class = CachedInstanceLoader
        fields = ["account", "name", "email", "phone", "address", "country", "group"]

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("group")
