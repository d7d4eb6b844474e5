"""Every page of the back office opens, explains its fields, and shows no more than eight columns."""

import re
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.admin import ModelAdmin
from django.contrib.admin.utils import flatten_fieldsets
from django.contrib.auth.models import Group
from django.db.models import Model
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from channels_app.kinds import MasterData, kind_of
from channels_app.roles import receiving_upload
from hq.admin.base import MOST_COLUMNS, Page, RecordPage, _extra_columns
from hq.templatetags.hq import keeps_history
from inventory.models import StockMovement
from tests.factories.company import a_layout, a_product, a_ready_register, a_user

PAGES = [model_admin for model_admin in admin.site._registry.values() if isinstance(model_admin, Page)]


def _name(model_admin: ModelAdmin) -> str:
    return str(model_admin.opts.label)


def _url(model: type[Model], page: str, *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def deepest_form(html: str) -> int:
    """How many forms stand inside one another: a browser drops the inner ones, and ends the outer at their end."""
    depth = deepest = 0
    for tag in re.findall(r"<(/?)form\b", html):
        depth += -1 if tag else 1
        deepest = max(deepest, depth)
    return deepest


def test_lists_open_empty_and_say_what_to_do_next(back_office: Client) -> None:
    for model_admin in PAGES:
        page = back_office.get(_url(model_admin.model, "changelist"))
        assert page.status_code == 200, _name(model_admin)
        if not model_admin.model.objects.exists():
            assert model_admin.empty_hint, _name(model_admin)
            assert escape(model_admin.empty_hint) in page.text, _name(model_admin)


def test_lists_and_forms_open_with_rows_in_them(back_office: Client) -> None:
    a_ready_register()
    for model_admin in PAGES:
        model = model_admin.model
        assert back_office.get(_url(model, "changelist")).status_code == 200, _name(model_admin)
        assert back_office.get(_url(model, "changelist"), {"q": "zz"}).status_code == 200, _name(model_admin)
        if not isinstance(model_admin, RecordPage) and model_admin.has_add_permission(_request()):
            assert back_office.get(_url(model, "add")).status_code == 200, _name(model_admin)
        for row in model.objects.all()[:1]:
            page = back_office.get(_url(model, "change", row.pk))
            assert page.status_code == 200, _name(model_admin)
            assert deepest_form(page.text) <= 1, _name(model_admin)
            if keeps_history(model._meta):
                assert back_office.get(_url(model, "history", row.pk)).status_code == 200, _name(model_admin)


def test_no_list_has_more_than_eight_columns() -> None:
    wide = {
        _name(model_admin): len(model_admin.list_display) + len(_extra_columns.get(model_admin.model, []))
        for model_admin in PAGES
    }
    assert {name: columns for name, columns in wide.items() if columns > MOST_COLUMNS} == {}


def test_every_field_has_a_line_of_help() -> None:
    unexplained = []
    for model_admin in PAGES:
        if not model_admin.has_change_permission(_request()):
            continue
        shown = flatten_fieldsets(model_admin.get_fieldsets(_request()))
        fields = [name for name in shown if name not in model_admin.get_readonly_fields(_request())]
        form = model_admin.get_form(_request(), fields=fields)
        unexplained += [
            f"{_name(model_admin)}.{name}" for name, field in form.base_fields.items() if not field.help_text
        ]
    assert unexplained == []


def test_all_master_data_can_be_edited_somewhere() -> None:
    """Each model of master data has a page of its own or stands on the page of another."""
    shown = set(admin.site._registry)
    for model_admin in PAGES:
        shown |= {inline.model for inline in model_admin.get_inlines(_request(), None)}
    missing = [
        model._meta.label
        for model in apps.get_models()
        if kind_of(model) is MasterData and model not in shown and model.__module__.split(".")[0] != "tests"
    ]
    assert missing == []


def test_a_profile_says_how_many_use_it_before_it_is_changed(back_office: Client) -> None:
    register = a_ready_register()
    page = back_office.get(
        _url(type(register.store.receipt_profile), "change", register.store.receipt_profile_id)
    )
    assert "Used by" in page.text and "1 store" in page.text
    layout = a_layout("Nobody's")
    assert "Used by" not in back_office.get(_url(type(layout), "change", layout.pk)).text


def test_the_ledger_of_stock_names_its_accounts_in_words(back_office: Client) -> None:
    product, store = a_product(), a_ready_register().store
    with receiving_upload():
        StockMovement.objects.create(
            id=uuid4(), store=store, product=product, quantity=-1, unit="ea", debit="cost_of_goods_sold",
            credit="inventory", source=uuid4(), moved_at=timezone.now(),
        )  # fmt: skip
    ledger = back_office.get(_url(StockMovement, "changelist")).text
    assert "Cost of goods sold" in ledger and "Stock on hand" in ledger and "cost_of_goods_sold" not in ledger


def test_pages_are_closed_to_strangers() -> None:
    for path in ("/", "/audit/", "/readiness/", "/hq/store/"):
        response = Client().get(path)
        assert response.status_code == 302 and response["Location"].startswith("/login/")


def test_an_address_that_no_text_can_have_is_refused_in_words(back_office: Client) -> None:
    answer = back_office.get("/pricing/discount/?kind__exact=%00")
    assert answer.status_code == 400 and "NUL" in answer.text
    assert back_office.get("/simulator/?add=%00").status_code == 200


def test_a_group_of_ones_own_gets_the_rights_that_are_ticked(back_office: Client) -> None:
    form = {
        "name": "Buyer",
        "rights": ["catalog.assortment:change", "hq.store:view", "pos.retailtransaction:view"],
    }
    assert back_office.post("/auth/group/add/", form).status_code == 302
    buyer = a_user(groups=["Buyer"])
    for permission in (
        "catalog.change_assortment",
        "catalog.delete_assortmentline",
        "hq.view_store",
        "hq.view_storepaymentmethod",
    ):
        assert buyer.has_perm(permission), permission
    for permission in (
        "catalog.add_assortment",
        "hq.change_store",
        "hq.change_storepaymentmethod",
        "hq.view_user",
    ):
        assert not buyer.has_perm(permission), permission
    group = buyer.groups.get()
    page = back_office.get(f"/auth/group/{group.pk}/change/").text
    assert page.count("checked") == 3
    assert (
        "Select a valid choice"
        in back_office.post(
            f"/auth/group/{group.pk}/change/",
            {"name": "Buyer", "rights": ["pos.retailtransaction:delete"]},
        ).text
    )


def test_built_in_groups_are_read_and_not_changed(back_office: Client) -> None:
    viewer = Group.objects.get(name="Viewer")
    assert "th-rights" in back_office.get(f"/auth/group/{viewer.pk}/change/").text
    assert back_office.post(f"/auth/group/{viewer.pk}/change/", {"name": "Viewer"}).status_code == 403
    assert viewer.permissions.count() > 20


def _request() -> Any:
    request = RequestFactory().get("/")
    request.user = _Everything()
    return request


class _Everything:
    """Somebody who may do everything, without a database."""

    is_active = is_staff = is_superuser = True

    def has_perm(self, permission: str, obj: Any = None) -> bool:
        return True


@pytest.mark.parametrize(
    ("role", "may", "may_not"),
    [
        (
            "Viewer",
            ["hq.view_store", "catalog.view_product"],
            ["hq.change_store", "hq.view_user", "auth.view_group"],
        ),
        (
            "Merchandiser",
            ["catalog.change_product", "pricing.add_tradeagreement", "hq.change_button"],
            ["hq.change_store", "hq.change_worker", "hq.view_user"],
        ),
        (
            "Operations",
            ["hq.change_register", "hq.add_store", "pos.view_retailtransaction"],
            ["catalog.change_product", "hq.add_user"],
        ),
        ("Administrator", ["hq.add_user", "auth.change_group", "catalog.delete_product"], []),
    ],
)
def test_built_in_roles_may_what_their_names_say(role: str, may: list[str], may_not: list[str]) -> None:
    user = a_user(groups=[role])
    assert [permission for permission in may if not user.has_perm(permission)] == []
    assert [permission for permission in may_not if user.has_perm(permission)] == []
