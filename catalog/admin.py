"""The catalogue in the back office: products with their barcodes and variants, categories, assortments."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Count, Prefetch, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from import_export.admin import ImportExportModelAdmin
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextInputWidget

from catalog.attributes_field import AttributesField
from catalog.barcodes import has_valid_check_digit, lookup_key
from catalog.models import (
    Assortment,
    AssortmentLine,
    AssortmentStore,
    Barcode,
    BarcodeMask,
    Category,
    ItemTaxGroup,
    Product,
    ProductUnit,
    Unit,
    Variant,
)
from catalog.resources import BarcodeResource, ProductResource
from hq import navigation
from hq.admin.base import Admin, Inline, add_inline, uses
from hq.admin.exchange import Exchange
from hq.admin.forms import Form, Rows
from hq.cells import NOTHING, counted, plain, status
from hq.first_steps import FirstStep, add_first_step
from hq.models import Store
from hq.navigation import Entry, Section
from hq.panels import Tone
from hq.services.duplicate import copied_with_store


class BarcodeForm(Form):
    """A code that no other product has, with its check digit right where it has one."""

    def clean_code(self) -> str:
        code = "".join((self.cleaned_data.get("code") or "").split())
        if (
            len(code) in (8, 12, 13, 14)
            and code.isascii()
            and code.isdigit()
            and not has_valid_check_digit(code)
        ):
            raise ValidationError(f"{code} ends in a wrong check digit: one digit is mistyped.")
        taken = (
            Barcode.objects.filter(key=lookup_key(code))
            .exclude(pk=self.instance.pk)
            .select_related("product")
        )
        if other := taken.first():
            raise ValidationError(f"{code} stands for “{other.product}” ({other.product.number}) already.")
        return code


class BarcodeFormSet(Rows):
    """The codes of one product, none of them twice in whatever spelling."""

    def clean(self) -> None:
        seen: set[str] = set()
        for form in self.kept:
            code = form.cleaned_data.get("code")
            if not code:
                continue
            if lookup_key(code) in seen:
                form.add_error("code", f"{code} stands here twice. Remove one of the two.")
            seen.add(lookup_key(code))
        super().clean()


class BarcodeInline(Inline):
    model = Barcode
    form = BarcodeForm
    formset = BarcodeFormSet
    fields = ["code", "quantity", "variant"]
    help_texts = {"quantity": "A pack of six is 6.", "variant": "Empty: the product itself."}

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Only variants of this product can be chosen."""
        if db_field.name == "variant":
            pk = request.resolver_match.kwargs.get("object_id") if request.resolver_match else None
            kwargs["queryset"] = Variant.objects.filter(product_id=pk).select_related("product")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class VariantInline(Inline):
    model = Variant
    fields = ["number", "colour", "size", "style", "configuration"]


class ProductUnitForm(Form):
    """Another unit than the product's own."""

    def clean_unit(self) -> Unit:
        unit: Unit = self.cleaned_data["unit"]
        if unit.pk == self.instance.product.unit_id:
            raise ValidationError(f"{unit.name} is the product's own unit. Choose another one.")
        return unit


class ProductUnitInline(Inline):
    model = ProductUnit
    form = ProductUnitForm
    fields = ["unit", "factor"]
    verbose_name = "unit"
    verbose_name_plural = "other units"
    help_texts = {"factor": "So many of its own unit: a case of 24 is 24. It needs a price by that unit."}


class ProductForm(Form):
    """A product's form: what contradicts itself is refused here and not at the till."""

    attributes = AttributesField(
        required=False,
        help_text="A name and its value on each line, such as Brand: Acme. Offers can be on them.",
    )

    def clean(self) -> dict[str, Any] | None:
        data = super().clean()
        unit: Unit | None = self.cleaned_data.get("unit")
        if self.cleaned_data.get("is_weighed") and unit is not None and not unit.decimals:
            self.add_error(
                "unit", f"{unit.name} has no decimals, so it cannot be weighed. Choose a unit such as kg."
            )
        if self.cleaned_data.get("is_weighed") and self.cleaned_data.get("kind") == Product.Kind.SERVICE:
            self.add_error("is_weighed", "A service has no weight.")
        return data


@admin.register(Product)
class ProductAdmin(Exchange, ImportExportModelAdmin, Admin):
    form = ProductForm
    resource_classes = [ProductResource]
    list_display = ["name", "number", "category", "item_tax_group", "barcodes_shown", "state_shown"]
    list_filter = ["category", "item_tax_group", "unit", "is_weighed", "is_blocked", "price_entry"]
    list_select_related = ["category", "item_tax_group"]
    search_fields = ["name", "number", "barcodes__code"]
    search_help_text = "Name, article number or barcode"
    autocomplete_fields = ["category"]
    inlines = [BarcodeInline, VariantInline, ProductUnitInline]
    actions = ["block", "unblock"]
    empty_hint = "Add a product, or import a list of them from a spreadsheet with Import."
    fieldsets = [
        (None, {"fields": ["name", "number", "category", "kind"]}),
        (
            "How it is sold",
            {
                "fields": [
                    "unit",
                    "is_weighed",
                    "price_entry",
                    "zero_price_valid",
                    "is_returnable",
                    "is_blocked",
                ]
            },
        ),
        ("Tax and cost", {"fields": ["item_tax_group", "cost"]}),
        ("To show", {"fields": ["description", "image", "attributes"], "classes": ["collapse"]}),
    ]
    labels = {
        "number": "article number",
        "is_weighed": "weighed",
        "zero_price_valid": "may cost nothing",
        "is_returnable": "may be returned",
    }
    help_texts = {
        "name": "As cashiers and customers read it.",
        "number": "Unique; a scan or search of it finds the product.",
        "category": "Its place in the tree; assortments and reports follow it.",
        "kind": "Items are in stock, services are not.",
        "unit": "What one of it is: pcs, kg, m. Its decimals say how finely it is sold.",
        "is_weighed": "The quantity is a weight, from the scale or from the label's barcode.",
        "price_entry": "Whether the cashier keys in the price.",
        "zero_price_valid": "Off: the till asks for a price instead of giving it away.",
        "is_returnable": "Off: taking it back needs a manager.",
        "is_blocked": "Found at the till but not sold, with a word that says so.",
        "item_tax_group": "With the store's tax group it picks the rate.",
        "cost": "Of one unit, in the company's currency; warns of prices below it.",
        "description": "For shop windows and labels.",
        "image": "Path below the media folder, or an address.",
    }

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """A new product is sold and taxed as the one that was added last; the first one in the usual way."""
        alike = Product.objects.order_by("-pk").values("category", "unit", "item_tax_group").first()
        if alike is None:
            piece = Unit.objects.filter(decimals=0).values_list("pk", flat=True).first()
            categories = Category.objects.values_list("pk", flat=True)[:2]
            alike = {"unit": piece, "category": categories[0] if len(categories) == 1 else None}
        return {**alike, **super().get_changeform_initial_data(request)}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Product]:
        return (
            super()
            .get_queryset(request)
            .prefetch_related(
                Prefetch("barcodes", queryset=Barcode.objects.order_by("code")),
            )
        )

    @display(description="Barcodes")
    def barcodes_shown(self, obj: Product) -> SafeString | str:
        codes = [barcode.code for barcode in obj.barcodes.all()]
        if not codes:
            return NOTHING
        more = f" +{len(codes) - 1}" if len(codes) > 1 else ""
        return format_html('<span class="th-code">{}</span>{}', codes[0], more)

    @display(description="Status", ordering="is_blocked")
    def state_shown(self, obj: Product) -> SafeString:
        if obj.is_blocked:
            return status(Tone.WRONG, "Blocked")
        return status(Tone.GOOD, "By weight" if obj.is_weighed else "On sale")

    @admin.action(description="Block from sale", permissions=["change"])
    def block(self, request: HttpRequest, queryset: QuerySet[Product]) -> None:
        """Stop selling the chosen products."""
        self._set_blocked(request, queryset, True)

    @admin.action(description="Sell again", permissions=["change"])
    def unblock(self, request: HttpRequest, queryset: QuerySet[Product]) -> None:
        """Sell the chosen products again."""
        self._set_blocked(request, queryset, False)

    def _set_blocked(self, request: HttpRequest, queryset: QuerySet[Product], blocked: bool) -> None:
        changed = list(queryset.exclude(is_blocked=blocked))
        for product in changed:
            product.is_blocked = blocked
            product.save(update_fields=["is_blocked"])
        word = "blocked" if blocked else "on sale again"
        said = f"{counted(len(changed), 'product')} {word}. The stores learn it with the next package."
        self.message_user(request, said)


@admin.register(Barcode)
class BarcodeAdmin(Exchange, ImportExportModelAdmin, Admin):
    form = BarcodeForm
    resource_classes = [BarcodeResource]
    list_display = ["code", "product", "variant", "quantity_shown"]
    list_select_related = ["product", "variant__product"]
    search_fields = ["code", "product__name", "product__number"]
    autocomplete_fields = ["product", "variant"]
    empty_hint = "Barcodes are entered with their product, or imported here from a spreadsheet."
    fieldsets = [(None, {"fields": ["code", "product", "variant", "quantity"]})]
    help_texts = {
        "code": "As printed. A worldwide code must end in the right check digit.",
        "product": "What a scan of it sells.",
        "variant": "Empty: the product itself.",
        "quantity": "How many it stands for: a pack of six is 6.",
    }

    @display(description="Quantity", ordering="quantity")
    def quantity_shown(self, obj: Barcode) -> str:
        return plain(obj.quantity)


@admin.register(Variant)
class VariantAdmin(Admin):
    list_display = ["product", "number", "colour", "size", "style", "configuration"]
    list_select_related = ["product"]
    search_fields = ["number", "product__name", "product__number", "colour", "size"]
    autocomplete_fields = ["product"]
    empty_hint = "Variants are entered with their product: sizes and colours of the same thing."
    fieldsets = [(None, {"fields": ["product", "number", "colour", "size", "style", "configuration"]})]
    help_texts = {
        "number": "Unique among all variants.",
        "product": "What it is a variant of.",
        "size": "Such as M or 42.",
        "colour": "Such as Navy.",
        "style": "Such as Slim.",
        "configuration": "What else tells it apart.",
    }


class CategoryForm(Form):
    """A category's parent must not be itself or something below it."""

    def clean_parent(self) -> Category | None:
        parent: Category | None = self.cleaned_data.get("parent")
        above, seen = parent, set()
        while above is not None and above.pk not in seen:
            if above.pk == self.instance.pk:
                raise ValidationError(f"“{parent}” lies below this category. Choose another parent.")
            seen.add(above.pk)
            above = above.parent
        return parent


@admin.register(Category)
class CategoryAdmin(Admin):
    form = CategoryForm
    list_display = ["name", "code", "parent", "products_shown", "position"]
    list_filter = ["parent"]
    list_select_related = ["parent"]
    search_fields = ["name", "code"]
    autocomplete_fields = ["parent"]
    empty_hint = (
        "Categories are the tree that products hang on. Start with the few that customers would name."
    )
    used_by = [
        uses("products", "product", listed="admin:catalog_product_changelist?category__id__exact={pk}")
    ]
    fieldsets = [(None, {"fields": ["name", "parent", "code", "position"]})]
    help_texts = {
        "name": "As people read it.",
        "parent": "What it is a part of. Empty: it stands at the top.",
        "code": "Short and unique, for imports and exports.",
        "position": "Lower numbers come first.",
    }

    def get_queryset(self, request: HttpRequest) -> QuerySet[Category]:
        return super().get_queryset(request).annotate(product_count=Count("products"))

    @display(description="Products", ordering="product_count")
    def products_shown(self, obj: Any) -> str:
        return counted(obj.product_count, "product")


class AssortmentLineInline(Inline):
    model = AssortmentLine
    fields = ["category", "product", "is_excluded"]
    autocomplete_fields = ["category", "product"]
    verbose_name = "line"
    verbose_name_plural = "what it offers"
    tab = False
    labels = {"is_excluded": "left out"}


class AssortmentStoreInline(Inline):
    model = AssortmentStore
    fields = ["store"]
    autocomplete_fields = ["store"]
    verbose_name = "store"
    verbose_name_plural = "stores that offer it"
    tab = False


class StoreAssortmentInline(Inline):
    model = AssortmentStore
    fields = ["assortment"]
    autocomplete_fields = ["assortment"]
    verbose_name = "assortment"
    verbose_name_plural = "assortments"


@admin.register(Assortment)
class AssortmentAdmin(Admin):
    list_display = ["name", "starts_on", "ends_on", "lines_shown", "stores_shown"]
    search_fields = ["name"]
    inlines = [AssortmentLineInline, AssortmentStoreInline]
    empty_hint = (
        "An assortment says which products a store sells. One for all stores is enough to start with."
    )
    used_by = [uses("stores", "store")]
    fieldsets = [(None, {"fields": ["name", ("starts_on", "ends_on")]})]
    help_texts = {
        "name": "Such as Groceries or Christmas.",
        "starts_on": "The first day. Empty: since ever.",
        "ends_on": "The first day without it. Empty: for good.",
    }

    def get_queryset(self, request: HttpRequest) -> QuerySet[Assortment]:
        return (
            super()
            .get_queryset(request)
            .annotate(
                line_count=Count("lines", distinct=True),
                store_count=Count("stores", distinct=True),
            )
        )

    @display(description="Lines", ordering="line_count")
    def lines_shown(self, obj: Any) -> str:
        return counted(obj.line_count, "line")

    @display(description="Stores", ordering="store_count")
    def stores_shown(self, obj: Any) -> str:
        return counted(obj.store_count, "store")


@admin.register(Unit)
class UnitAdmin(Admin):
    list_display = ["code", "name", "decimals"]
    search_fields = ["code", "name"]
    empty_hint = "Add pcs for what is counted and kg for what is weighed."
    fieldsets = [(None, {"fields": ["code", "name", "decimals"]})]
    help_texts = {
        "code": "As on receipts: pcs, kg, m.",
        "name": "In full.",
        "decimals": "0 for what is counted, 3 for kilograms.",
    }

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["code"] if obj else []


@admin.register(ItemTaxGroup)
class ItemTaxGroupAdmin(Admin):
    list_display = ["name", "code", "products_shown"]
    search_fields = ["name", "code"]
    empty_hint = (
        "An item tax group says how a kind of goods is taxed, such as Standard rate or Zero-rated food."
    )
    used_by = [
        uses("products", "product", listed="admin:catalog_product_changelist?item_tax_group__id__exact={pk}")
    ]
    fieldsets = [(None, {"fields": ["name", "code"]})]
    help_texts = {"name": "Such as Standard rate or Zero-rated food.", "code": "Short and unique."}

    def get_queryset(self, request: HttpRequest) -> QuerySet[ItemTaxGroup]:
        return super().get_queryset(request).annotate(product_count=Count("products"))

    @display(description="Products", ordering="product_count")
    def products_shown(self, obj: Any) -> str:
        return counted(obj.product_count, "product")


class BarcodeMaskForm(Form):
    """A mask whose parts add up to a code that a scanner can read."""

    prefix = forms.RegexField(
        r"^\d{1,4}$",
        widget=UnfoldAdminTextInputWidget,
        help_text="First digits, such as 21.",
        error_messages={"invalid": "Use 1 to 4 digits, such as 21."},
    )

    def clean(self) -> dict[str, Any] | None:
        data = super().clean()
        parts = [self.cleaned_data.get("item_digits"), self.cleaned_data.get("value_digits")]
        if self.cleaned_data.get("prefix") and None not in parts:
            length = len(self.cleaned_data["prefix"]) + sum(parts) + 1
            length += bool(self.cleaned_data.get("value_check_digit"))
            if length not in (8, 12, 13, 14):
                self.add_error(
                    "value_digits",
                    f"Prefix, article, value and check digit make {length} digits; a code "
                    "has 8, 12, 13 or 14. Change the number of digits.",
                )
        return data


@admin.register(BarcodeMask)
class BarcodeMaskAdmin(Admin):
    form = BarcodeMaskForm
    list_display = ["name", "prefix", "item_digits", "value_digits", "carries", "decimals"]
    search_fields = ["name", "prefix"]
    empty_hint = "A mask takes in-store codes apart that carry a weight or a price, as scales print them."
    fieldsets = [
        (None, {"fields": ["name", "prefix"]}),
        ("The digits after the prefix", {"fields": ["item_digits", "value_check_digit", "value_digits"]}),
        ("What the value is", {"fields": ["carries", "decimals"]}),
    ]
    help_texts = {
        "name": "Such as Weight, prefix 21.",
        "item_digits": "Digits of the article's number.",
        "value_check_digit": "A check digit of its own stands before the value.",
        "value_digits": "Digits of the weight or price.",
        "carries": "Weight in the product's unit, or the price to pay.",
        "decimals": "Of the value: 3 for grams in kilograms, 2 for pence in pounds.",
    }


add_first_step(
    FirstStep(
        20,
        "Add what you sell",
        "An article with its barcode and price; or a whole list of them, with Import.",
        "admin:catalog_product_changelist",
        Product.objects.exists,
    )
)
add_inline(Store, StoreAssortmentInline)
copied_with_store(AssortmentStore)
navigation.add(
    Section.CATALOGUE,
    Entry.of(Product, icon="inventory_2", position=10, searched=True),
    Entry.of(Category, icon="account_tree", position=20, searched=True),
    Entry.of(Barcode, icon="barcode", position=30).with_tabs(
        Entry.of(Barcode, title="Barcodes"),
        Entry.of(BarcodeMask, title="Masks for weights and prices"),
    ),
    Entry.of(Assortment, icon="category", position=40),
    Entry.of(Unit, icon="straighten", position=50),
)
