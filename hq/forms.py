"""Forms of headquarters' own pages."""

from typing import Any

from django import forms
from unfold.forms import AuthenticationForm
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from hq.models import Register, Store


class SignInForm(AuthenticationForm):
    """Signing in to the back office; the refusal does not say which of the two was wrong."""

    error_messages = {
        "invalid_login": "User name or password is wrong. Capitals matter in both.",
        "inactive": "This account is closed. Ask an administrator.",
    }


def _free(model: type[Any], number: str) -> str:
    model._meta.get_field("number").run_validators(number)
    taken = model.objects.filter(number=number).first()
    if taken:
        raise forms.ValidationError(f"Number {number} is taken by {taken}. Choose another.")
    return number


class DuplicateStoreForm(forms.Form):
    """The identity of a store that is made like another."""

    name = forms.CharField(
        max_length=80,
        widget=UnfoldAdminTextInputWidget,
        help_text="As customers know it.",
        error_messages={"required": "Enter the name of the new store."},
    )
    number = forms.CharField(
        max_length=10,
        widget=UnfoldAdminTextInputWidget,
        help_text="Short and unique; part of its receipts' numbers.",
        error_messages={"required": "Enter the number of the new store."},
    )
    address = forms.CharField(
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text="As printed on receipts, one line each.",
        error_messages={"required": "Enter the address of the new store."},
    )
    phone = forms.CharField(max_length=30, required=False, widget=UnfoldAdminTextInputWidget)
    registers = forms.BooleanField(
        required=False,
        initial=True,
        widget=UnfoldBooleanSwitchWidget,
        label="Registers and stations too",
        help_text="As many as the original has in use, numbered after the new store.",
    )
    workers = forms.BooleanField(
        required=False,
        widget=UnfoldBooleanSwitchWidget,
        label="Same workers",
        help_text="Whoever may sign on in the original may sign on here too, in the same role.",
    )

    def clean_number(self) -> str:
        """A number that no store has."""
        return _free(Store, self.cleaned_data["number"].strip())


class DuplicateRegisterForm(forms.Form):
    """The identity of a register that is made like another."""

    store = forms.ModelChoiceField(
        Store.objects.all(),
        widget=UnfoldAdminSelectWidget,
        empty_label=None,
        help_text="Where it stands.",
        error_messages={"required": "Choose the store in which the new register stands."},
    )
    name = forms.CharField(
        max_length=60,
        widget=UnfoldAdminTextInputWidget,
        help_text="As cashiers call it, such as Till 4.",
        error_messages={"required": "Enter the name of the new register."},
    )
    number = forms.CharField(
        max_length=10,
        widget=UnfoldAdminTextInputWidget,
        help_text="Short and unique in the company.",
        error_messages={"required": "Enter the number of the new register."},
    )

    def clean_number(self) -> str:
        """A number that no register has."""
        return _free(Register, self.cleaned_data["number"].strip())
