"""Pages of screen layouts: tabs and buttons, with the tiles as the till shows them."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminSelectWidget

from hq import navigation
from hq.admin.base import Admin, Inline, uses
from hq.admin.forms import Form
from hq.button_operations import SELLS_PRODUCT, operation_choices, operation_name
from hq.cells import NOTHING, counted, object_link
from hq.models import Button, ButtonGrid, ScreenLayout
from hq.navigation import Entry, Section
from hq.tiles import tile, unsaved_buttons


class ButtonGridInline(Inline):
    model = ButtonGrid
    fields = ["position", "name", "buttons_link"]
    readonly_fields = ["buttons_link"]
    ordering_field = "position"
    hide_ordering_field = True
    tab = False
    verbose_name = "tab"
    verbose_name_plural = "tabs, in their order"

    def get_queryset(self, request: HttpRequest) -> QuerySet[ButtonGrid]:
        return super().get_queryset(request).annotate(button_count=Count("buttons"))

    @display(description="Buttons")
    def buttons_link(self, obj: Any) -> SafeString:
        if not obj.pk:
            return NOTHING
        url = reverse("admin:hq_buttongrid_change", args=[obj.pk])
        return format_html('<a class="th-link" href="{}">{}</a>', url, counted(obj.button_count, "button"))


@admin.register(ScreenLayout)
class ScreenLayoutAdmin(Admin):
    list_display = ["name", "grids_shown", "buttons_shown", "stores_shown"]
    search_fields = ["name"]
    inlines = [ButtonGridInline]
    change_form_before_template = "hq/layout/_layout_before.html"
    empty_hint = (
        "A layout is the set of tabs and buttons beside the cart. Stores with the same goods share one."
    )
    used_by = [uses("stores", "store", listed="admin:hq_store_changelist?screen_layout__id__exact={pk}")]
    actions_detail = ["propose_buttons"]
    fieldsets = [(None, {"fields": ["name"]})]
    help_texts = {"name": "Such as Supermarket or Gift shop."}

    def get_queryset(self, request: HttpRequest) -> QuerySet[ScreenLayout]:
        return (
            super()
            .get_queryset(request)
            .annotate(
                grid_count=Count("grids", distinct=True),
                button_count=Count("grids__buttons", distinct=True),
                store_count=Count("stores", distinct=True),
            )
        )

    def page_context(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        """The layout as the till draws it; where it has no buttons, where to get some."""
        grids = obj.grids.prefetch_related("buttons__product")
        preview = [(grid, [tile(button) for button in grid.buttons.all()]) for grid in grids]
        url = reverse("admin:hq_screenlayout_propose_buttons", args=[obj.pk])
        return {"preview": preview, "propose_url": "" if any(tiles for _, tiles in preview) else url}

    @action(description="Propose buttons", icon="auto_awesome", url_path="buttons", permissions=["change"])
    def propose_buttons(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """What sells and what has no barcode as tabs with buttons; those that are chosen are added."""
        from hq.views import proposed_buttons

        return proposed_buttons(request, self, object_id)

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
        required=False,
        min_value=0,
        max_value=360,
        widget=UnfoldAdminIntegerFieldWidget(attrs={"min": 0, "max": 360}),
        label="Tint",
        help_text="Degrees on the colour wheel; empty for a plain key.",
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

    def get_queryset(self, request: HttpRequest) -> QuerySet[Button]:
        return super().get_queryset(request).select_related("product")


@admin.register(ButtonGrid)
class ButtonGridAdmin(Admin):
    list_display = ["name", "layout", "buttons_shown"]
    empty_hint = "A tab holds buttons. Tabs are added on the page of their screen layout."
    list_filter = ["layout"]
    list_select_related = ["layout"]
    search_fields = ["name", "layout__name"]
    autocomplete_fields = ["layout"]
    inlines = [ButtonInline]
    change_form_before_template = "hq/layout/_grid_before.html"
    fieldsets = [(None, {"fields": [("name", "layout")]})]
    help_texts = {"name": "What stands on the tab.", "layout": "The layout that the tab belongs to."}

    def get_queryset(self, request: HttpRequest) -> QuerySet[ButtonGrid]:
        return super().get_queryset(request).annotate(button_count=Count("buttons"))

    def get_custom_urls(self) -> tuple[Any, ...]:
        return (("<int:object_id>/preview/", "hq_buttongrid_preview", self.preview),)

    def preview(self, request: HttpRequest, object_id: int, **kwargs: Any) -> HttpResponse:
        """The tiles as the form has them at this moment, saved or not."""
        grid = get_object_or_404(ButtonGrid, pk=object_id)
        if request.method != "POST" or not self.has_view_permission(request, grid):
            raise PermissionDenied
        tiles = [tile(button) for button in unsaved_buttons(request.POST)]
        return render(request, "hq/layout/_tiles.html", {"preview": [(grid, tiles)]})

    def page_context(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        """The tab as the till draws it."""
        buttons = obj.buttons.select_related("product")
        return {
            "preview": [(obj, [tile(button) for button in buttons])],
            "preview_url": reverse("admin:hq_buttongrid_preview", args=[obj.pk]),
            "layout_link": object_link(obj.layout),
            "used_by_stores": counted(obj.layout.stores.count(), "store"),
        }

    @display(description="Buttons", ordering="button_count")
    def buttons_shown(self, obj: Any) -> str:
        return counted(obj.button_count, "button")


navigation.add(
    Section.COMPANY,
    Entry.of(ScreenLayout, icon="grid_view", position=80, searched=True).with_parts(ButtonGrid),
)
