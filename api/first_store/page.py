"""The page that opens the first store: a country, then one form."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.admin.sites import site
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from api.first_store.countries import countries
from api.first_store.form import CountryForm, FirstStoreForm
from api.first_store.make import CompanyHasBegun, open_first_store, refuse_when_begun

NEEDS = (
    "hq.add_store",
    "hq.add_legalentity",
    "hq.add_worker",
    "hq.add_permissiongroup",
    "pricing.add_taxcode",
)


@require_http_methods(["GET", "POST"])
def first_store(request: HttpRequest) -> HttpResponse:
    """Ask for the country, then for the rest; what was entered is made whole or not at all."""
    if not request.user.has_perms(NEEDS):
        raise PermissionDenied
    asked = CountryForm(request.GET or None)
    country = countries()[asked.cleaned_data["country"]] if asked.is_valid() else None
    form = FirstStoreForm(country, request.POST or None) if country is not None else None
    try:
        refuse_when_begun()
        if form is not None and form.is_valid():
            store = open_first_store(form.plan())
            messages.success(
                request, f"{store.name} can sell as soon as it has articles. This is what is left."
            )
            return redirect("admin:index")
    except CompanyHasBegun as refusal:
        messages.info(request, str(refusal))
        return redirect("admin:hq_store_changelist")
    return render(
        request,
        "api/first_store.html",
        {
            **site.each_context(request),
            "title": "Open the first store",
            "asked": asked,
            "country": country,
            "form": form,
            "other_country": reverse("admin:first-store"),
        },
    )
