"""What every page of the back office has in common; apps above build their admin on these classes."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.admin import AllValuesFieldListFilter
from django.contrib.admin.utils import get_fields_from_path, unquote
from django.db import models
from django.db.models import Field, Model, OuterRef, QuerySet, Subquery
from django.forms.utils import pretty_name
from django.http import HttpRequest
from django.urls import reverse
from django.utils.text import capfirst
from simple_history.admin import SimpleHistoryAdmin
from unfold import admin as unfold
from unfold.contrib.filters.admin import (
    BooleanRadioFilter,
    ChoicesDropdownFilter,
    RangeDateFilter,
    RelatedDropdownFilter,
)
from unfold.views import ChangeList
from unfold.widgets import UnfoldAdminExpandableTextareaWidget, UnfoldAdminTextInputWidget

from hq import navigation
from hq.admin.forms import Form, FoundChoice, FoundChoices, Lines, Rows
from hq.admin.limits import widened_without
from hq.cells import NOTHING, counted
from hq.figures import FigureField
from hq.models import Currency


@dataclass(frozen=True)
class Use:
    """What depends on a row: how many, in words ("12 registers"), and the list that shows them."""

    number: int
    words: str
    url: str = ""


@dataclass(frozen=True)
class Column:
    """A column that an upper app adds to the list of a lower app's model.

    `prepare` takes the rows of a page and gives the cell by primary key, in a fixed number of queries.
    """

    title: str
    prepare: Callable[[Sequence[Any]], Mapping[Any, Any]]
    before: str = ""


UseFinder = Callable[[Any], Use]
_extra_inlines: dict[type[Model], list[type[Any]]] = {}
_extra_columns: dict[type[Model], list[Column]] = {}
_extra_sheets: dict[type[Model], list[type[Any]]] = {}
MOST_COLUMNS = 8


def add_inline(model: type[Model], inline: type[Any]) -> None:
    """Show an inline of an upper app on the page of a lower app's model."""
    inlines = _extra_inlines.setdefault(model, [])
    if inline not in inlines:
        inlines.append(inline)


def add_column(model: type[Model], column: Column) -> None:
    """Show a column of an upper app in the list of a lower app's model, before the one named or at the end."""
    columns = _extra_columns.setdefault(model, [])
    if column not in columns:
        columns.append(column)


def add_sheet(model: type[Model], sheet: type[Any]) -> None:
    """Let a list of an upper app come in and go out on the page of a lower app's model, after the page's own."""
    sheets = _extra_sheets.setdefault(model, [])
    if sheet not in sheets:
        sheets.append(sheet)


def sheets_beside(model: type[Model]) -> list[type[Any]]:
    """The lists that upper apps have added to the page of a model."""
    return _extra_sheets.get(model, [])


def _cell(column: Column) -> Callable[[Any], Any]:
    def cell(row: Any) -> Any:
        return row.extra_cells[column.title].get(row.pk, NOTHING)

    cell.short_description = column.title  # type: ignore[attr-defined]
    return cell


def uses(relation: str, one: str, many: str = "", *, listed: str = "") -> UseFinder:
    """A finder of uses through a reverse relation; `listed` names the list that shows them.

    It is "url-name?query={pk}": the list's URL name and the filter for this row.
    """

    def find(obj: Model) -> Use:
        number = getattr(obj, relation).count()
        name, _, query = listed.partition("?")
        url = f"{reverse(name)}?{query.format(pk=obj.pk)}" if listed else ""
        return Use(number, counted(number, one, many), url)

    return find


class Shared:
    """Help and labels in the shop's words, for pages and inlines alike."""

    form = Form
    formfield_overrides = {
        models.TextField: {"widget": Lines(attrs={"rows": 2})},
        # browsers drop a comma that is typed into a field of their own for numbers: 12,50 would be 1250
        models.DecimalField: {
            "form_class": FigureField,
            "widget": UnfoldAdminTextInputWidget(attrs={"inputmode": "decimal"}),
        },
        models.JSONField: {
            "widget": UnfoldAdminExpandableTextareaWidget(attrs={"rows": 2, "class": "th-json"})
        },
    }
    help_texts: Mapping[str, str] = {}
    labels: Mapping[str, str] = {}

    def formfield_for_dbfield(self, db_field: Field, request: HttpRequest, **kwargs: Any) -> Any:
        """Give the field the label and the line of help that this page has for it."""
        if isinstance(db_field, models.URLField):
            kwargs["assume_scheme"] = "https"
        if db_field.name in self.get_autocomplete_fields(request):  # type: ignore[attr-defined]
            found = FoundChoices if db_field.many_to_many else FoundChoice
            kwargs["widget"] = found(db_field, self.admin_site)  # type: ignore[attr-defined]
        field = super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]
        if field is not None:
            field.help_text = self.help_texts.get(db_field.name, field.help_text)
            field.label = capfirst(self.labels.get(db_field.name, field.label))
        return field

    def words(self) -> dict[str, Mapping[str, str]]:
        """Labels and help for the form itself, which has them where a row can only be read."""
        return {
            "labels": {name: capfirst(label) for name, label in self.labels.items()},
            "help_texts": self.help_texts,
        }


class Inline(Shared, unfold.TabularInline):
    """Rows of a child on the page of its parent."""

    formset = Rows
    extra = 0
    hide_title = True
    show_change_link = False
    tab = True

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """Name every field for those who do not see the head of its column."""
        formset = super().get_formset(request, obj, **self.words(), **kwargs)
        for name, field in formset.form.base_fields.items():
            inner = getattr(field.widget, "widget", field.widget)  # related fields wrap theirs
            inner.attrs.setdefault("aria-label", str(field.label or pretty_name(name)))
        return formset


class RowPreparingList(ChangeList):
    """A list that lets its page prepare what its rows show, in a fixed number of queries."""

    def get_filters(self, request: HttpRequest) -> Any:
        """The filters, titled as the fields are labelled on the page."""
        filters = super().get_filters(request)
        labels = getattr(self.model_admin, "labels", {})
        for found in filters[0]:
            found.title = labels.get(getattr(found, "field_path", ""), found.title)
        return filters

    def get_results(self, request: HttpRequest) -> None:
        """The rows of this page of the list, prepared."""
        super().get_results(request)
        columns = _extra_columns.get(self.model, [])
        if columns or type(self.model_admin).prepare_rows is not Page.prepare_rows:
            self.result_list = list(self.result_list)
            self.model_admin.prepare_rows(request, self.result_list)
            cells = {column.title: column.prepare(self.result_list) for column in columns}
            for row in self.result_list:
                row.extra_cells = cells


class Page(Shared, unfold.ModelAdmin):
    """A page without history, for what is not master data.

    `used_by` finds what depends on a row, said on its page before anybody changes it; `empty_hint` is what an
    empty list tells to do next.
    """

    compressed_fields = True
    warn_unsaved_form = True
    list_per_page = 50
    list_filter_submit = True
    show_full_result_count = False
    empty_hint: str = ""
    used_by: Sequence[UseFinder] = ()
    change_form_before_template = "hq/form/_before.html"

    def prepare_rows(self, request: HttpRequest, rows: list[Any]) -> None:
        """Hang on the rows of a list what their columns show and no join brings."""

    def page_context(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        """What the page of a saved row shows beside its form."""
        return {}

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], **kwargs: Any) -> Any:
        """On the page of a row that is there already, saving it is enough: adding another starts from the list."""
        if kwargs.get("change"):
            context["show_save_and_add_another"] = False
        return super().render_change_form(request, context, **kwargs)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        return super().get_form(request, obj, change=change, **{**self.words(), **kwargs})

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether the person may add rows; actions of a row's page ask with the row."""
        return super().has_add_permission(request)

    def idle_actions(self, obj: Any) -> Collection[str]:
        """The actions of its page that a row has no use for as it is; who calls one all the same is told why."""
        return ()

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """What may be done with the row, and makes sense as it is."""
        found = super().get_actions_detail(request, object_id)
        obj = self.get_object(request, str(object_id)) if found else None
        idle = self.idle_actions(obj) if obj is not None else ()
        return [action for action in found if action.method.__name__ not in idle]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return RowPreparingList

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """The list, titled by what it lists."""
        context = {"title": navigation.title_of(self.model), **(extra_context or {})}
        return super().changelist_view(request, context)

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        """Filters as drop-down lists that stay short however many choices there are."""
        return [self._filter(entry) for entry in super().get_list_filter(request)]

    def _filter(self, entry: Any) -> Any:
        if not isinstance(entry, str):
            return entry
        field = get_fields_from_path(self.model, entry)[-1]
        if field.is_relation:
            return (entry, RelatedDropdownFilter)
        if isinstance(field, models.DateField):
            return (entry, RangeDateFilter)
        if isinstance(field, models.BooleanField):
            return (entry, BooleanRadioFilter)
        return (entry, ChoicesDropdownFilter if field.choices else AllValuesFieldListFilter)

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        """Our own columns, with those of apps above in their places."""
        shown = list(super().get_list_display(request))
        for column in _extra_columns.get(self.model, []):
            place = shown.index(column.before) if column.before in shown else len(shown)
            shown.insert(place, _cell(column))
        return shown

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """What goes with the rows; what would hold for more than it says without them keeps them."""
        deleted, counts, perms_needed, protected = super().get_deleted_objects(objs, request)
        return deleted, counts, perms_needed, [*protected, *widened_without(list(objs))]

    def get_inlines(self, request: HttpRequest, obj: Model | None) -> list[type[Any]]:
        """Our own inlines, then those of apps above."""
        return [*super().get_inlines(request, obj), *_extra_inlines.get(self.model, [])]

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """Say what depends on the row, and whatever else the page shows beside its form."""
        context = dict(extra_context or {})
        obj = self.get_object(request, unquote(object_id)) if object_id else None
        if obj is not None and self.has_view_or_change_permission(request, obj):
            found = [find(obj) for find in self.used_by]
            context["used_by"] = [use for use in found if use.number]
            context |= self.page_context(request, obj)
        return super().changeform_view(request, object_id, form_url, context)


class Admin(SimpleHistoryAdmin, Page):
    """The page of master data: what it was before can be looked up, and by whom it was changed."""

    history_list_per_page = 50

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Saving a form in which nothing was changed leaves no trace in the history."""
        if not change or form.has_changed():
            super().save_model(request, obj, form, change)


class Record:
    """What happened, to read. Nobody edits the past.

    Each row that has a currency, by `currency_path`, comes with its `symbol` and `decimals`.
    """

    model: type[Model]
    currency_path = "currency"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request)  # type: ignore[misc]
        first = self.currency_path.partition("__")[0]
        if not any(field.name == first for field in self.model._meta.fields):
            return rows
        of = Currency.objects.filter(code=OuterRef(self.currency_path))
        return rows.annotate(
            symbol=Subquery(of.values("symbol")[:1]), decimals=Subquery(of.values("decimals")[:1])
        )

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class RecordPage(Record, Page):
    """Read-only pages of what happened: the journal, shifts."""

    warn_unsaved_form = False
    actions = None


class RecordInline(Record, Shared, unfold.TabularInline):
    """Read-only rows of a record."""

    extra = 0
    max_num = 0
    can_delete = False
    hide_title = True
    tab = False
