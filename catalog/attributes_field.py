"""Attributes of a product as people write them: a name and its value on each line."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from hq.admin.forms import Lines


class AttributesField(forms.CharField):
    """Lines such as *Brand: Acme*, for a mapping of names to values. Raises ValidationError with the line at fault."""

    widget = Lines

    def prepare_value(self, value: Any) -> Any:
        """The mapping as lines; what was typed stays as it is."""
        return (
            "\n".join(f"{name}: {said}" for name, said in value.items()) if isinstance(value, dict) else value
        )

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.prepare_value(initial), data or "")

    def to_python(self, value: Any) -> dict[str, str]:  # type: ignore[override]  # the stubs say str
        found: dict[str, str] = {}
        for number, line in enumerate(str(value or "").splitlines(), 1):
            if not line.strip():
                continue
            name, colon, said = (part.strip() for part in line.partition(":"))
            if not (colon and name and said):
                raise ValidationError(
                    f"Line {number}, “{line.strip()}”: write a name and its value, such as Brand: Acme."
                )
            if name in found:
                raise ValidationError(f"Line {number}: {name} is there twice. Leave one of them.")
            found[name] = said
        return found
