"""The simulator's page: a basket in the address bar, so that an answer can be kept, sent and asked again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib.admin.sites import site
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from catalog.models import Product
from customers.models import Affiliation, Customer
from hq import navigation
from hq.models import PaymentMethod, Store
from hq.navigation import Entry, Section
from hq.pages import add_page
from pos.cart.commands import MAX_AMOUNT
from pos.journal_document import whole_charges
from pos.services.simulate import Asked, AskedLine, Simulation, matches, simulate
from pos.waterfall import Known, given_by_offer, losers_of, stages_of, subjects_of, tax_off
from pricing.engine.tax_codes import Destination, is_country
from pricing.models import DeliveryMode, Discount, TradeAgreement

MOST_QUANTITY = Decimal(100_000)
MOST_CUSTOMERS = 8
YEARS = range(1900, 2200)


class OnTheClock(forms.DateTimeField):
    """A moment on a store's clock; that the company's own clock is put back or forward then does not matter."""

    def to_python(self, value: Any) -> datetime | None:
        with timezone.override(UTC):
            return super().to_python(value)


class Situation(forms.Form):
    """Where and when, who buys, which coupons, and whether drafts count."""

    store = forms.ModelChoiceField(
        Store.objects.order_by("name"),
        empty_label=None,
        error_messages=dict.fromkeys(("required", "invalid_choice"), "Choose a store."),
    )
    at = OnTheClock(
        required=False,
        label="Moment",
        widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text="On the store's clock. Empty: now.",
        error_messages={"invalid": "Write it as 2026-11-27T14:30, or leave it empty."},
    )
    customer = forms.CharField(required=False, max_length=120, help_text="Account or name. Empty: anybody.")
    coupons = forms.CharField(required=False, max_length=200, help_text="Codes, with spaces between.")
    delivery = forms.ModelChoiceField(
        DeliveryMode.objects.order_by("name"),
        required=False,
        to_field_name="code",
        empty_label="Carried home",
    )
    sent_to = forms.CharField(
        required=False, max_length=30, label="Sent to",
        help_text="Country and postcode, such as IE D02. Empty: nearby.",
    )  # fmt: skip
    affiliation = forms.ModelChoiceField(
        Affiliation.objects.order_by("name"), required=False, to_field_name="code", empty_label="None"
    )
    paid_by = forms.ModelChoiceField(
        PaymentMethod.objects.order_by("name"), required=False, to_field_name="code", empty_label="In any way",
        label="Paid by",
    )  # fmt: skip
    drafts = forms.BooleanField(required=False, label="Drafts count, too")

    def clean_customer(self) -> Customer | None:
        """The one customer that is meant; several or none are said with a remedy."""
        text = self.cleaned_data["customer"].strip()
        if not text:
            return None
        exact = Customer.objects.filter(account__iexact=text).first()
        if exact:
            return exact
        found = list(
            Customer.objects.filter(Q(name__icontains=text) | Q(account__istartswith=text))[:MOST_CUSTOMERS]
        )
        if len(found) == 1:
            return found[0]
        if not found:
            raise forms.ValidationError(
                f"No customer is called “{text}”. Enter an account number or part of a name."
            )
        names = ", ".join(f"{one.name} ({one.account})" for one in found[:5])
        raise forms.ValidationError(f"Several are meant: {names}. Enter the account number.")

    def clean_sent_to(self) -> Destination | None:
        """The place that is meant."""
        country, _, postcode = self.cleaned_data["sent_to"].strip().partition(" ")
        if not country:
            return None
        if not is_country(country):
            raise forms.ValidationError("Begin with the two letters of the country, such as IE D02.")
        return Destination(country=country.upper(), postcode=postcode.strip())

    def clean_at(self) -> datetime | None:
        """Prices of a day end with the next, which the last day of the calendar has not."""
        at = self.cleaned_data["at"]
        if at is not None and not YEARS.start < at.year < YEARS.stop:
            raise forms.ValidationError(f"Choose a year from {YEARS.start + 1} to {YEARS.stop - 1}.")
        return at

    def clean(self) -> dict[str, Any]:
        """The moment is one of the store's clock."""
        given = dict(super().clean() or self.cleaned_data)
        store, at = given.get("store"), given.get("at")
        if store is not None:
            zone = ZoneInfo(store.time_zone)
            given["at"] = (
                at.replace(tzinfo=None).replace(tzinfo=zone) if at else timezone.now().astimezone(zone)
            )
        given["coupons"] = codes_of(given.get("coupons", ""))
        return given


def codes_of(text: str) -> tuple[str, ...]:
    """The codes of coupons that a field names, with spaces or commas between, each once."""
    return tuple(dict.fromkeys(text.upper().replace(",", " ").split()))


@require_GET
def simulator(request: HttpRequest) -> HttpResponse:
    """Price the basket of the address, and draw why it costs that."""
    if not request.user.has_perm("pricing.view_discount"):
        raise PermissionDenied
    query = request.GET
    form = _situation(query)
    lines, faults = lines_of(query)
    context: dict[str, Any] = {
        "form": form,
        "hidden": _unused(),
        "lines": [],
        "found": None,
        "query": "",
    }
    if form.is_valid():
        asked = Asked(
            store=form.cleaned_data["store"], at=form.cleaned_data["at"], lines=lines,
            customer=form.cleaned_data["customer"], coupons=form.cleaned_data["coupons"],
            with_drafts=form.cleaned_data["drafts"], delivery_mode=_code(form.cleaned_data["delivery"]),
            paid_by=_code(form.cleaned_data["paid_by"]), sent_to=form.cleaned_data["sent_to"],
            affiliations=tuple(filter(None, [_code(form.cleaned_data["affiliation"])])),
        )  # fmt: skip
        added = query.get("add", "").strip()
        if added:
            found = meant_by(asked, added)
            if isinstance(found, str):
                return redirect(f"{request.path}?{_with_lines(query, with_one_more(lines, found))}")
            context |= {"found": found, "query": added}
        elif query.get("without", "").isdigit():
            kept = [line for place, line in enumerate(lines) if place != int(query["without"])]
            return redirect(f"{request.path}?{_with_lines(query, kept)}")
        context |= drawn(simulate(asked), faults)
    else:
        context["lines"] = [{"line": line, "code": line.code} for line in lines]
    page = {**site.each_context(request), "title": "Simulator", **context}
    return render(request, "pos/hq/simulator.html", page)


def _unused() -> set[str]:
    """Fields that the company has nothing to choose from for."""
    hidden: set[str] = set()
    if not DeliveryMode.objects.exists():
        hidden |= {"delivery", "sent_to"}
    if not Affiliation.objects.exists():
        hidden.add("affiliation")
    return hidden


def _code(chosen: Any) -> str | None:
    return chosen.code if chosen else None


def _situation(query: QueryDict) -> Situation:
    if query.get("store"):
        return Situation(query)
    first = Store.objects.order_by("name").first()
    data = query.copy()
    if first:
        data["store"] = str(first.pk)
    return Situation(data)


def lines_of(query: QueryDict) -> tuple[list[AskedLine], dict[int, str]]:
    """The lines of the address, and what is wrong with a quantity or price by the line's place."""
    codes = [code.replace("\0", "") for code in query.getlist("code")]  # which no text of PostgreSQL holds
    quantities, prices = query.getlist("quantity"), query.getlist("price")
    lines: list[AskedLine] = []
    faults: dict[int, str] = {}
    for place, code in enumerate(codes):
        quantity = _number(quantities[place] if place < len(quantities) else "1")
        price_text = prices[place] if place < len(prices) else ""
        price = _number(price_text) if price_text.strip() else None
        if quantity is None or not 0 <= quantity <= MOST_QUANTITY:
            faults[len(lines)] = "That is no quantity: enter a number above zero, such as 2 or 0.45."
            quantity = Decimal(1)
        if price_text.strip() and (price is None or not 0 <= price <= MAX_AMOUNT):
            faults[len(lines)] = "That is no price: enter an amount such as 2.50."
            price = None
        if quantity and code.strip():
            lines.append(AskedLine(code.strip()[:80], quantity, price))
    return lines, faults


def _number(text: str) -> Decimal | None:
    try:
        number = Decimal(text.strip().replace(",", ".") or "1")
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def meant_by(asked: Asked, text: str) -> str | list[Product]:
    """The code to add where the text is one, else the articles it may mean."""
    one = simulate(Asked(store=asked.store, at=asked.at, lines=[AskedLine(text)]))
    if one.lines[0].article is not None:
        return text
    found = matches(text)
    return found[0].number if len(found) == 1 else found


def with_one_more(lines: list[AskedLine], code: str) -> list[AskedLine]:
    """The lines with one more of the code: the line that has it already, or a new one."""
    for place, line in enumerate(lines):
        if line.code.lower() == code.lower():
            more = AskedLine(line.code, (line.quantity or Decimal(1)) + 1, line.price)
            return [*lines[:place], more, *lines[place + 1 :]]
    return [*lines, AskedLine(code, Decimal(1))]


def _with_lines(query: QueryDict, lines: list[AskedLine]) -> str:
    kept = query.copy()
    for name in ("add", "without"):
        kept.pop(name, None)
    kept.setlist("code", [line.code for line in lines])
    kept.setlist("quantity", [f"{(line.quantity or Decimal(1)).normalize():f}" for line in lines])
    kept.setlist("price", ["" if line.price is None else f"{line.price:f}" for line in lines])
    return kept.urlencode()


def drawn(simulation: Simulation, faults: Mapping[int, str]) -> dict[str, Any]:
    """What the page shows of an answer."""
    known = _known(simulation)
    lines = []
    for place, line in enumerate(simulation.lines):
        row: dict[str, Any] = {
            "line": line,
            "code": line.asked.code,
            "fault": faults.get(place) or line.refusal,
        }
        if line.priced is not None:
            money = simulation.store.money
            competed, elsewhere = losers_of(line.priced, known, money)
            stages = stages_of(line.priced, known, money)
            row |= {
                "stages": stages,
                "competed": competed,
                "elsewhere": elsewhere,
                "amount": stages[-1].amount,
            }
            row["unit"] = "" if line.article is None else line.article.unit
        lines.append(row)
    return {
        "simulation": simulation,
        "lines": lines,
        "totals": simulation.priced.totals,
        "charges": whole_charges(simulation.priced.charges),
        "offers": given_by_offer(simulation.priced),
        "tax_off": tax_off(simulation.priced),
        "notes": simulation.priced.explanation,
        "money": simulation.store,
        "drafts_save": simulation.drafts_save,
    }


def _known(simulation: Simulation) -> dict[tuple[str, str], Known]:
    """Names and pages of what the explanation names by key, in two queries."""
    agreements, offers = subjects_of(simulation.priced)
    found: dict[tuple[str, str], Known] = {}
    rows = TradeAgreement.objects.filter(pk__in=_keys(agreements)).select_related("price_group", "customer")
    for row in rows:
        name = str(row.customer or row.price_group or "Everybody")
        found["agreement", str(row.pk)] = Known(
            name, reverse("admin:pricing_tradeagreement_change", args=[row.pk])
        )
    for offer in Discount.objects.filter(pk__in=_keys(offers)):
        url = reverse("admin:pricing_discount_change", args=[offer.pk])
        found["offer", str(offer.pk)] = Known(offer.name, url, offer.status == Discount.Status.DRAFT)
    return found


def _keys(subjects: set[str]) -> list[int]:
    return [int(subject) for subject in subjects if subject.isdigit()]


def simulator_url(**parameters: Any) -> str:
    """The address of a simulation."""
    query = QueryDict(mutable=True)
    for name, value in parameters.items():
        query.setlist(name, value) if isinstance(value, list) else query.update({name: str(value)})
    return f"{reverse('admin:simulator')}?{query.urlencode()}"


add_page("simulator/", simulator, "simulator")
navigation.add(
    Section.PRICES,
    Entry("Simulator", "admin:simulator", icon="science", permission="pricing.view_discount", position=12),
)
