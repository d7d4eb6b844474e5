import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.db import migrations, models

import channels_app.identifiers
import channels_app.kinds


class Migration(migrations.Migration):
    replaces = [("shifts", "0001_initial"), ("shifts", "0002_time_clock")]

    initial = True

    dependencies = [
        ("hq", "0001_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="Shift",
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
                ("number", models.CharField(max_length=40, unique=True)),
                (
                    "status",
                    models.CharField(
                        choices=[("open", "Open"), ("closed", "Closed")], default="open", max_length=10
                    ),
                ),
                ("business_date", models.DateField()),
                ("currency", models.CharField(max_length=3)),
                ("opened_at", models.DateTimeField()),
                ("closed_at", models.DateTimeField(null=True)),
                (
                    "closed_by",
                    channels_app.kinds.LooseForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="hq.worker",
                    ),
                ),
                (
                    "opened_by",
                    channels_app.kinds.LooseForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="hq.worker",
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
                    "store",
                    channels_app.kinds.LooseForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="hq.store",
                    ),
                ),
            ],
            options={
                "ordering": ["-opened_at"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("status", "open")),
                        fields=("register",),
                        name="one_open_shift_per_register",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "closed"), _negated=True),
                            ("closed_at__isnull", False),
                            _connector="OR",
                        ),
                        name="closed_shift_has_closed_at",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CashMovement",
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
                            ("start", "Starting float"),
                            ("float", "Float entry"),
                            ("removal", "Tender removal"),
                            ("safe_drop", "Safe drop"),
                            ("bank_drop", "Bank drop"),
                        ],
                        max_length=10,
                    ),
                ),
                ("method", models.CharField(max_length=20)),
                ("currency", models.CharField(max_length=3)),
                (
                    "amount",
                    models.DecimalField(
                        decimal_places=3, help_text="Into the drawer positive, out negative.", max_digits=16
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=120)),
                ("happened_at", models.DateTimeField()),
                (
                    "worker",
                    channels_app.kinds.LooseForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="hq.worker",
                    ),
                ),
                (
                    "shift",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cash_movements",
                        to="shifts.shift",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ShiftTotal",
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
                ("method", models.CharField(max_length=20)),
                ("currency", models.CharField(max_length=3)),
                ("amount", models.DecimalField(decimal_places=3, default=0, max_digits=16)),
                ("count", models.PositiveIntegerField(default=0)),
                (
                    "shift",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="totals", to="shifts.shift"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("shift", "method", "currency"), name="shift_total_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="TenderDeclaration",
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
                ("method", models.CharField(max_length=20)),
                ("currency", models.CharField(max_length=3)),
                ("expected", models.DecimalField(decimal_places=3, max_digits=16)),
                ("counted", models.DecimalField(decimal_places=3, max_digits=16)),
                (
                    "denominations",
                    models.JSONField(default=dict, help_text="Pieces by value, where they were counted so."),
                ),
                (
                    "shift",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="declarations",
                        to="shifts.shift",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("shift", "method", "currency"), name="declared_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="TimeEntry",
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
                            ("in", "Clock in"),
                            ("break", "Begin break"),
                            ("back", "End break"),
                            ("out", "Clock out"),
                        ],
                        max_length=5,
                    ),
                ),
                ("happened_at", models.DateTimeField()),
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
                    "store",
                    channels_app.kinds.LooseForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="hq.store",
                    ),
                ),
                (
                    "worker",
                    channels_app.kinds.LooseForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="hq.worker",
                    ),
                ),
            ],
            options={
                "verbose_name": "time entry",
                "verbose_name_plural": "time entries",
                "ordering": ["-happened_at"],
                "indexes": [models.Index(fields=["worker", "-happened_at"], name="time_entry_by_worker")],
            },
        ),
        migrations.CreateModel(
            name="TimeCorrection",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("in", "Clock in"),
                            ("break", "Begin break"),
                            ("back", "End break"),
                            ("out", "Clock out"),
                        ],
                        max_length=5,
                    ),
                ),
                ("happened_at", models.DateTimeField()),
                (
                    "counts",
                    models.BooleanField(
                        default=True, help_text="Off: the entry was a mistake and is left out."
                    ),
                ),
                ("reason", models.CharField(max_length=200)),
                (
                    "store",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="hq.store"
                    ),
                ),
                (
                    "worker",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="hq.worker"
                    ),
                ),
                (
                    "entry",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="correction",
                        to="shifts.timeentry",
                    ),
                ),
            ],
            options={
                "ordering": ["-happened_at"],
            },
        ),
        migrations.CreateModel(
            name="HistoricalTimeCorrection",
            fields=[
                (
                    "id",
                    models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID"),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("in", "Clock in"),
                            ("break", "Begin break"),
                            ("back", "End break"),
                            ("out", "Clock out"),
                        ],
                        max_length=5,
                    ),
                ),
                ("happened_at", models.DateTimeField()),
                (
                    "counts",
                    models.BooleanField(
                        default=True, help_text="Off: the entry was a mistake and is left out."
                    ),
                ),
                ("reason", models.CharField(max_length=200)),
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
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "store",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="hq.store",
                    ),
                ),
                (
                    "worker",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="hq.worker",
                    ),
                ),
                (
                    "entry",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="shifts.timeentry",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical time correction",
                "verbose_name_plural": "historical time corrections",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
    ]
