"""Stock in the back office: what stores began with, and the ledger of what moved."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from unfold.decorators import display

from hq import navigation
from hq.admin.base import Admin, RecordPage
from hq.cells import ago, plain
from hq.navigation import Entry, Section
from inventory.models import OpeningStock, StockMovement


@admin.register(OpeningStock)
class OpeningStockAdmin(Admin):
    list_display = ["product", "store", "quantity_shown", "counted_shown"]
    list_filter = ["store"]
    list_select_related = ["product", "store", "variant__product"]
    search_fields = ["product__name", "product__number"]
    autocomplete_fields = ["store", "product", "variant"]
    empty_hint = "Enter what a store has of a product; from then on the ledger keeps count."
    fieldsets = [(None, {"fields": ["store", "product", "variant", "quantity", "counted_at"]})]
    help_texts = {
        "store": "Where it was counted.",
        "product": "What was counted.",
        "variant": "Empty: the product itself.",
        "quantity": "In the product's unit.",
    }

    @display(description="Quantity", ordering="quantity")
    def quantity_shown(self, obj: OpeningStock) -> str:
        return plain(obj.quantity)

    @display(description="Counted", ordering="counted_at")
    def counted_shown(self, obj: OpeningStock) -> SafeString | str:
        return ago(obj.counted_at)


@admin.register(StockMovement)
class StockMovementAdmin(RecordPage):
    list_display = ["product", "store", "quantity_shown", "debit", "credit", "moved_shown"]
    list_filter = ["store"]
    date_hierarchy = "moved_at"
    search_fields = ["product__name", "product__number"]
    empty_hint = "Every sale and return is written here when its store has sent it up."

    def get_queryset(self, request: HttpRequest) -> QuerySet[StockMovement]:
        return super().get_queryset(request).select_related("product", "store")

    @display(description="Quantity", ordering="quantity")
    def quantity_shown(self, obj: StockMovement) -> str:
        return f"{plain(obj.quantity)} {obj.unit}"

    @display(description="Moved", ordering="moved_at")
    def moved_shown(self, obj: StockMovement) -> SafeString | str:
        return ago(obj.moved_at)


navigation.add(
    Section.CATALOGUE,
    Entry.of(StockMovement, icon="swap_vert", position=60, title="Stock").with_tabs(
        Entry.of(StockMovement, title="Ledger"),
        Entry.of(OpeningStock, title="Opening stock"),
    ),
)
