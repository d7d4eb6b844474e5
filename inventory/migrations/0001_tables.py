import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.db import migrations, models

import channels_app.identifiers
import channels_app.kinds


class Migration(migrations.Migration):
    replaces = [("inventory", "0001_initial"), ("inventory", "0002_keep_history")]

    initial = True

    dependencies = [
        ("catalog", "0001_tables"),
        ("hq", "0001_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="HistoricalOpeningStock",
            fields=[
                (
                    "id",
                    models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID"),
                ),
                ("quantity", models.DecimalField(decimal_places=3, max_digits=14)),
                (
                    "counted_at",
                    models.DateTimeField(
                        help_text="Movements before this moment are in the quantity already."
                    ),
                ),
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
                    "product",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="catalog.product",
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
                    "variant",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="catalog.variant",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical opening stock",
                "verbose_name_plural": "historical opening stock",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="OpeningStock",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("quantity", models.DecimalField(decimal_places=3, max_digits=14)),
                (
                    "counted_at",
                    models.DateTimeField(
                        help_text="Movements before this moment are in the quantity already."
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="catalog.product"
                    ),
                ),
                (
                    "store",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="opening_stock",
                        to="hq.store",
                    ),
                ),
                (
                    "variant",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="catalog.variant",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "opening stock",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("store", "product", "variant"),
                        name="opening_stock_once",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="StockMovement",
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
                    "quantity",
                    models.DecimalField(
                        decimal_places=3, help_text="Into the store positive, out negative.", max_digits=14
                    ),
                ),
                ("unit", models.CharField(max_length=10)),
                ("debit", models.CharField(max_length=30)),
                ("credit", models.CharField(max_length=30)),
                ("source", models.UUIDField(help_text="The retail transaction that moved it.")),
                ("moved_at", models.DateTimeField()),
                (
                    "product",
                    channels_app.kinds.LooseForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="catalog.product",
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
                    "variant",
                    channels_app.kinds.LooseForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="catalog.variant",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["store", "product"], name="movement_by_store_product"),
                    models.Index(fields=["source"], name="movement_by_source"),
                ],
            },
        ),
    ]
