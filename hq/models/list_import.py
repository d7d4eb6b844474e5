"""A spreadsheet that comes in: its file, how far it is, and what came of it."""

import uuid

from django.conf import settings
from django.db import models

from channels_app.kinds import HeadquartersOnly


class ListImport(HeadquartersOnly):
    """A file that somebody chose: looked at, then written once it was confirmed. Work on it holds its row's lock."""

    class State(models.TextChoices):
        CHOSEN = "chosen", "Is looked at"
        LOOKED_AT = "looked_at", "Waits to be confirmed"
        CONFIRMED = "confirmed", "Is written"
        DONE = "done", "Done"
        REFUSED = "refused", "Cannot be read"
        GIVEN_UP = "given_up", "Broke off"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    page = models.CharField(max_length=100, help_text="The model on whose page it was chosen.")
    sheet = models.CharField(max_length=100, help_text="The class that reads it.")
    format = models.CharField(max_length=100, help_text="The class that reads the file.")
    file_name = models.CharField(max_length=255)
    file = models.BinaryField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=12, choices=State, default=State.CHOSEN)
    attempts = models.PositiveSmallIntegerField(default=0, help_text="Beginnings since the state changed.")
    outcome = models.JSONField(default=dict, help_text="What is shown of it.")
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        indexes = [models.Index(fields=["state"], name="list_import_by_state")]

    def __str__(self) -> str:
        return self.file_name

    @property
    def is_at_work(self) -> bool:
        """Whether it waits for a worker or is being worked on."""
        return self.state in AT_WORK


AT_WORK = (ListImport.State.CHOSEN, ListImport.State.CONFIRMED)
