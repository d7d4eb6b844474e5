"""Forms of the back office: errors name the field, what is in the way, and the remedy."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import chain
from typing import Any

from django import forms
from django.contrib.admin.widgets import AutocompleteSelect, AutocompleteSelectMultiple
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.core.validators import MinValueValidator
from django.db.models import Model
from django.forms.formsets import DELETION_FIELD_NAME
from django.forms.models import BaseInlineFormSet
from django.utils.text import capfirst, get_text_list
from unfold.widgets import UnfoldAdminExpandableTextareaWidget

# Django says what a value must be; we say what to do.
_LEAST_TOLD = Decimal("0.01")  # less is the last decimal that is kept, which nobody means
_LIMITS = {
    "max_digits": "Enter a shorter number: %(max)s digits at most.",
    "max_decimal_places": "Enter fewer decimals: %(max)s at most.",
    "max_whole_digits": "Enter a smaller number: %(max)s digits before the point at most.",
    "max_value": "Enter %(limit_value)s or less.",
    "min_value": "Enter %(limit_value)s or more.",
    "ambiguous_timezone": "In %(current_timezone)s the clock is put forward or back at this hour. Choose another one.",
    "max_length": "Shorten it to %(limit_value)s characters: it has %(show_value)s.",
}
_DAY, _TIME = "Enter a day such as 2026-11-27.", "Enter a time such as 14:30; 00:00 is the start of the day."


class Form(forms.ModelForm):
    """A model form whose errors tell what to do.

    "Already exists" names the row that has the value; a missing choice says what to choose.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.label = capfirst(field.label) if field.label else field.label
            name = _in_a_sentence(str(field.label or "value"))
            if isinstance(field, forms.ModelChoiceField | forms.ChoiceField):
                field.error_messages["required"] = f"Choose {_article(name)}."
            elif not isinstance(field, forms.BooleanField):
                field.error_messages["required"] = f"Enter {_article(name)}."
            _say_how_to_write(field)
        self._tell_one_least()
        for name, value in self.initial.items():
            if isinstance(value, Decimal):
                self.initial[name] = _without_zeros(value)

    def _tell_one_least(self) -> None:
        """Django lets a field of counts begin at 0, also where its model begins at 1: two answers to too little."""
        for column in self._meta.model._meta.fields:
            field = self.fields.get(column.name)
            if isinstance(field, forms.IntegerField) and field.min_value is not None:
                limits = [one.limit_value for one in column.validators if isinstance(one, MinValueValidator)]
                least = max(limits, default=field.min_value)
                field.validators = [one for one in field.validators if not isinstance(one, MinValueValidator)]
                field.validators.append(MinValueValidator(least))
                field.widget.attrs["min"] = least

    def add_error(self, field: str | None, error: Any) -> None:
        """As Django's; a limit that was passed is said as what to enter."""
        found = getattr(
            error, "error_dict", {field: getattr(error, "error_list", ())}
        )  # those of the model by field
        for single in chain.from_iterable(found.values()):
            say_limit(single)
        super().add_error(field, error)

    def _update_errors(self, errors: ValidationError) -> None:
        if hasattr(errors, "error_dict"):
            for name, found in errors.error_dict.items():
                for error in found:
                    self._explain(name, error)
        super()._update_errors(errors)

    def _explain(self, name: str, error: ValidationError) -> None:
        if error.code == "unique" and name != NON_FIELD_ERRORS:
            label = capfirst(str(self.fields[name].label if name in self.fields else name))
            other = self._holder(name)
            error.message = f"{label} %(value)s is taken by {other}. Choose another."
            error.params = {**(error.params or {}), "value": getattr(self.instance, name)}

    def _holder(self, name: str) -> str:
        model = type(self.instance)
        same = model._base_manager.filter(**{name: getattr(self.instance, name)})
        found: Model | None = same.exclude(pk=self.instance.pk).first()
        shown = str(found).replace("%", "%%")
        return f"{model._meta.verbose_name} “{shown}”" if found else f"another {model._meta.verbose_name}"


class Lines(UnfoldAdminExpandableTextareaWidget):
    """A text of several lines. Browsers end each with two characters, so that every save would be a change."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        value = super().value_from_datadict(data, files, name)
        return value.replace("\r\n", "\n") if isinstance(value, str) else value


class _Found:
    """A choice that is looked for as it is typed.

    Django asks the database for the row of whatever was sent, also where it can be no row's key: a refused form, or an
    address that fills one in, was an error of the server.
    """

    field: Any  # of the model

    def optgroups(self, name: str, value: list[str], attrs: dict[str, Any] | None = None) -> Any:
        return super().optgroups(name, [one for one in value if self._may_be_a_key(one)], attrs)  # type: ignore[misc]

    def _may_be_a_key(self, value: str) -> bool:
        try:
            self.field.target_field.to_python(value)
        except ValidationError:
            return False
        return "\0" not in str(value)


class FoundChoice(_Found, AutocompleteSelect):
    """One row, looked for as it is typed."""


class FoundChoices(_Found, AutocompleteSelectMultiple):
    """Several rows, looked for as they are typed."""


class Rows(BaseInlineFormSet):
    """The rows of a child on its parent's page."""

    @property
    def kept(self) -> list[Any]:
        """The forms of the rows that are to be there: filled in, and not to be deleted."""
        filled = [form for form in self.forms if getattr(form, "cleaned_data", None)]
        return [form for form in filled if not form.cleaned_data.get(DELETION_FIELD_NAME)]

    def get_unique_error_message(self, unique_check: Sequence[str]) -> str:
        labels = [
            str(self.form.base_fields[name].label).lower()
            for name in unique_check
            if name in self.form.base_fields
        ]
        what = get_text_list([f"“{label}”" for label in labels], "and")
        return f"Two rows have the same {what}. Leave one of them, or change it."

    def get_form_error(self) -> str:
        return "A row above says the same. Change this one, or delete it."


def say_limit(error: ValidationError) -> None:
    """What to enter instead of what is too much or too little."""
    limit = (error.params or {}).get("limit_value")
    if isinstance(limit, str):
        return  # it is said already
    error.message = _LIMITS.get(error.code or "", error.message)
    if error.code == "min_value" and isinstance(limit, Decimal) and 0 < limit < _LEAST_TOLD:
        error.message = "Enter a number above 0."
    if isinstance(limit, Decimal):
        error.params = {**error.params, "limit_value": f"{limit:f}"}  # not 1E-8


def _say_how_to_write(field: forms.Field) -> None:
    """How days and times are written, where one cannot be read."""
    if isinstance(field, forms.SplitDateTimeField):
        field.error_messages |= {"invalid_date": _DAY, "invalid_time": _TIME}
        day, time = field.fields
        day.error_messages["invalid"], time.error_messages["invalid"] = _DAY, _TIME
    elif isinstance(field, forms.DateField):
        field.error_messages["invalid"] = _DAY
    elif isinstance(field, forms.TimeField):
        field.error_messages["invalid"] = _TIME


def _without_zeros(number: Decimal) -> Decimal:
    """10.0000 as people write it: 10."""
    return number.quantize(Decimal(1)) if number == number.to_integral() else number.normalize()


def _in_a_sentence(label: str) -> str:
    """A label as its words stand in a sentence: without its unit (“Discount, %”), capitals such as ID as they are."""
    words = label.split(",")[0].split()
    return " ".join(word if word.isupper() else word.lower() for word in words)


def _article(name: str) -> str:
    """The name with the article that reads right: names that are plural or uncountable get "the"."""
    if name.startswith(("number", "name", "code", "address", "country", "time zone", "currency")):
        return f"the {name}"
    if name.endswith("s") and not name.endswith("ss"):
        return f"the {name}"
    sounds_open = name[:1] in "aeiou" and not name.startswith(("uni", "use", "eu", "one"))
    return f"an {name}" if sounds_open else f"a {name}"
