from django.contrib.postgres.operations import BtreeGistExtension, TrigramExtension, UnaccentExtension
from django.db import migrations


class Migration(migrations.Migration):
    """What the database itself must bring: trigram search, and the sequence of the outbox."""

    initial = True
    dependencies: list = []
    operations = [
        TrigramExtension(),
        UnaccentExtension(),
        BtreeGistExtension(),
        migrations.RunSQL(
            "CREATE SEQUENCE channels_app_outbox_sequence AS bigint",
            "DROP SEQUENCE channels_app_outbox_sequence",
        ),
    ]
