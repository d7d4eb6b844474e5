"""The order desk's pages: a caller is found, an order is taken and priced, held, released to the store, cancelled."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.contrib.admin.sites import site
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from channels_app.errors import DomainError
from customers.models import Affiliation, Customer
from customers.services.adding import add_customer
from hq.models import Store
from hq.panels import Tone
from orders.models import Order
from orders.services import desk as service
from orders.services.desk import (
    ADDRESS,
    Delivery,
    HandOver,
    Wanted,
    as_priced,
    find_orders,
    handed_over,
    is_editable,
)
from pos.services.customers import search_customers
from pos.services.simulate import Asked, AskedLine
from pos.simulator import codes_of, drawn, lines_of, meant_by, with_one_more
from pricing.engine.tax_codes import is_country
from pricing.models import DeliveryMode

State = Order.State
MOST_ORDERS = 50
STATES = {**dict(State.choices), service.HANDED_OVER: "Handed over"}
TONES = {State.OPEN: Tone.ASKS, State.HELD: Tone.ASKS, State.RELEASED: Tone.GOOD, State.CANCELLED: Tone.CALM}


class NewCaller(forms.Form):
    """Somebody who is no customer yet."""

    name = forms.CharField(max_length=120)
    phone = forms.CharField(max_length=30, required=False)
    email = forms.EmailField(max_length=254, required=False, label="E-mail")
    request = forms.UUIDField(widget=forms.HiddenInput, required=False)


class OrderForm(forms.Form):
    """What an order says beside its goods."""

    coupons = forms.CharField(required=False, max_length=200, help_text="Codes, with spaces between.")
    affiliation = forms.ModelChoiceField(
        Affiliation.objects.order_by("name"), required=False, to_field_name="code", empty_label="None",
        help_text="What the caller belongs to.",
    )  # fmt: skip
    delivery = forms.ModelChoiceField(
        DeliveryMode.objects.order_by("name"), required=False, to_field_name="code",
        empty_label="Picked up at the store", help_text="Adds its charges.",
    )  # fmt: skip
    recipient = forms.CharField(required=False, max_length=120, help_text="Empty: the caller.")
    street = forms.CharField(required=False, max_length=200, help_text="With the number.")
    city = forms.CharField(required=False, max_length=60)
    region = forms.CharField(
        required=False, max_length=60, label="State", help_text="Where taxes hang on it."
    )
    postcode = forms.CharField(required=False, max_length=20)
    country = forms.CharField(required=False, max_length=2, help_text="Two letters. Empty: the store’s.")
    note = forms.CharField(
        required=False, max_length=200, label="Note for the store", help_text="Shown at the till."
    )

    def clean_country(self) -> str:
        """Two letters, or the store's."""
        country = self.cleaned_data["country"].strip()
        if country and not is_country(country):
            raise forms.ValidationError("The country is two letters, such as IE.")
        return country.upper()

    def clean_coupons(self) -> tuple[str, ...]:
        """The codes, each once."""
        codes = codes_of(self.cleaned_data["coupons"])
        if long := next((code for code in codes if len(code) > 40), None):
            raise forms.ValidationError(f"{long[:20]}… is no code of a coupon.")
        return codes

    def wanted(self, lines: Sequence[AskedLine]) -> Wanted:
        """The order with these goods in it."""
        data = self.cleaned_data
        mode, affiliation = data["delivery"], data["affiliation"]
        address = {name: data[name] for name in ADDRESS}
        return Wanted(
            lines=lines,
            coupons=data["coupons"],
            affiliation=affiliation.code if affiliation else "",
            delivery=Delivery(mode=mode.code, **address) if mode else Delivery(),
            note=data["note"],
        )


@require_http_methods(["GET", "POST"])
def desk(request: HttpRequest) -> HttpResponse:
    """Find the caller and begin, or go on with an order."""
    _require(request, "view")
    caller = NewCaller(initial={"request": uuid4()})
    problem = ""
    if request.method == "POST":
        _require(request, "add")
        caller = NewCaller(request.POST) if "name" in request.POST else caller
        try:
            if (begun := _begin(request, caller)) is not None:
                return redirect("admin:order", number=begun.pk)
        except DomainError as refusal:
            if refusal.field in caller.fields:
                caller.add_error(refusal.field, str(refusal))
            else:
                problem = str(refusal)
    text = _text(request.GET.get("q")).strip()[:80]
    state = request.GET.get("state", "")
    orders = list(find_orders(text, state if state in STATES else "")[:MOST_ORDERS])
    became = handed_over(orders)
    found = search_customers(text, most=8) if text else ()
    if not caller.is_bound and text and not found:
        caller.initial |= {_looks_like(text): text}
    context = {
        "title": "Order desk",
        "asked": text,
        "state": state,
        "states": STATES.items(),
        "found": found,
        "caller": caller,
        "problem": problem,
        "stores": Store.objects.order_by("name"),
        "usual": service.usual_store(request.user),
        "may_add": request.user.has_perm("orders.add_order"),
        "rows": [{"order": order, "state": _state(order, became[order.pk])} for order in orders],
    }
    return render(request, "orders/desk.html", {**site.each_context(request), **context})


def _begin(request: HttpRequest, caller: NewCaller) -> Order | None:
    """A new order of the chosen caller, or of a new one; None where the form says what is missing."""
    store = Store.objects.filter(pk=_key(request.POST.get("store"))).first()
    if store is None:
        raise service.OrderIncomplete(why="Choose the store that the order is for.", field="store")
    account = request.POST.get("customer")
    if account:
        customer = Customer.objects.filter(account=_text(account)).first()
        if customer is None:
            raise service.OrderIncomplete(
                why=f"There is no customer {account[:20]} any more.", field="customer"
            )
        return service.take_order(store=store, customer=customer, by=request.user)
    if not caller.is_valid():
        return None
    data = caller.cleaned_data
    customer = add_customer(
        request=data["request"] or uuid4(), name=data["name"], phone=data["phone"], email=data["email"],
        where=f"Order desk, by {request.user}",
    )  # fmt: skip
    return service.take_order(store=store, customer=customer, by=request.user)


@require_http_methods(["GET", "POST"])
def order(request: HttpRequest, number: int) -> HttpResponse:
    """An order: what is in it, what it costs and why, and what becomes of it."""
    _require(request, "view")
    found = (
        Order.objects.select_related("store", "customer", "register", "changed_by").filter(pk=number).first()
    )
    if found is None:
        raise Http404(f"There is no order {number}.")
    form, articles, problem = _form_of(found), None, ""
    faults: dict[int, str] = {}
    if request.method == "POST":
        _require(request, "change")
        form = OrderForm(request.POST)
        lines, faults = lines_of(request.POST)
        if not is_editable(found) or (form.is_valid() and not faults):
            try:
                articles = _carry_out(request, found, form, lines)
            except DomainError as refusal:
                problem = str(refusal)
                found.refresh_from_db()
            else:
                if articles is None:
                    return redirect("admin:order", number=number)
                found.refresh_from_db()
    became = handed_over([found])[found.pk]
    answer = as_priced(found)
    editable = is_editable(found) and request.user.has_perm("orders.change_order")
    context: dict[str, Any] = {
        "title": str(found),
        "order": found,
        "form": form,
        "shown": _fields(form),
        "state": _state(found, became),
        "became": became,
        "problem": problem,
        "refused": bool(
            problem or faults or articles is not None or (request.method == "POST" and form.errors)
        ),
        "told": found.total if found.total != answer.priced.totals.total else None,
        "editable": editable,
        "locked": not editable,
        "may_change": request.user.has_perm("orders.change_order"),
        "found": articles,
        "query": request.POST.get("add", "") if articles is not None else "",
        **drawn(answer, faults),
    }
    return render(request, "orders/order.html", {**site.each_context(request), **context})


def _carry_out(request: HttpRequest, order: Order, form: OrderForm, lines: list[AskedLine]) -> list | None:
    """Keep what the page says, then do what its key says; the articles to choose from where a text means several."""
    asked, version = request.POST, _key(request.POST.get("version"))
    if is_editable(order):
        added = _text(asked.get("add")).strip()
        meant: str | list = ""
        if added:
            meant = meant_by(Asked(store=order.store, at=timezone.now()), added)
            lines = with_one_more(lines, meant) if isinstance(meant, str) else lines
        elif asked.get("without", "").isdecimal():
            lines = [line for place, line in enumerate(lines) if place != int(asked["without"])]
        version = service.change_order(
            order_id=order.pk, version=version, wanted=form.wanted(lines), by=request.user
        ).version
        if not isinstance(meant, str):
            return meant
    act = ACTS.get(asked.get("do", ""))
    if act is not None:
        done = act(order_id=order.pk, version=version, why=_text(asked.get("why")), by=request.user)
        messages.success(request, f"{done} is {done.get_state_display().lower()}.")
    return None


def _released(*, order_id: int, version: int, why: str, by: Any) -> Order:
    return service.release_order(order_id=order_id, version=version, by=by)


def _taken_back(*, order_id: int, version: int, why: str, by: Any) -> Order:
    return service.take_back(order_id=order_id, version=version, by=by)


ACTS: dict[str, Callable[..., Order]] = {
    "hold": service.hold_order,
    "release": _released,
    "take_back": _taken_back,
    "cancel": service.cancel_order,
}


def _form_of(order: Order) -> OrderForm:
    return OrderForm(
        {
            "coupons": " ".join(order.coupons),
            "affiliation": order.affiliation,
            "delivery": order.delivery_mode,
            **{name: getattr(order, name) for name in ADDRESS},
            "note": order.note,
        }
    )


def _fields(form: OrderForm) -> list[Any]:
    """The fields that there is something to choose for; an address only where goods go to one."""
    mode = DeliveryMode.objects.filter(code=_text(form["delivery"].value())).first()
    hidden = set() if mode is not None and mode.needs_address else set(ADDRESS)
    if not DeliveryMode.objects.exists():
        hidden.add("delivery")
    if not Affiliation.objects.exists():
        hidden.add("affiliation")
    return [field for field in form if field.name not in hidden]


def _state(order: Order, became: HandOver) -> dict[str, Any]:
    """How the order stands, in a word with its tone."""
    if became.sale is not None:
        return {"words": "Handed over", "tone": Tone.CALM, "sale": became.sale}
    if became.at_register:
        return {"words": f"At {became.at_register.name}", "tone": Tone.ASKS}
    return {"words": order.get_state_display(), "tone": TONES[State(order.state)]}


def _looks_like(text: str) -> str:
    """Which field of a new caller the text is meant for."""
    return "email" if "@" in text else "name" if any(map(str.isalpha, text)) else "phone"


def _text(given: str | None) -> str:
    """What was sent without what no text of PostgreSQL holds."""
    return (given or "").replace("\0", "")


def _key(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= 18 else 0


def _require(request: HttpRequest, what: str) -> None:
    if not request.user.has_perm(f"orders.{what}_order"):
        raise PermissionDenied
