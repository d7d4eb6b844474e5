"""Lists in and out of spreadsheets: CSV and XLSX, with a look first at what would change, old and new."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from unfold.contrib.import_export.forms import ImportForm, SelectableFieldsExportForm

from channels_app.tasks import soon
from hq.admin import list_import
from hq.admin.base import sheets_beside
from hq.admin.sheet_files import CSV, XLSX
from hq.models import ListImport
from hq.tasks import work_on_list


class _Listed:
    """A form that asks for a list, where a page has several."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["resource"].label = "List"  # type: ignore[attr-defined]


class ListIn(_Listed, ImportForm):
    """Which list comes in, and from which file."""


class ListOut(_Listed, SelectableFieldsExportForm):
    """Which columns of which list go out."""


class ListsOut:
    """A page whose list can be taken along."""

    export_form_class = ListOut
    formats = [CSV, XLSX]
    show_change_form_export = False
    export_template_name = "hq/exchange/export.html"

    def has_export_permission(self, request: HttpRequest) -> bool:
        """Whoever may see the list."""
        return bool(self.has_view_permission(request))  # type: ignore[attr-defined]

    def get_resource_classes(self, request: HttpRequest) -> list[type[Any]]:
        """The page's own lists, then those of apps above."""
        return [*super().get_resource_classes(request), *sheets_beside(self.model)]  # type: ignore[misc,attr-defined]

    def get_export_data(self, file_format: Any, request: HttpRequest, queryset: Any, **kwargs: Any) -> Any:
        """The file; in a workbook numbers are numbers, and dates are dates."""
        encoding = kwargs.pop("encoding", None)
        native = file_format.is_binary()
        found = file_format.export_data(
            self.get_data_for_export(request, queryset, force_native_type=native, **kwargs)  # type: ignore[attr-defined]
        )
        return found.encode(encoding) if encoding and not native else found


class Exchange(ListsOut):
    """A page whose lists go out, and come in: chosen, looked at, confirmed, written, each on the import's own page."""

    import_form_class = ListIn
    import_formats = [CSV, XLSX]

    def get_urls(self) -> list[Any]:
        """Each import has a page of its own, in place of the library's."""
        others = [url for url in super().get_urls() if not (url.name or "").endswith("_process_import")]  # type: ignore[misc]
        one = path(
            "import/<uuid:pk>/",
            self.admin_site.admin_view(self.import_page),
            name=f"{self._named}_import_one",  # type: ignore[attr-defined]
        )
        return [one, *others]

    def has_import_permission(self, request: HttpRequest) -> bool:
        """Whoever may add and change rows by hand; the library lets everybody in."""
        return self.has_add_permission(request) and self.has_change_permission(request)  # type: ignore[attr-defined]

    @property
    def _named(self) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}"  # type: ignore[attr-defined]

    def import_action(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Choose a file; a short one is looked at while one waits, a long one by a worker."""
        self._check_may_import(request)
        form = self.create_import_form(request)  # type: ignore[attr-defined]
        if request.method == "POST" and form.is_valid():
            one = list_import.begin(
                page=self.opts.label_lower,  # type: ignore[attr-defined]
                sheet=self.choose_import_resource_class(form, request),  # type: ignore[attr-defined]
                file_format=self.import_formats[int(form.cleaned_data["format"])],
                file=form.cleaned_data["import_file"],
                by=request.user,
            )
            return self._go_on(one)
        return self._show(request, "import", form=form)

    def import_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """How far an import is, and what came of it; a file that was looked at is confirmed here, once."""
        self._check_may_import(request)
        one = ListImport.objects.filter(pk=pk, page=self.opts.label_lower).first()  # type: ignore[attr-defined]
        if one is None:
            messages.warning(
                request, "Files are kept for a day, and this one is gone. To import it, choose it again."
            )
            return redirect(f"admin:{self._named}_import")
        if request.method == "POST":
            if not list_import.confirm(one.pk):
                messages.warning(request, "This file was confirmed already: it is imported once.")
            return self._go_on(one)
        form = None if one.is_at_work else self.create_import_form(request)  # type: ignore[attr-defined]
        return self._show(
            request, "import_one", form=form, one=one, how_far=list_import.how_far(one), **one.outcome
        )

    def _check_may_import(self, request: HttpRequest) -> None:
        if not self.has_import_permission(request):  # type: ignore[attr-defined]
            raise PermissionDenied

    def _go_on(self, one: ListImport) -> HttpResponse:
        if list_import.is_short(one):
            list_import.work_on(one.pk)
        else:
            soon(work_on_list, str(one.pk))
        return redirect(f"admin:{self._named}_import_one", one.pk)

    def _show(self, request: HttpRequest, template: str, **context: Any) -> HttpResponse:
        sheets = [sheet() for sheet in self.get_import_resource_classes(request)]  # type: ignore[attr-defined]
        columns = [
            (sheet.get_display_name(), [field.column_name for field in sheet.import_fields])
            for sheet in sheets
        ]
        page = {
            "title": "Import",
            "opts": self.opts,
            "fields_list": columns,
            "list_page": f"admin:{self._named}_changelist",
        }  # type: ignore[attr-defined]
        base = self.admin_site.each_context(request) | page  # type: ignore[attr-defined]
        return TemplateResponse(request, f"hq/exchange/{template}.html", base | context)
