"""Pages of headquarters that belong to no single model, and the steps behind a page's buttons."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.contrib.admin.sites import site
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.text import capfirst
from django.views.decorators.http import require_GET, require_http_methods

from channels_app.errors import DomainError
from channels_app.models import StorePlacement
from hq import audit as trail
from hq.access import access_device, access_register, access_store
from hq.button_proposals import add_buttons, new_buttons
from hq.cells import counted
from hq.forms import DuplicateRegisterForm, DuplicateStoreForm
from hq.models import Register, ScreenLayout, Store, User
from hq.services.activation import LIFETIME, issue_activation_code, revoke_device
from hq.services.duplicate import duplicate_register as copy_register
from hq.services.duplicate import duplicate_store as copy_store
from hq.services.readiness import Checklist, checklists, gaps_in_common
from hq.tiles import tile, with_products


def _page(request: HttpRequest, template: str, title: str, context: dict[str, Any]) -> HttpResponse:
    step = title if "original" in context else ""
    return render(request, template, {**site.each_context(request), "title": title, "step": step, **context})


@require_http_methods(["GET", "POST"])
def activation(request: HttpRequest, admin: ModelAdmin, object_id: str) -> HttpResponse:
    """Explain activation; on POST issue a one-time code and show it, this once."""
    register = access_register(request.user, object_id)
    context: dict[str, Any] = {
        "opts": admin.opts,
        "original": register,
        "register": register,
        "lifetime": LIFETIME,
        "address": cloud_pos_address(register),
        "checklist": checklists([register])[register.pk],
        "devices": register.devices.all(),
    }
    if request.method == "POST":
        try:
            context["issued"] = issue_activation_code(register=register, by=request.user)
        except DomainError as refusal:
            messages.error(request, str(refusal))
    return _page(request, "hq/register/activation.html", "Activate a browser", context)


def cloud_pos_address(register: Register) -> str:
    """Where the Cloud POS of a register is opened."""
    placement = StorePlacement.objects.filter(store_id=register.store_id).select_related(
        "channel_database__scale_unit"
    )
    found = placement.first()
    return found.channel_database.scale_unit.base_url if found else settings.SCALE_UNIT_URL


@require_http_methods(["GET", "POST"])
def revoke(request: HttpRequest, admin: ModelAdmin, object_id: str) -> HttpResponse:
    """Ask, then take the register away from a browser."""
    device = access_device(request.user, object_id)
    if request.method == "POST":
        revoke_device(device=device)
        messages.success(
            request, "The browser is revoked. It stops selling with the next package, in a few seconds."
        )
        return redirect("admin:hq_register_change", device.register_id)
    return _page(
        request,
        "hq/device/revoke.html",
        "Revoke a browser",
        {
            "opts": admin.opts,
            "original": device,
            "device": device,
        },
    )


@require_http_methods(["GET", "POST"])
def duplicate_store(request: HttpRequest, admin: ModelAdmin, object_id: str) -> HttpResponse:
    """A new store like this one: its choices are copied, its identity is asked for."""
    store = access_store(request.user, object_id, "add")
    form = DuplicateStoreForm(request.POST or None)
    if form.is_valid():
        try:
            made = copy_store(store=store, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, f"{made.name} is there. This is what it still needs.")
            return redirect(f"{reverse('admin:readiness')}?store={made.pk}")
    return _page(
        request,
        "hq/duplicate.html",
        f"New store like {store.name}",
        {
            "opts": admin.opts,
            "original": store,
            "form": form,
            "button": "Make the store",
            "copied": "Company, country, time zone, currency, taxes, profiles, layout, ways to pay, price groups and "
            "assortments are copied. Browsers, journals and stock are not.",
        },
    )


@require_http_methods(["GET", "POST"])
def duplicate_register(request: HttpRequest, admin: ModelAdmin, object_id: str) -> HttpResponse:
    """A new register like this one."""
    register = access_register(request.user, object_id, "add")
    form = DuplicateRegisterForm(request.POST or None, initial={"store": register.store_id})
    if form.is_valid():
        try:
            made = copy_register(register=register, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, f"{made} is there. Its checklist says what it still needs.")
            return redirect("admin:hq_register_change", made.pk)
    return _page(
        request,
        "hq/duplicate.html",
        f"New register like {register.name}",
        {
            "opts": admin.opts,
            "original": register,
            "form": form,
            "button": "Make the register",
            "copied": "Station and visual profile are copied. Browsers and journals are not.",
        },
    )


@require_http_methods(["GET", "POST"])
def proposed_buttons(request: HttpRequest, admin: ModelAdmin, object_id: str) -> HttpResponse:
    """Show the buttons that are proposed for a screen layout; on POST add those of the chosen tabs."""
    layout = get_object_or_404(ScreenLayout, pk=object_id)
    if not admin.has_change_permission(request, layout):
        raise PermissionDenied
    if request.method == "POST":
        added = add_buttons(layout, request.POST.getlist("tab"))
        if added:
            messages.success(
                request, f"{counted(added, 'button')} added. The tills show them with the next package."
            )
            return redirect("admin:hq_screenlayout_change", layout.pk)
        messages.error(request, "Choose at least one of the tabs.")
    proposed = new_buttons(layout)
    with_products([button for tab in proposed for button in tab.buttons])
    tabs = [(tab, [tile(button) for button in tab.buttons]) for tab in proposed]
    return _page(
        request,
        "hq/layout/proposed.html",
        "Propose buttons",
        {"opts": admin.opts, "original": layout, "tabs": tabs},
    )


@require_GET
def readiness(request: HttpRequest) -> HttpResponse:
    """What every register in use still lacks, by store."""
    if not request.user.has_perm("hq.view_register"):
        raise PermissionDenied
    registers = (
        Register.objects.filter(is_active=True).select_related("store").order_by("store__number", "number")
    )
    chosen = (
        Store.objects.filter(pk=request.GET["store"]).first()
        if request.GET.get("store", "").isdigit()
        else None
    )
    if chosen:
        registers = registers.filter(store=chosen)
    found = checklists(registers)
    stores: dict[Store, list[tuple[Register, Checklist]]] = {}
    for register in registers:
        stores.setdefault(register.store, []).append((register, found[register.pk]))
    return _page(
        request,
        "hq/readiness/page.html",
        "Readiness",
        {
            "stores": [(store, rows, gaps_in_common(rows)) for store, rows in stores.items()],
            "chosen": chosen,
            "ready": sum(1 for checklist in found.values() if checklist.is_ready),
            "total": len(found),
        },
    )


@require_GET
def audit(request: HttpRequest) -> HttpResponse:
    """Who changed what, the newest first."""
    if not request.user.has_perm("hq.view_user"):
        raise PermissionDenied
    known = sorted(
        [*trail.audited_models(), *trail.noted_models()], key=lambda model: str(model._meta.verbose_name)
    )
    models = {model._meta.label_lower: model for model in known}
    thing, kind = request.GET.get("thing", ""), request.GET.get("kind", "")
    by = request.GET.get("by", "")
    before: datetime | None = parse_datetime(request.GET.get("before", "").replace(" ", "+"))
    entries = trail.entries(
        models=[models[thing]] if thing in models else None,
        by=int(by) if by.isdigit() else None,
        kind=kind if kind in trail.KINDS else "",
        before=before,
        limit=51,
    )
    return _page(
        request,
        "hq/audit/page.html",
        "Audit",
        {
            "entries": entries[:50],
            "next": entries[49].at if len(entries) > 50 else None,
            "things": [
                (label, capfirst(str(model._meta.verbose_name_plural))) for label, model in models.items()
            ],
            "kinds": trail.KINDS.items(),
            "users": User.objects.order_by("username"),
            "thing": thing,
            "kind": kind,
            "by": by,
        },
    )
