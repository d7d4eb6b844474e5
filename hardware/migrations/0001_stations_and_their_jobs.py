import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import channels_app.identifiers
import channels_app.kinds


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("hq", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="PairingAttempt",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=channels_app.identifiers.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("address", models.GenericIPAddressField(unique=True)),
                ("failures", models.PositiveIntegerField(default=0)),
                ("first_at", models.DateTimeField()),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="PairingCode",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=channels_app.identifiers.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("code_hash", models.CharField(max_length=64, unique=True)),
                ("issued_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("expires_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(blank=True, null=True)),
                (
                    "key_hash",
                    models.CharField(blank=True, help_text="Of the key that it was used for.", max_length=64),
                ),
                (
                    "station",
                    channels_app.kinds.LooseForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="hq.hardwarestation",
                    ),
                ),
            ],
            options={
                "ordering": ["-issued_at"],
            },
        ),
        migrations.CreateModel(
            name="StationStatus",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=channels_app.identifiers.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "connection",
                    models.UUIDField(help_text="Of the socket that speaks for the station now.", null=True),
                ),
                ("journal", models.CharField(blank=True, max_length=40)),
                ("software", models.CharField(blank=True, max_length=60)),
                ("host", models.CharField(blank=True, max_length=120)),
                ("connected_at", models.DateTimeField(null=True)),
                ("seen_at", models.DateTimeField(null=True)),
                ("devices", models.JSONField(default=dict, help_text="Device: state, words, flags, since.")),
                (
                    "found",
                    models.JSONField(
                        default=list, help_text="Devices that were discovered and belong to no profile."
                    ),
                ),
                (
                    "log",
                    models.TextField(
                        blank=True, help_text="The end of its log, the last time it was asked for."
                    ),
                ),
                (
                    "station",
                    channels_app.kinds.LooseForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="hq.hardwarestation",
                        unique=True,
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "station statuses",
            },
        ),
        migrations.CreateModel(
            name="DeviceJob",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=channels_app.identifiers.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("print", "Print"),
                            ("drawer", "Open the drawer"),
                            ("display", "Show"),
                            ("weigh", "Weigh"),
                            ("payment", "Payment"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "device",
                    models.CharField(
                        blank=True, db_default="", help_text="Empty: the register's own.", max_length=60
                    ),
                ),
                ("title", models.CharField(blank=True, db_default="", max_length=120)),
                ("document", models.JSONField(db_default={})),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "Waiting for the station"),
                            ("sent", "Sent to the station"),
                            ("acknowledged", "With the station"),
                            ("done", "Done"),
                            ("failed", "Failed"),
                            ("unknown", "Outcome unknown"),
                            ("cancelled", "Cancelled"),
                        ],
                        db_default="queued",
                        default="queued",
                        max_length=12,
                    ),
                ),
                ("is_settled", models.BooleanField(db_default=False, default=False)),
                ("priority", models.SmallIntegerField(db_default=5, default=5, help_text="1 goes before 9.")),
                (
                    "source",
                    models.CharField(
                        blank=True, db_default="", help_text="What asked for it.", max_length=80
                    ),
                ),
                (
                    "request_id",
                    models.UUIDField(
                        blank=True, help_text="Of a job asked for outside of a sale.", null=True
                    ),
                ),
                (
                    "words",
                    models.CharField(
                        blank=True, db_default="", help_text="What the station said last.", max_length=300
                    ),
                ),
                (
                    "journal",
                    models.CharField(
                        blank=True, db_default="", help_text="Journal it was sent to.", max_length=40
                    ),
                ),
                ("cancel_asked", models.BooleanField(db_default=False, default=False)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "expires_at",
                    models.DateTimeField(
                        blank=True, help_text="After this it is no longer started.", null=True
                    ),
                ),
                ("sent_at", models.DateTimeField(blank=True, null=True)),
                ("acknowledged_at", models.DateTimeField(blank=True, null=True)),
                ("started_at", models.DateTimeField(blank=True, null=True)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                (
                    "copy_of",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="copies",
                        to="hardware.devicejob",
                    ),
                ),
                (
                    "register",
                    channels_app.kinds.LooseForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="hq.register",
                    ),
                ),
                (
                    "station",
                    channels_app.kinds.LooseForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="hq.hardwarestation",
                    ),
                ),
            ],
            options={
                "ordering": ["created_at", "id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", ["queued", "sent", "acknowledged", "unknown"])),
                        fields=["station", "priority", "created_at"],
                        name="device_jobs_to_do",
                    ),
                    models.Index(fields=["register", "-created_at"], name="device_jobs_of_register"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                ["queued", "sent", "acknowledged", "done", "failed", "unknown", "cancelled"],
                            )
                        ),
                        name="device_job_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["done", "failed", "cancelled"]), _negated=True),
                            ("finished_at__isnull", False),
                            _connector="OR",
                        ),
                        name="finished_device_job_has_finished_at",
                    ),
                    models.UniqueConstraint(fields=("request_id",), name="device_job_once_per_request"),
                ],
            },
        ),
        migrations.CreateModel(
            name="StationCredential",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=channels_app.identifiers.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("key_hash", models.CharField(max_length=64, unique=True)),
                (
                    "host",
                    models.CharField(
                        blank=True, help_text="What the station said of its machine.", max_length=120
                    ),
                ),
                ("paired_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                ("seen_at", models.DateTimeField(blank=True, null=True)),
                (
                    "station",
                    channels_app.kinds.LooseForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="hq.hardwarestation",
                    ),
                ),
            ],
            options={
                "ordering": ["-paired_at"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("revoked_at", None)),
                        fields=("station",),
                        name="one_live_credential_per_station",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="StationEvent",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=channels_app.identifiers.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("device", models.CharField(max_length=60)),
                ("kind", models.CharField(max_length=20)),
                ("data", models.JSONField(default=dict)),
                ("refused", models.CharField(blank=True, help_text="Why it had no effect.", max_length=300)),
                ("received_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "register",
                    channels_app.kinds.LooseForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="hq.register",
                    ),
                ),
                (
                    "station",
                    channels_app.kinds.LooseForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="hq.hardwarestation",
                    ),
                ),
            ],
            options={
                "ordering": ["-received_at"],
                "indexes": [models.Index(fields=["received_at"], name="station_event_by_age")],
            },
        ),
    ]
