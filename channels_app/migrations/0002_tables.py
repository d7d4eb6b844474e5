import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import channels_app.identifiers
import channels_app.models.change
import channels_app.models.outbox
import channels_app.models.place


class Migration(migrations.Migration):
    replaces = [
        ("channels_app", "0002_data_version_and_outbox"),
        ("channels_app", "0003_exchange"),
        ("channels_app", "0004_sound_parts"),
        ("channels_app", "0005_care"),
        ("channels_app", "0006_skipped_packages"),
        ("channels_app", "0007_small_packages"),
        ("channels_app", "0008_names_addresses_and_placements"),
        ("channels_app", "0009_plain_names_and_shares"),
    ]

    initial = True

    dependencies = [
        ("channels_app", "0001_extensions"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
        ("hq", "0001_tables"),
    ]

    operations = [
        migrations.RunSQL(
            sql="CREATE SEQUENCE channels_app_mark_number AS bigint",
            reverse_sql="DROP SEQUENCE channels_app_mark_number",
        ),
        migrations.CreateModel(
            name="Job",
            fields=[
                ("number", models.CharField(max_length=10, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=60)),
                (
                    "direction",
                    models.CharField(
                        choices=[("down", "Down to the channels"), ("up", "Up to headquarters")], max_length=4
                    ),
                ),
            ],
            options={
                "ordering": ["number"],
            },
        ),
        migrations.CreateModel(
            name="Mark",
            fields=[
                ("number", models.BigIntegerField(primary_key=True, serialize=False)),
                (
                    "snapshot",
                    channels_app.models.change.SnapshotField(
                        help_text="What was committed: changes it does not see belong to later marks."
                    ),
                ),
                (
                    "cluster",
                    models.CharField(
                        help_text="The database cluster whose transaction ids these are.", max_length=40
                    ),
                ),
                ("cut_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "ordering": ["-number"],
            },
        ),
        migrations.CreateModel(
            name="OutboxCursor",
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
                ("consumer", models.CharField(max_length=60, unique=True)),
                ("xid", models.BigIntegerField(default=0)),
                ("sequence", models.BigIntegerField(default=0)),
                (
                    "handled",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.UUIDField(), default=list, size=None
                    ),
                ),
                ("moved_at", models.DateTimeField(auto_now=True)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Part",
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
                ("table", models.CharField(max_length=63)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("full", "All rows"),
                            ("changed", "New and changed rows"),
                            ("gone", "Keys that left"),
                            ("old", "All rows as they were"),
                        ],
                        max_length=7,
                    ),
                ),
                (
                    "scope",
                    models.CharField(
                        help_text="Digest of the facet values that the rows were cut by.", max_length=64
                    ),
                ),
                ("schema", models.CharField(max_length=64)),
                (
                    "since",
                    models.BigIntegerField(
                        default=0, help_text="The mark after which its changes begin; 0 for all rows."
                    ),
                ),
                ("version", models.BigIntegerField()),
                ("rows", models.BigIntegerField()),
                ("raw_bytes", models.BigIntegerField()),
                ("bytes", models.BigIntegerField()),
                ("checksum", models.CharField(max_length=64)),
                ("file", models.CharField(blank=True, max_length=200)),
                (
                    "is_sound",
                    models.BooleanField(
                        default=True, help_text="Off when a channel found it broken: it is not used again."
                    ),
                ),
                ("built_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["table", "kind", "scope", "-version"], name="part_by_content")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("is_sound", True)),
                        fields=("table", "kind", "scope", "schema", "since", "version"),
                        name="part_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ReceivedPackage",
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
                    "state",
                    models.CharField(
                        choices=[
                            ("downloading", "Downloading"),
                            ("received", "Received"),
                            ("applied", "Applied"),
                            ("failed", "Failed"),
                            ("refused", "Refused"),
                        ],
                        default="downloading",
                        max_length=12,
                    ),
                ),
                ("version", models.BigIntegerField()),
                ("previous_version", models.BigIntegerField(null=True)),
                ("header_checksum", models.CharField(max_length=64)),
                ("size", models.BigIntegerField(help_text="Bytes, with the header.")),
                ("received_bytes", models.BigIntegerField(default=0)),
                (
                    "content",
                    models.BinaryField(
                        help_text="All of a small package until it is settled; a larger one lies in a file.",
                        null=True,
                    ),
                ),
                ("rows", models.BigIntegerField(default=0)),
                ("changed_rows", models.BigIntegerField(default=0)),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("next_try_at", models.DateTimeField(null=True)),
                ("received_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("applied_at", models.DateTimeField(null=True)),
                ("seconds", models.FloatField(null=True)),
                ("error", models.TextField(blank=True)),
                ("error_code", models.CharField(blank=True, max_length=40)),
                (
                    "reported_at",
                    models.DateTimeField(help_text="When headquarters knew of the outcome.", null=True),
                ),
            ],
            options={
                "ordering": ["received_at"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "applied"), _negated=True),
                            ("applied_at__isnull", False),
                            _connector="OR",
                        ),
                        name="applied_package_has_applied_at",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ScaleUnit",
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
                    "name",
                    models.CharField(
                        max_length=40,
                        unique=True,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\A[a-z][a-z0-9-]*\\Z",
                                "Take small letters, digits and hyphens, beginning with a letter, such as store-12.",
                            )
                        ],
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("cloud", "Cloud scale unit"), ("store", "Store scale unit")],
                        default="cloud",
                        max_length=5,
                    ),
                ),
                (
                    "base_url",
                    models.CharField(
                        help_text="Where headquarters reaches it, such as http://10.0.0.5:8001.",
                        max_length=200,
                        validators=[channels_app.models.place.is_web_address],
                        verbose_name="address",
                    ),
                ),
                ("credential_hash", models.CharField(editable=False, max_length=64, unique=True)),
                (
                    "former_credential_hash",
                    models.CharField(
                        editable=False,
                        help_text="Still taken after a rotation, until the scale unit has come with the new one.",
                        max_length=64,
                        null=True,
                        unique=True,
                    ),
                ),
                (
                    "is_active",
                    models.BooleanField(
                        default=True, help_text="An inactive scale unit is neither sent to nor listened to."
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="TableVersion",
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
                ("table", models.CharField(max_length=63, unique=True)),
                ("version", models.BigIntegerField()),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Change",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("xid", channels_app.models.change.TransactionIdField()),
                ("table", models.CharField(max_length=63)),
                ("key", models.CharField(max_length=200)),
                (
                    "operation",
                    models.CharField(
                        choices=[
                            ("I", "Inserted"),
                            ("U", "Updated"),
                            ("M", "Updated so that it may belong elsewhere"),
                            ("D", "Deleted"),
                            ("T", "Everything deleted"),
                        ],
                        max_length=1,
                    ),
                ),
                (
                    "links",
                    models.JSONField(
                        help_text="Keys of other tables' rows that it concerns, by column.", null=True
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["xid"], name="change_by_transaction")],
            },
        ),
        migrations.CreateModel(
            name="DataVersion",
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
                ("singleton", models.BooleanField(default=True, editable=False, unique=True)),
                (
                    "version",
                    models.BigIntegerField(
                        help_text="Grows with every applied package; caches are keyed by it."
                    ),
                ),
                ("package", models.UUIDField(help_text="The package applied last.")),
                ("applied_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("singleton", True)), name="one_data_version_row"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ExchangeState",
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
                ("singleton", models.BooleanField(default=True, editable=False, unique=True)),
                (
                    "database",
                    models.UUIDField(
                        help_text="This channel database, as headquarters numbers it.", null=True
                    ),
                ),
                ("name", models.CharField(blank=True, max_length=60)),
                ("is_pulling", models.BooleanField(default=False)),
                ("last_contact_at", models.DateTimeField(null=True)),
                ("last_try_at", models.DateTimeField(null=True)),
                ("ask_again_at", models.DateTimeField(null=True)),
                ("last_error", models.TextField(blank=True)),
                (
                    "stream",
                    models.CharField(
                        blank=True, help_text="Names the numbering of this database's outbox.", max_length=60
                    ),
                ),
                ("last_upload_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("singleton", True)), name="one_exchange_state_row"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ForgottenChanges",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("singleton", models.BooleanField(default=True, editable=False, unique=True)),
                (
                    "before",
                    channels_app.models.change.TransactionIdField(
                        help_text="Changes of transactions before this one are gone."
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("singleton", True)), name="one_forgotten_changes_row"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="OutboxEvent",
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
                    "xid",
                    models.BigIntegerField(
                        db_default=channels_app.models.outbox.CurrentTransactionId(), editable=False
                    ),
                ),
                (
                    "sequence",
                    models.BigIntegerField(
                        db_default=channels_app.models.outbox.NextOutboxSequence(), editable=False
                    ),
                ),
                (
                    "topic",
                    models.CharField(
                        help_text="sale.concluded, shift.closed, price.changed …", max_length=60
                    ),
                ),
                (
                    "subject",
                    models.CharField(help_text="Primary key of what the event is about.", max_length=60),
                ),
                ("schema_version", models.PositiveSmallIntegerField(default=1)),
                ("payload", models.JSONField(default=dict)),
                ("happened_at", models.DateTimeField()),
            ],
            options={
                "indexes": [models.Index(fields=["xid", "sequence"], name="outbox_reading_order")],
            },
        ),
        migrations.CreateModel(
            name="ChannelDatabase",
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
                ("name", models.CharField(max_length=60, unique=True)),
                (
                    "delivery",
                    models.CharField(
                        choices=[("push", "Pushed to it"), ("pull", "It pulls")], default="push", max_length=4
                    ),
                ),
                (
                    "is_active",
                    models.BooleanField(
                        default=True, help_text="Off: it gets no packages; what it sells still comes up."
                    ),
                ),
                (
                    "pinned",
                    models.BooleanField(
                        default=False,
                        help_text="Held at its version after a rollback: schedules leave it alone until it is released.",
                    ),
                ),
                ("applied_version", models.BigIntegerField(blank=True, editable=False, null=True)),
                ("applied_at", models.DateTimeField(blank=True, editable=False, null=True)),
                (
                    "checked_version",
                    models.BigIntegerField(
                        editable=False,
                        help_text="The mark up to which it is known to lack nothing.",
                        null=True,
                    ),
                ),
                (
                    "skipped_version",
                    models.BigIntegerField(
                        editable=False,
                        help_text="A package that somebody skipped: what is in it comes again only with a further change.",
                        null=True,
                    ),
                ),
                ("checked_at", models.DateTimeField(blank=True, editable=False, null=True)),
                (
                    "marks",
                    models.JSONField(
                        default=dict,
                        editable=False,
                        help_text="By table: the version it has, the mark it is complete up to, the scope and the columns then.",
                    ),
                ),
                (
                    "doubt",
                    models.CharField(
                        blank=True,
                        editable=False,
                        help_text="Of versions it reported unexpectedly.",
                        max_length=64,
                    ),
                ),
                ("last_contact_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("failures", models.PositiveIntegerField(default=0, editable=False)),
                ("next_try_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("last_error", models.TextField(blank=True, editable=False)),
                ("uploaded_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("upload_stream", models.CharField(blank=True, editable=False, max_length=60)),
                ("upload_xid", models.BigIntegerField(default=0, editable=False)),
                ("upload_sequence", models.BigIntegerField(default=0, editable=False)),
                (
                    "unsent",
                    models.PositiveIntegerField(
                        default=0, editable=False, help_text="Events that it said it has not sent yet."
                    ),
                ),
                ("unsent_since", models.DateTimeField(editable=False, null=True)),
                (
                    "scale_unit",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="channel_database",
                        to="channels_app.scaleunit",
                    ),
                ),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="QuarantinedRecord",
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
                ("topic", models.CharField(max_length=60)),
                ("subject", models.CharField(max_length=60)),
                ("rows", models.JSONField(help_text="By table, the rows as the channel sent them.")),
                ("reason", models.TextField()),
                ("received_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("attempts", models.PositiveIntegerField(default=1)),
                ("resolved_at", models.DateTimeField(blank=True, null=True)),
                ("resolution", models.CharField(blank=True, max_length=20)),
                (
                    "database",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="quarantine",
                        to="channels_app.channeldatabase",
                    ),
                ),
            ],
            options={
                "ordering": ["-received_at"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("resolved_at", None)),
                        fields=("database", "topic", "subject"),
                        name="quarantined_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="StorePlacement",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "channel_database",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="placements",
                        to="channels_app.channeldatabase",
                    ),
                ),
                (
                    "store",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="placement", to="hq.store"
                    ),
                ),
            ],
            options={
                "ordering": ["store"],
            },
        ),
        migrations.CreateModel(
            name="UploadHour",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("hour", models.DateTimeField()),
                ("events", models.PositiveIntegerField(default=0)),
                ("rows", models.PositiveIntegerField(default=0)),
                ("bytes", models.BigIntegerField(default=0)),
                (
                    "database",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="upload_hours",
                        to="channels_app.channeldatabase",
                    ),
                ),
            ],
            options={
                "ordering": ["-hour"],
                "constraints": [
                    models.UniqueConstraint(fields=("database", "hour"), name="upload_hour_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="DatabaseGroup",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=60, unique=True)),
                (
                    "databases",
                    models.ManyToManyField(
                        blank=True, related_name="groups", to="channels_app.channeldatabase"
                    ),
                ),
            ],
            options={
                "verbose_name": "channel database group",
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="Schedule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=60, unique=True)),
                (
                    "window_from",
                    models.TimeField(
                        blank=True,
                        help_text="Only from this time of the stores' own day; empty for all day.",
                        null=True,
                    ),
                ),
                (
                    "window_to",
                    models.TimeField(
                        blank=True, help_text="Until this time; before 'from' means past midnight.", null=True
                    ),
                ),
                ("is_active", models.BooleanField(default=True)),
                (
                    "follows_changes",
                    models.BooleanField(
                        default=False,
                        help_text="Runs as soon as something is changed as well, not only at its times.",
                    ),
                ),
                (
                    "canary_minutes",
                    models.PositiveSmallIntegerField(default=15, help_text="How long the others wait."),
                ),
                (
                    "stop_above_percent",
                    models.PositiveSmallIntegerField(
                        default=20,
                        help_text="Stop when more than this share of a run's packages failed.",
                        validators=[django.core.validators.MaxValueValidator(100)],
                    ),
                ),
                (
                    "tell",
                    models.TextField(
                        blank=True, help_text="E-mail addresses, one a line, that are told of failures."
                    ),
                ),
                (
                    "size_limit_mb",
                    models.PositiveIntegerField(
                        default=0, help_text="Largest package in MB; 0 for no limit."
                    ),
                ),
                ("last_run_at", models.DateTimeField(blank=True, editable=False, null=True)),
                (
                    "stopped_because",
                    models.TextField(blank=True, editable=False, help_text="Why it paused itself."),
                ),
                (
                    "told_at",
                    models.DateTimeField(
                        editable=False, help_text="When somebody was last told of a failure.", null=True
                    ),
                ),
                (
                    "canary",
                    models.ForeignKey(
                        blank=True,
                        help_text="These databases get a package first; the others wait until it has stood the test.",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="channels_app.databasegroup",
                    ),
                ),
                (
                    "crontab",
                    models.ForeignKey(
                        blank=True,
                        help_text="… or at set times.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="django_celery_beat.crontabschedule",
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="schedules",
                        to="channels_app.databasegroup",
                    ),
                ),
                (
                    "interval",
                    models.ForeignKey(
                        blank=True,
                        help_text="Every so often …",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="django_celery_beat.intervalschedule",
                    ),
                ),
                ("jobs", models.ManyToManyField(related_name="schedules", to="channels_app.job")),
                (
                    "periodic_task",
                    models.OneToOneField(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="distribution_schedule",
                        to="django_celery_beat.periodictask",
                    ),
                ),
            ],
            options={
                "ordering": ["name"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("interval", None), ("crontab", None), _connector="XOR"),
                        name="schedule_has_one_recurrence",
                        violation_error_message="Give either an interval or set times.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("window_from", None), ("window_to", None)),
                            models.Q(("window_from__isnull", False), ("window_to__isnull", False)),
                            _connector="OR",
                        ),
                        name="schedule_window_has_both_ends",
                        violation_error_message="Give both ends of the window, or neither.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Package",
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
                    "jobs",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=10), size=None
                    ),
                ),
                ("kind", models.CharField(choices=[("full", "Full"), ("delta", "Delta")], max_length=6)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("started", "Being built"),
                            ("available", "Available"),
                            ("downloading", "On its way"),
                            ("applied", "Applied"),
                            ("failed", "Failed"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="started",
                        max_length=12,
                    ),
                ),
                ("version", models.BigIntegerField()),
                ("previous_version", models.BigIntegerField(null=True)),
                ("is_rollback", models.BooleanField(default=False)),
                (
                    "rolled_back_to",
                    models.BigIntegerField(
                        help_text="The version whose rows a rollback brings again.", null=True
                    ),
                ),
                (
                    "hold_until",
                    models.DateTimeField(help_text="Not sent before, while a canary is watched.", null=True),
                ),
                ("rows", models.BigIntegerField(default=0)),
                ("bytes", models.BigIntegerField(default=0)),
                (
                    "checksum",
                    models.CharField(
                        blank=True, help_text="SHA-256 of the header, which names all parts.", max_length=64
                    ),
                ),
                ("header", models.BinaryField(default=b"")),
                ("error", models.TextField(blank=True)),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("next_try_at", models.DateTimeField(null=True)),
                ("sent_bytes", models.BigIntegerField(default=0)),
                (
                    "changed_rows",
                    models.BigIntegerField(
                        default=0, help_text="Rows that applying it inserted, updated or deleted."
                    ),
                ),
                ("started_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("available_at", models.DateTimeField(null=True)),
                ("downloading_at", models.DateTimeField(null=True)),
                ("settled_at", models.DateTimeField(null=True)),
                ("build_seconds", models.FloatField(null=True)),
                ("apply_seconds", models.FloatField(null=True)),
                (
                    "database",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="packages",
                        to="channels_app.channeldatabase",
                    ),
                ),
                (
                    "requested_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("parts", models.ManyToManyField(related_name="packages", to="channels_app.part")),
                (
                    "schedule",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="packages",
                        to="channels_app.schedule",
                    ),
                ),
            ],
            options={
                "ordering": ["-started_at"],
                "indexes": [
                    models.Index(fields=["database", "-started_at"], name="package_by_database"),
                    models.Index(fields=["state", "next_try_at"], name="package_by_state"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ("started", "available", "downloading"))),
                        fields=("database",),
                        name="one_live_package_per_database",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ("started", "available", "downloading")),
                            ("settled_at__isnull", False),
                            _connector="OR",
                        ),
                        name="settled_package_has_settled_at",
                    ),
                ],
            },
        ),
    ]
