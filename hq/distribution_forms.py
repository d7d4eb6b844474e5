"""Forms of the operations pages."""

from typing import Any

from django import forms

from channels_app.models import ChannelDatabase
from channels_app.registry import EVERYTHING, JOBS, is_upload
from channels_app.services.rollback import PRICES, versions_of

_JOBS = [
    (number, f"{number} {name}")
    for number, name in JOBS.items()
    if not is_upload(number) and number != EVERYTHING
]


class TakeBackForm(forms.Form):
    """Which version a channel database goes back to, and which jobs' rows go."""

    version = forms.TypedChoiceField(
        coerce=int, label="Back to", help_text="As it was before the packages after it."
    )
    jobs = forms.MultipleChoiceField(
        choices=_JOBS, initial=list(PRICES), widget=forms.CheckboxSelectMultiple, label="Rows of",
        help_text="What changed with them goes back too. People and devices never do.",
    )  # fmt: skip

    def __init__(self, database: ChannelDatabase, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["version"].choices = [
            (
                package.version,
                f"Version {package.version}, applied {package.settled_at:%Y-%m-%d %H:%M:%S} UTC",
            )
            for package in versions_of(database)[1:51]
        ]
