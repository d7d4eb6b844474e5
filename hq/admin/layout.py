"""Pages of screen layouts: tabs and buttons, with the tiles as the till shows them."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget

from hq import navigation
from hq.admin.base import Admin, Inline, uses
from hq.admin.forms import Form
from hq.button_operations import SELLS_PRODUCT, operation_choices, operation_name
from hq.cells import counted, object_link
from hq.models import Button, ButtonGrid, ScreenLayout
from hq.navigation import Entry, Section


class ButtonGridInline(Inline):
    model = ButtonGrid
    fields = ["position", "name"]
    ordering_field = "position"
    hide_ordering_field = True
    show_change_link = True
    tab = False
    verbose_name = "tab"
    verbose_name_plural = "tabs, in their order"


@admin.register(ScreenLayout)
class ScreenLayoutAdmin(Admin):
    list_display = ["name", "grids_shown", "buttons_shown", "stores_shown"]
    search_fields = ["name"]
    inlines = [ButtonGridInline]
    change_form_after_template = "hq/layout/_preview.html"
    empty_hint = "A layout is the set of tabs and buttons beside the cart. Stores with the same goods share one."
    used_by = [uses("stores", "store", listed="admin:hq_store_changelist?screen_layout__id__exact={pk}")]
    fieldsets = [(None, {"fields": ["name"]})]
    help_texts = {"name": "Such as Supermarket or Gift shop."}

    def get_queryset(self, request: HttpRequest) -> QuerySet[ScreenLayout]:
        return super().get_queryset(request).annotate(
            grid_count=Count("grids", distinct=True), button_count=Count("grids__buttons", distinct=True),
            store_count=Count("stores", distinct=True),
        )

    def page_context(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        """The layout as the till draws it."""
        grids = obj.grids.prefetch_related("buttons__product")
        return {"preview": [(grid, [tile(button) for button in grid.buttons.all()]) for grid in grids]}

    @display(description="Tabs", ordering="grid_count")
    def grids_shown(self, obj: Any) -> str:
        return counted(obj.grid_count, "tab")

    @display(description="Buttons", ordering="button_count")
    def buttons_shown(self, obj: Any) -> str:
        return counted(obj.button_count, "button")

    @display(description="Used by", ordering="store_count")
    def stores_shown(self, obj: Any) -> str:
        return counted(obj.store_count, "store")


class ButtonForm(Form):
    """A button points at an operation of the till; one that sells needs a product."""

    operation = forms.TypedChoiceField(coerce=int, choices=operation_choices, widget=UnfoldAdminSelectWidget)
    hue = forms.IntegerField(
        required=False, min_value=0, max_value=360,
        widget=forms.NumberInput(attrs={"class": "th-hue", "min": 0, "max": 360}),
    )

    def clean(self) -> dict[str, Any] | None:
        data = super().clean()
        operation, product = self.cleaned_data.get("operation"), self.cleaned_data.get("product")
        if operation == SELLS_PRODUCT and product is None:
            self.add_error("product", "Choose the product that this button sells.")
        if operation not in (None, SELLS_PRODUCT) and product is not None:
            self.add_error("product", f"“{operation_name(operation)}” takes no product. Leave this empty.")
        return data


class ButtonInline(Inline):
    model = Button
    form = ButtonForm
    fields = ["position", "operation", "product", "label", "hue"]
    autocomplete_fields = ["product"]
    ordering_field = "position"
    hide_ordering_field = True
    tab = False
    verbose_name_plural = "buttons, in their order"
    labels = {"hue": "tint"}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Button]:
        return super().get_queryset(request).select_related("product")


@admin.register(ButtonGrid)
class ButtonGridAdmin(Admin):
    list_display = ["name", "layout", "buttons_shown"]
    list_filter = ["layout"]
    list_select_related = ["layout"]
    search_fields = ["name", "layout__name"]
    autocomplete_fields = ["layout"]
    inlines = [ButtonInline]
    change_form_before_template = "hq/layout/_grid_before.html"
    change_form_after_template = "hq/layout/_preview.html"
    fieldsets = [(None, {"fields": [("name", "layout")]})]
    help_texts = {"name": "What stands on the tab.", "layout": "The layout that the tab belongs to."}

    def get_queryset(self, request: HttpRequest) -> QuerySet[ButtonGrid]:
        return super().get_queryset(request).annotate(button_count=Count("buttons"))

    def page_context(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        """The tab as the till draws it."""
        buttons = obj.buttons.select_related("product")
        return {
            "preview": [(obj, [tile(button) for button in buttons])],
            "layout_link": object_link(obj.layout),
            "used_by_stores": counted(obj.layout.stores.count(), "store"),
        }

    @display(description="Buttons", ordering="button_count")
    def buttons_shown(self, obj: Any) -> str:
        return counted(obj.button_count, "button")


def tile(button: Button) -> dict[str, Any]:
    """What a till writes on a button: its words, what kind of key it is, its tint."""
    words = button.label or str(button.product or "") or operation_name(button.operation)
    return {"words": words, "sells": button.operation == SELLS_PRODUCT, "hue": button.hue}


navigation.add(Section.COMPANY, Entry.of(ScreenLayout, icon="grid_view", position=80, searched=True))
