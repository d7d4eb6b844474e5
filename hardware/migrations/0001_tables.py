import django.db.models.deletion
import django.db.models.functions.datetime
import simple_history.models
from django.conf import settings
from django.db import migrations, models

import channels_app.identifiers
import channels_app.kinds


class Migration(migrations.Migration):
    replaces = [
        ("hardware", "0001_stations_and_their_jobs"),
        ("hardware", "0002_one_status_per_station"),
        ("hardware", "0003_what_a_device_answered"),
        ("hardware", "0004_headquarters_sees_stations"),
        ("hardware", "0005_reports_say_whether_all_is_calm"),
    ]

    initial = True

    dependencies = [
        ("channels_app", "0002_tables"),
        ("hq", "0001_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="HistoricalStationCommand",
            fields=[
                (
                    "id",
                    models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID"),
                ),
                (
                    "what",
                    models.CharField(
                        choices=[
                            ("code", "Pairing code"),
                            ("test_print", "Test print"),
                            ("discover", "Search for devices"),
                            ("log", "Log"),
                            ("restart", "Restart"),
                            ("revoke", "Cut off"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("asked", "Asked"),
                            ("done", "Done"),
                            ("refused", "Refused"),
                            ("unavailable", "Not reached"),
                        ],
                        default="asked",
                        max_length=12,
                    ),
                ),
                ("words", models.CharField(blank=True, max_length=300)),
                ("asked_at", models.DateTimeField(blank=True, editable=False)),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(
                        choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "station",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="hq.hardwarestation",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical station command",
                "verbose_name_plural": "historical station commands",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
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
            name="StationCommand",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "what",
                    models.CharField(
                        choices=[
                            ("code", "Pairing code"),
                            ("test_print", "Test print"),
                            ("discover", "Search for devices"),
                            ("log", "Log"),
                            ("restart", "Restart"),
                            ("revoke", "Cut off"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("asked", "Asked"),
                            ("done", "Done"),
                            ("refused", "Refused"),
                            ("unavailable", "Not reached"),
                        ],
                        default="asked",
                        max_length=12,
                    ),
                ),
                ("words", models.CharField(blank=True, max_length=300)),
                ("asked_at", models.DateTimeField(auto_now_add=True)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "station",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="commands",
                        to="hq.hardwarestation",
                    ),
                ),
            ],
            options={
                "verbose_name": "station command",
                "ordering": ["-asked_at"],
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
        migrations.CreateModel(
            name="StationOrder",
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
                ("what", models.CharField(max_length=20)),
                ("by", models.CharField(help_text="Who asked, at headquarters.", max_length=150)),
                ("content", models.JSONField(default=dict)),
                ("answer", models.JSONField(default=dict)),
                ("received_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "ordering": ["-received_at"],
            },
        ),
        migrations.CreateModel(
            name="StationReport",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("digest", models.CharField(max_length=16)),
                ("standing", models.JSONField(default=dict)),
                (
                    "is_calm",
                    models.BooleanField(
                        db_default=False,
                        default=False,
                        help_text="Connected, its devices well, nothing waiting or unknown.",
                    ),
                ),
                ("changed_at", models.DateTimeField()),
                (
                    "heard_at",
                    models.DateTimeField(help_text="When the scale unit last said that this is so."),
                ),
                (
                    "database",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="station_reports",
                        to="channels_app.channeldatabase",
                    ),
                ),
                (
                    "station",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="report",
                        to="hq.hardwarestation",
                    ),
                ),
            ],
            options={
                "abstract": False,
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
                ("found_at", models.DateTimeField(null=True)),
                (
                    "log",
                    models.TextField(
                        blank=True, help_text="The end of its log, the last time it was asked for."
                    ),
                ),
                ("log_at", models.DateTimeField(null=True)),
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
                "verbose_name_plural": "station statuses",
                "constraints": [models.UniqueConstraint(fields=("station",), name="one_status_per_station")],
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
                    "answer",
                    models.JSONField(db_default={}, help_text="What the device answered: a weight, for one."),
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
                    models.Index(
                        condition=models.Q(("state", "failed")),
                        fields=["finished_at"],
                        name="device_jobs_failed",
                    ),
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
    ]
