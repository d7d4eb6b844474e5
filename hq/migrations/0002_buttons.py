import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ("hq", "0001_initial"),
        ("hq", "0002_keep_history"),
        ("hq", "0003_register_epoch"),
        ("hq", "0004_magnetic_card_readers"),
        ("hq", "0005_weight_by_hand"),
        ("hq", "0006_taxes_charges_foreign_money"),
        ("hq", "0007_a_station_chosen_for_a_while"),
        ("hq", "0008_staff_cards"),
        ("hq", "0009_numbers_are_letters_and_figures"),
        ("hq", "0010_whoever_sells_may_choose_a_station"),
    ]

    initial = True

    dependencies = [
        ("catalog", "0001_tables"),
        ("hq", "0001_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="Button",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(default=0)),
                (
                    "label",
                    models.CharField(
                        blank=True, help_text="Empty: the product's or the operation's name.", max_length=60
                    ),
                ),
                (
                    "operation",
                    models.PositiveIntegerField(
                        help_text="Number of the operation, such as 100 for a product sale."
                    ),
                ),
                (
                    "parameters",
                    models.JSONField(blank=True, default=dict, help_text="What else the operation needs."),
                ),
                (
                    "hue",
                    models.PositiveSmallIntegerField(
                        blank=True, help_text="Tint in degrees; empty for a plain key.", null=True
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        blank=True,
                        help_text="For a product sale: what the button sells.",
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="buttons",
                        to="catalog.product",
                    ),
                ),
                (
                    "grid",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="buttons",
                        to="hq.buttongrid",
                    ),
                ),
            ],
            options={
                "ordering": ["grid", "position"],
            },
        ),
        migrations.CreateModel(
            name="HistoricalButton",
            fields=[
                (
                    "id",
                    models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID"),
                ),
                ("position", models.PositiveSmallIntegerField(default=0)),
                (
                    "label",
                    models.CharField(
                        blank=True, help_text="Empty: the product's or the operation's name.", max_length=60
                    ),
                ),
                (
                    "operation",
                    models.PositiveIntegerField(
                        help_text="Number of the operation, such as 100 for a product sale."
                    ),
                ),
                (
                    "parameters",
                    models.JSONField(blank=True, default=dict, help_text="What else the operation needs."),
                ),
                (
                    "hue",
                    models.PositiveSmallIntegerField(
                        blank=True, help_text="Tint in degrees; empty for a plain key.", null=True
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
                    "grid",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="hq.buttongrid",
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
                        help_text="For a product sale: what the button sells.",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="catalog.product",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical button",
                "verbose_name_plural": "historical buttons",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
    ]
