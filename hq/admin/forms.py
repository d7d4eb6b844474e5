"""Forms of the back office: errors name the field, what is in the way, and the remedy."""

from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import Model
from django.utils.text import capfirst


class Form(forms.ModelForm):
    """A model form whose errors tell what to do.

    "Already exists" names the row that has the value; a missing choice says what to choose.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.label = capfirst(field.label) if field.label else field.label
            name = str(field.label or "").lower() or "value"
            if isinstance(field, forms.ModelChoiceField | forms.ChoiceField):
                field.error_messages["required"] = f"Choose {_article(name)}."
            elif not isinstance(field, forms.BooleanField):
                field.error_messages["required"] = f"Enter {_article(name)}."

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


def _article(name: str) -> str:
    """The name with the article that reads right: names that are plural or uncountable get "the"."""
    if name.startswith(("number", "name", "code", "address", "country", "time zone", "currency")):
        return f"the {name}"
    if name.endswith("s") and not name.endswith("ss"):
        return f"the {name}"
    return f"an {name}" if name[:1] in "aeiou" else f"a {name}"
