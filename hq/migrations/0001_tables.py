import django.contrib.auth.models
import django.contrib.auth.validators
import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import django.utils.timezone
import simple_history.models
from django.conf import settings
from django.db import migrations, models

import channels_app.identifiers
import channels_app.kinds
import hq.models.store


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
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.CreateModel(
            name="Currency",
            fields=[
                (
                    "code",
                    models.CharField(
                        help_text="ISO 4217, such as GBP.", max_length=3, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=60)),
                ("symbol", models.CharField(max_length=5)),
                (
                    "decimals",
                    models.PositiveSmallIntegerField(
                        default=2, help_text="Digits after the decimal point: 0, 2 or 3."
                    ),
                ),
                (
                    "cash_unit",
                    models.DecimalField(
                        decimal_places=3,
                        default="0.01",
                        help_text="Smallest amount payable in cash: 0.01, or 0.05 where small coins are gone.",
                        max_digits=9,
                        validators=[django.core.validators.MinValueValidator(0)],
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "currencies",
                "ordering": ["code"],
            },
        ),
        migrations.CreateModel(
            name="FunctionalityProfile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=60, unique=True)),
                (
                    "merge_lines",
                    models.BooleanField(
                        default=False,
                        help_text="Scanning the same article again raises the quantity instead of adding a line.",
                    ),
                ),
                (
                    "max_quantity",
                    models.PositiveIntegerField(
                        default=9999,
                        help_text="Largest quantity on one line.",
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(100000),
                        ],
                    ),
                ),
                (
                    "max_pin_attempts",
                    models.PositiveSmallIntegerField(
                        default=5, validators=[django.core.validators.MinValueValidator(1)]
                    ),
                ),
                (
                    "lockout_minutes",
                    models.PositiveSmallIntegerField(
                        default=10, validators=[django.core.validators.MinValueValidator(1)]
                    ),
                ),
                (
                    "sign_off_after_minutes",
                    models.PositiveSmallIntegerField(
                        default=0, help_text="Sign off a register nobody uses; 0 never does."
                    ),
                ),
                (
                    "staff_card_needs_pin",
                    models.BooleanField(
                        default=True,
                        help_text="A swiped staff card says who it is and the PIN follows; off, the card alone signs on.",
                    ),
                ),
                (
                    "print_receipt",
                    models.BooleanField(default=True, help_text="Print a receipt with every sale."),
                ),
                (
                    "blind_close",
                    models.BooleanField(
                        default=True, help_text="Hide the expected amounts while the drawer is counted."
                    ),
                ),
                (
                    "suspend_hours",
                    models.PositiveSmallIntegerField(
                        default=24, help_text="How long a suspended sale waits."
                    ),
                ),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="HardwareProfile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=60, unique=True)),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="PaymentMethod",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=20, unique=True)),
                ("name", models.CharField(max_length=40)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("cash", "Cash"),
                            ("card", "Card"),
                            ("voucher", "Voucher"),
                            ("currency", "Foreign money"),
                        ],
                        max_length=10,
                    ),
                ),
            ],
            options={
                "ordering": ["code"],
            },
        ),
        migrations.CreateModel(
            name="PermissionGroup",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=60, unique=True)),
                (
                    "permissions",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("sell", "Sell and take tenders"),
                                ("void_line", "Void a line"),
                                ("void_sale", "Void a whole sale"),
                                ("key_weight", "Type a weight by hand where there is a scale"),
                                ("price_override", "Override a price"),
                                ("line_discount", "Give a line discount"),
                                ("total_discount", "Give a discount on the whole sale"),
                                ("tax", "Exempt a sale from tax, or choose other taxes"),
                                ("charge", "Add a charge to a sale"),
                                ("return", "Take goods back"),
                                ("suspend", "Suspend and recall sales"),
                                ("open_drawer", "Open the drawer without a sale"),
                                ("open_shift", "Open a shift"),
                                ("close_shift", "Close a shift"),
                                ("cash_movement", "Float entry, removal and drops"),
                                ("x_report", "Print an X report"),
                                ("reprint", "Reprint a receipt"),
                                ("choose_station", "Use another hardware station of the store"),
                                ("activate", "Activate a register and pair a station"),
                                ("override", "Approve what others may not do"),
                            ],
                            max_length=30,
                        ),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                (
                    "max_line_discount_percent",
                    models.DecimalField(
                        decimal_places=2,
                        default=0,
                        max_digits=5,
                        validators=[django.core.validators.MaxValueValidator(100)],
                    ),
                ),
                (
                    "max_total_discount_percent",
                    models.DecimalField(
                        decimal_places=2,
                        default=0,
                        max_digits=5,
                        validators=[django.core.validators.MaxValueValidator(100)],
                    ),
                ),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="ReasonCode",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=20, unique=True)),
                (
                    "use",
                    models.CharField(
                        choices=[
                            ("price_override", "Price override"),
                            ("discount", "Manual discount"),
                            ("void", "Void"),
                            ("return", "Return"),
                            ("open_drawer", "Open drawer"),
                            ("cash", "Cash in and out"),
                            ("tax", "Tax exemption"),
                        ],
                        max_length=20,
                    ),
                ),
                ("text", models.CharField(max_length=120)),
                ("position", models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                "ordering": ["use", "position", "code"],
            },
        ),
        migrations.CreateModel(
            name="ReceiptProfile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=60, unique=True)),
                (
                    "columns",
                    models.PositiveSmallIntegerField(
                        choices=[(32, "32 (58 mm)"), (42, "42 (80 mm, font A)"), (48, "48 (80 mm)")],
                        default=42,
                    ),
                ),
                ("header", models.TextField(blank=True, help_text="Under the store's name, one line each.")),
                ("footer", models.TextField(blank=True, help_text="Thanks, opening hours, return policy.")),
                (
                    "digital_receipt_address",
                    models.URLField(
                        blank=True,
                        help_text="Address of the digital receipt; the receipt's number is added and printed as a QR code.",
                    ),
                ),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="SalesTaxGroup",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=20, unique=True)),
                ("name", models.CharField(max_length=80)),
            ],
            options={
                "ordering": ["code"],
            },
        ),
        migrations.CreateModel(
            name="ScreenLayout",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=60, unique=True)),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="VisualProfile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=60, unique=True)),
                (
                    "theme",
                    models.CharField(
                        choices=[("auto", "As the device"), ("light", "Light"), ("dark", "Dark")],
                        default="auto",
                        max_length=5,
                    ),
                ),
                (
                    "accent_hue",
                    models.PositiveSmallIntegerField(
                        default=195,
                        help_text="Hue of the accent in degrees; 195 is the deep teal.",
                        validators=[django.core.validators.MaxValueValidator(360)],
                    ),
                ),
                (
                    "left_handed",
                    models.BooleanField(default=False, help_text="Cart on the right, keys on the left."),
                ),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="Worker",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "staff_id",
                    models.CharField(
                        max_length=12,
                        unique=True,
                        validators=[
                            django.core.validators.RegexValidator("^\\d{3,12}$", "Use 3 to 12 digits.")
                        ],
                        verbose_name="staff ID",
                    ),
                ),
                ("name", models.CharField(max_length=80)),
                ("name_on_receipt", models.CharField(max_length=40)),
                ("pin", models.CharField(editable=False, max_length=200, verbose_name="PIN (hashed)")),
                (
                    "card",
                    models.CharField(
                        blank=True,
                        db_index=True,
                        default="",
                        editable=False,
                        max_length=64,
                        verbose_name="staff card (hashed)",
                    ),
                ),
                ("is_active", models.BooleanField(default=True)),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="User",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                (
                    "is_superuser",
                    models.BooleanField(
                        default=False,
                        help_text="Designates that this user has all permissions without explicitly assigning them.",
                        verbose_name="superuser status",
                    ),
                ),
                (
                    "username",
                    models.CharField(
                        error_messages={"unique": "A user with that username already exists."},
                        help_text="Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.",
                        max_length=150,
                        unique=True,
                        validators=[django.contrib.auth.validators.UnicodeUsernameValidator()],
                        verbose_name="username",
                    ),
                ),
                ("first_name", models.CharField(blank=True, max_length=150, verbose_name="first name")),
                ("last_name", models.CharField(blank=True, max_length=150, verbose_name="last name")),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="email address")),
                (
                    "is_staff",
                    models.BooleanField(
                        default=False,
                        help_text="Designates whether the user can log into this admin site.",
                        verbose_name="staff status",
                    ),
                ),
                (
                    "is_active",
                    models.BooleanField(
                        default=True,
                        help_text="Designates whether this user should be treated as active. Unselect this instead of deleting accounts.",
                        verbose_name="active",
                    ),
                ),
                (
                    "date_joined",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="date joined"),
                ),
                (
                    "groups",
                    models.ManyToManyField(
                        blank=True,
                        help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.group",
                        verbose_name="groups",
                    ),
                ),
                (
                    "user_permissions",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Specific permissions for this user.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.permission",
                        verbose_name="user permissions",
                    ),
                ),
            ],
            options={
                "verbose_name": "user",
                "verbose_name_plural": "users",
                "abstract": False,
            },
            managers=[
                ("objects", django.contrib.auth.models.UserManager()),
            ],
        ),
        migrations.CreateModel(
            name="HistoricalCurrency",
            fields=[
                ("code", models.CharField(db_index=True, help_text="ISO 4217, such as GBP.", max_length=3)),
                ("name", models.CharField(max_length=60)),
                ("symbol", models.CharField(max_length=5)),
                (
                    "decimals",
                    models.PositiveSmallIntegerField(
                        default=2, help_text="Digits after the decimal point: 0, 2 or 3."
                    ),
                ),
                (
                    "cash_unit",
                    models.DecimalField(
                        decimal_places=3,
                        default="0.01",
                        help_text="Smallest amount payable in cash: 0.01, or 0.05 where small coins are gone.",
                        max_digits=9,
                        validators=[django.core.validators.MinValueValidator(0)],
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
            ],
            options={
                "verbose_name": "historical currency",
                "verbose_name_plural": "historical currencies",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalDenomination",
            fields=[
                (
                    "id",
                    models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID"),
                ),
                ("value", models.DecimalField(decimal_places=3, max_digits=12)),
                ("kind", models.CharField(choices=[("note", "Note"), ("coin", "Coin")], max_length=4)),
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
                    "currency",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="hq.currency",
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
            ],
            options={
                "verbose_name": "historical denomination",
                "verbose_name_plural": "historical denominations",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalFunctionalityProfile",
            fields=[
                (
                    "id",
                    models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID"),
                ),
                ("name", models.CharField(db_index=True, max_length=60)),
                (
                    "merge_lines",
                    models.BooleanField(
                        default=False,
                        help_text="Scanning the same article again raises the quantity instead of adding a line.",
                    ),
                ),
                (
                    "max_quantity",
                    models.PositiveIntegerField(
                        default=9999,
                        help_text="Largest quantity on one line.",
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(100000),
                        ],
                    ),
                ),
                (
                    "max_pin_attempts",
                    models.PositiveSmallIntegerField(
                        default=5, validators=[django.core.validators.MinValueValidator(1)]
                    ),
                ),
                (
                    "lockout_minutes",
                    models.PositiveSmallIntegerField(
                        default=10, validators=[django.core.validators.MinValueValidator(1)]
                    ),
                ),
                (
                    "sign_off_after_minutes",
                    models.PositiveSmallIntegerField(
                        default=0, help_text="Sign off a register nobody uses; 0 never does."
                    ),
                ),
                (
                    "staff_card_needs_pin",
                    models.BooleanField(
                        default=True,
                        help_text="A swiped staff card says who it is and the PIN follows; off, the card alone signs on.",
                    ),
                ),
                (
                    "print_receipt",
                    models.BooleanField(default=True, help_text="Print a receipt with every sale."),
                ),
                (
                    "blind_close",
                    models.BooleanField(
                        default=True, help_text="Hide the expected amounts while the drawer is counted."
                    ),
                ),
                (
                    "suspend_hours",
                    models.PositiveSmallIntegerField(
                        default=24, help_text="How long a suspended sale waits."
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
            ],
            options={
                "verbose_name": "historical functionality profile",
                "verbose_name_plural": "historical functionality profiles",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalHardwareDevice",
            fields=[
                (
                    "id",
                    models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID"),
                ),
                (
                    "name",
                    models.SlugField(
                        help_text="Short name by which jobs and events speak of it.", max_length=40
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("printer", "Receipt printer"),
                            ("drawer", "Cash drawer"),
                            ("scanner", "Scanner"),
                            ("scale", "Scale"),
                            ("display", "Customer display"),
                            ("terminal", "Card terminal"),
                            ("reader", "Magnetic card reader"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "driver",
                    models.CharField(
                        help_text="Driver of the station, such as escpos_network.", max_length=40
                    ),
                ),
                (
                    "address",
                    models.CharField(
                        blank=True, help_text="Host and port, serial device or file.", max_length=200
                    ),
                ),
                (
                    "options",
                    models.JSONField(blank=True, default=dict, help_text="The driver's own settings."),
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
                    "profile",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="hq.hardwareprofile",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical hardware device",
                "verbose_name_plural": "historical hardware devices",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalHardwareProfile",
            fields=[
                (
                    "id",
                    models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID"),
                ),
                ("name", models.CharField(db_index=True, max_length=60)),
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
            ],
            options={
                "verbose_name": "historical hardware profile",
                "verbose_name_plural": "historical hardware profiles",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalLegalEntity",
            fields=[
                (
                    "id",
                    models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID"),
                ),
                ("code", models.CharField(db_index=True, max_length=12)),
                ("name", models.CharField(max_length=120)),
                ("country", models.CharField(help_text="ISO 3166, such as GB.", max_length=2)),
                (
                    "tax_number",
                    models.CharField(blank=True, max_length=30, verbose_name="tax registration number"),
                ),
                ("address", models.TextField(blank=True)),
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
                    "currency",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="hq.currency",
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
            ],
            options={
                "verbose_name": "historical legal entity",
                "verbose_name_plural": "historical legal entities",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalPaymentMethod",
            fields=[
                (
                    "id",
                    models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID"),
                ),
                ("code", models.CharField(db_index=True, max_length=20)),
                ("name", models.CharField(max_length=40)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("cash", "Cash"),
                            ("card", "Card"),
                            ("voucher", "Voucher"),
                            ("currency", "Foreign money"),
                        ],
                        max_length=10,
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
            ],
            options={
                "verbose_name": "historical payment method",
                "verbose_name_plural": "historical payment methods",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalPermissionGroup",
            fields=[
                (
                    "id",
                    models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID"),
                ),
                ("name", models.CharField(db_index=True, max_length=60)),
                (
                    "permissions",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("sell", "Sell and take tenders"),
                                ("void_line", "Void a line"),
                                ("void_sale", "Void a whole sale"),
                                ("key_weight", "Type a weight by hand where there is a scale"),
                                ("price_override", "Override a price"),
                                ("line_discount", "Give a line discount"),
                                ("total_discount", "Give a discount on the whole sale"),
                                ("tax", "Exempt a sale from tax, or choose other taxes"),
                                ("charge", "Add a charge to a sale"),
                                ("return", "Take goods back"),
                                ("suspend", "Suspend and recall sales"),
                                ("open_drawer", "Open the drawer without a sale"),
                                ("open_shift", "Open a shift"),
                                ("close_shift", "Close a shift"),
                                ("cash_movement", "Float entry, removal and drops"),
                                ("x_report", "Print an X report"),
                                ("reprint", "Reprint a receipt"),
                                ("choose_station", "Use another hardware station of the store"),
                                ("activate", "Activate a register and pair a station"),
                                ("override", "Approve what others may not do"),
                            ],
                            max_length=30,
                        ),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                (
                    "max_line_discount_percent",
                    models.DecimalField(
                        decimal_places=2,
                        default=0,
                        max_digits=5,
                        validators=[django.core.validators.MaxValueValidator(100)],
                    ),
                ),
                (
                    "max_total_discount_percent",
                    models.DecimalField(
                        decimal_places=2,
                        default=0,
                        max_digits=5,
                        validators=[django.core.validators.MaxValueValidator(100)],
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
            ],
            options={
                "verbose_name": "historical permission group",
                "verbose_name_plural": "historical permission groups",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalReasonCode",
            fields=[
                (
                    "id",
                    models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID"),
                ),
                ("code", models.CharField(db_index=True, max_length=20)),
                (
                    "use",
                    models.CharField(
                        choices=[
                            ("price_override", "Price override"),
                            ("discount", "Manual discount"),
                            ("void", "Void"),
                            ("return", "Return"),
                            ("open_drawer", "Open drawer"),
                            ("cash", "Cash in and out"),
                            ("tax", "Tax exemption"),
                        ],
                        max_length=20,
                    ),
                ),
                ("text", models.CharField(max_length=120)),
                ("position", models.PositiveSmallIntegerField(default=0)),
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
            ],
            options={
                "verbose_name": "historical reason code",
                "verbose_name_plural": "historical reason codes",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalReceiptProfile",
            fields=[
                (
                    "id",
                    models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID"),
                ),
                ("name", models.CharField(db_index=True, max_length=60)),
                (
                    "columns",
                    models.PositiveSmallIntegerField(
                        choices=[(32, "32 (58 mm)"), (42, "42 (80 mm, font A)"), (48, "48 (80 mm)")],
                        default=42,
                    ),
                ),
                ("header", models.TextField(blank=True, help_text="Under the store's name, one line each.")),
                ("footer", models.TextField(blank=True, help_text="Thanks, opening hours, return policy.")),
                (
                    "digital_receipt_address",
                    models.URLField(
                        blank=True,
                        help_text="Address of the digital receipt; the receipt's number is added and printed as a QR code.",
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
            ],
            options={
                "verbose_name": "historical receipt profile",
                "verbose_name_plural": "historical receipt profiles",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalSalesTaxGroup",
            fields=[
                (
                    "id",
                    models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID"),
                ),
                ("code", models.CharField(db_index=True, max_length=20)),
                ("name", models.CharField(max_length=80)),
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
            ],
            options={
                "verbose_name": "historical sales tax group",
                "verbose_name_plural": "historical sales tax groups",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalScreenLayout",
            fields=[
                (
                    "id",
                    models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID"),
                ),
                ("name", models.CharField(db_index=True, max_length=60)),
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
            ],
            options={
                "verbose_name": "historical screen layout",
                "verbose_name_plural": "historical screen layouts",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalVisualProfile",
            fields=[
                (
                    "id",
                    models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID"),
                ),
                ("name", models.CharField(db_index=True, max_length=60)),
                (
                    "theme",
                    models.CharField(
                        choices=[("auto", "As the device"), ("light", "Light"), ("dark", "Dark")],
                        default="auto",
                        max_length=5,
                    ),
                ),
                (
                    "accent_hue",
                    models.PositiveSmallIntegerField(
                        default=195,
                        help_text="Hue of the accent in degrees; 195 is the deep teal.",
                        validators=[django.core.validators.MaxValueValidator(360)],
                    ),
                ),
                (
                    "left_handed",
                    models.BooleanField(default=False, help_text="Cart on the right, keys on the left."),
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
            ],
            options={
                "verbose_name": "historical visual profile",
                "verbose_name_plural": "historical visual profiles",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalWorker",
            fields=[
                (
                    "id",
                    models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID"),
                ),
                (
                    "staff_id",
                    models.CharField(
                        db_index=True,
                        max_length=12,
                        validators=[
                            django.core.validators.RegexValidator("^\\d{3,12}$", "Use 3 to 12 digits.")
                        ],
                        verbose_name="staff ID",
                    ),
                ),
                ("name", models.CharField(max_length=80)),
                ("name_on_receipt", models.CharField(max_length=40)),
                ("is_active", models.BooleanField(default=True)),
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
            ],
            options={
                "verbose_name": "historical worker",
                "verbose_name_plural": "historical workers",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="LegalEntity",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=12, unique=True)),
                ("name", models.CharField(max_length=120)),
                ("country", models.CharField(help_text="ISO 3166, such as GB.", max_length=2)),
                (
                    "tax_number",
                    models.CharField(blank=True, max_length=30, verbose_name="tax registration number"),
                ),
                ("address", models.TextField(blank=True)),
                (
                    "currency",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="hq.currency"
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "legal entities",
            },
        ),
        migrations.CreateModel(
            name="HistoricalButtonGrid",
            fields=[
                (
                    "id",
                    models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID"),
                ),
                ("name", models.CharField(max_length=40)),
                ("position", models.PositiveSmallIntegerField(default=0)),
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
                    "layout",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="hq.screenlayout",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical button grid",
                "verbose_name_plural": "historical button grids",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="Store",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "number",
                    models.CharField(
                        help_text="Short number, printed on receipts.",
                        max_length=10,
                        unique=True,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[0-9A-Za-z]+(-[0-9A-Za-z]+)*\\Z",
                                "Use letters and figures; it is part of the receipts' numbers.",
                            )
                        ],
                    ),
                ),
                ("name", models.CharField(max_length=80)),
                ("country", models.CharField(max_length=2)),
                ("address", models.TextField()),
                ("phone", models.CharField(blank=True, max_length=30)),
                (
                    "tax_number",
                    models.CharField(blank=True, max_length=30, verbose_name="tax registration number"),
                ),
                ("time_zone", models.CharField(max_length=40, validators=[hq.models.store.check_time_zone])),
                ("prices_include_tax", models.BooleanField(default=True)),
                (
                    "currency",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="stores", to="hq.currency"
                    ),
                ),
                (
                    "functionality_profile",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="stores",
                        to="hq.functionalityprofile",
                    ),
                ),
                (
                    "legal_entity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="stores",
                        to="hq.legalentity",
                    ),
                ),
                (
                    "receipt_profile",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="stores",
                        to="hq.receiptprofile",
                    ),
                ),
                (
                    "sales_tax_group",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="stores",
                        to="hq.salestaxgroup",
                    ),
                ),
                (
                    "screen_layout",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="stores",
                        to="hq.screenlayout",
                    ),
                ),
                (
                    "visual_profile",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="stores",
                        to="hq.visualprofile",
                    ),
                ),
            ],
            options={
                "ordering": ["number"],
            },
        ),
        migrations.CreateModel(
            name="HistoricalStorePaymentMethod",
            fields=[
                (
                    "id",
                    models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID"),
                ),
                ("position", models.PositiveSmallIntegerField(default=0)),
                ("opens_drawer", models.BooleanField(default=False)),
                (
                    "gives_change",
                    models.BooleanField(default=False, help_text="More than the amount due may be tendered."),
                ),
                (
                    "is_counted",
                    models.BooleanField(default=False, help_text="Counted when the shift is closed."),
                ),
                (
                    "max_amount",
                    models.DecimalField(
                        blank=True,
                        decimal_places=3,
                        help_text="Largest amount of one tender; empty for none.",
                        max_digits=12,
                        null=True,
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
                    "method",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="hq.paymentmethod",
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
            ],
            options={
                "verbose_name": "historical store payment method",
                "verbose_name_plural": "historical store payment methods",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalHardwareStation",
            fields=[
                (
                    "id",
                    models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID"),
                ),
                ("number", models.CharField(db_index=True, max_length=10)),
                ("name", models.CharField(max_length=60)),
                ("is_active", models.BooleanField(default=True)),
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
                    "hardware_profile",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="hq.hardwareprofile",
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
            ],
            options={
                "verbose_name": "historical hardware station",
                "verbose_name_plural": "historical hardware stations",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalStore",
            fields=[
                (
                    "id",
                    models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID"),
                ),
                (
                    "number",
                    models.CharField(
                        db_index=True,
                        help_text="Short number, printed on receipts.",
                        max_length=10,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[0-9A-Za-z]+(-[0-9A-Za-z]+)*\\Z",
                                "Use letters and figures; it is part of the receipts' numbers.",
                            )
                        ],
                    ),
                ),
                ("name", models.CharField(max_length=80)),
                ("country", models.CharField(max_length=2)),
                ("address", models.TextField()),
                ("phone", models.CharField(blank=True, max_length=30)),
                (
                    "tax_number",
                    models.CharField(blank=True, max_length=30, verbose_name="tax registration number"),
                ),
                ("time_zone", models.CharField(max_length=40, validators=[hq.models.store.check_time_zone])),
                ("prices_include_tax", models.BooleanField(default=True)),
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
                    "currency",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="hq.currency",
                    ),
                ),
                (
                    "functionality_profile",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="hq.functionalityprofile",
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
                    "legal_entity",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="hq.legalentity",
                    ),
                ),
                (
                    "receipt_profile",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="hq.receiptprofile",
                    ),
                ),
                (
                    "sales_tax_group",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="hq.salestaxgroup",
                    ),
                ),
                (
                    "screen_layout",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="hq.screenlayout",
                    ),
                ),
                (
                    "visual_profile",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="hq.visualprofile",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical store",
                "verbose_name_plural": "historical stores",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalWorkerStore",
            fields=[
                (
                    "id",
                    models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID"),
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
                    "permission_group",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="hq.permissiongroup",
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
            ],
            options={
                "verbose_name": "historical store of a worker",
                "verbose_name_plural": "historical stores of a worker",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="Denomination",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("value", models.DecimalField(decimal_places=3, max_digits=12)),
                ("kind", models.CharField(choices=[("note", "Note"), ("coin", "Coin")], max_length=4)),
                (
                    "currency",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="denominations",
                        to="hq.currency",
                    ),
                ),
            ],
            options={
                "ordering": ["currency", "-value"],
                "constraints": [
                    models.UniqueConstraint(fields=("currency", "value", "kind"), name="denomination_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="HardwareDevice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "name",
                    models.SlugField(
                        help_text="Short name by which jobs and events speak of it.", max_length=40
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("printer", "Receipt printer"),
                            ("drawer", "Cash drawer"),
                            ("scanner", "Scanner"),
                            ("scale", "Scale"),
                            ("display", "Customer display"),
                            ("terminal", "Card terminal"),
                            ("reader", "Magnetic card reader"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "driver",
                    models.CharField(
                        help_text="Driver of the station, such as escpos_network.", max_length=40
                    ),
                ),
                (
                    "address",
                    models.CharField(
                        blank=True, help_text="Host and port, serial device or file.", max_length=200
                    ),
                ),
                (
                    "options",
                    models.JSONField(blank=True, default=dict, help_text="The driver's own settings."),
                ),
                (
                    "profile",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="devices",
                        to="hq.hardwareprofile",
                    ),
                ),
            ],
            options={
                "ordering": ["profile", "kind", "name"],
                "constraints": [
                    models.UniqueConstraint(fields=("profile", "name"), name="device_name_once_per_profile")
                ],
            },
        ),
        migrations.CreateModel(
            name="StorePaymentMethod",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(default=0)),
                ("opens_drawer", models.BooleanField(default=False)),
                (
                    "gives_change",
                    models.BooleanField(default=False, help_text="More than the amount due may be tendered."),
                ),
                (
                    "is_counted",
                    models.BooleanField(default=False, help_text="Counted when the shift is closed."),
                ),
                (
                    "max_amount",
                    models.DecimalField(
                        blank=True,
                        decimal_places=3,
                        help_text="Largest amount of one tender; empty for none.",
                        max_digits=12,
                        null=True,
                    ),
                ),
                (
                    "method",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="stores",
                        to="hq.paymentmethod",
                    ),
                ),
                (
                    "store",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="payment_methods",
                        to="hq.store",
                    ),
                ),
            ],
            options={
                "ordering": ["store", "position"],
                "constraints": [
                    models.UniqueConstraint(fields=("store", "method"), name="payment_method_once_per_store")
                ],
            },
        ),
        migrations.CreateModel(
            name="WorkerStore",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "permission_group",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="workers",
                        to="hq.permissiongroup",
                    ),
                ),
                (
                    "store",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="workers", to="hq.store"
                    ),
                ),
                (
                    "worker",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="stores", to="hq.worker"
                    ),
                ),
            ],
            options={
                "verbose_name": "store of a worker",
                "verbose_name_plural": "stores of a worker",
                "constraints": [
                    models.UniqueConstraint(fields=("worker", "store"), name="worker_once_per_store")
                ],
            },
        ),
        migrations.CreateModel(
            name="ButtonGrid",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=40)),
                ("position", models.PositiveSmallIntegerField(default=0)),
                (
                    "layout",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="grids",
                        to="hq.screenlayout",
                    ),
                ),
            ],
            options={
                "ordering": ["layout", "position"],
            },
        ),
        migrations.CreateModel(
            name="HardwareStation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.CharField(max_length=10, unique=True)),
                ("name", models.CharField(max_length=60)),
                ("is_active", models.BooleanField(default=True)),
                (
                    "hardware_profile",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="stations",
                        to="hq.hardwareprofile",
                    ),
                ),
                (
                    "store",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="stations", to="hq.store"
                    ),
                ),
            ],
            options={
                "ordering": ["number"],
            },
        ),
        migrations.CreateModel(
            name="Register",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "number",
                    models.CharField(
                        help_text="Short number, printed on receipts.",
                        max_length=10,
                        unique=True,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[0-9A-Za-z]+(-[0-9A-Za-z]+)*\\Z",
                                "Use letters and figures; it is part of the receipts' numbers.",
                            )
                        ],
                    ),
                ),
                ("name", models.CharField(max_length=60)),
                (
                    "epoch",
                    models.PositiveIntegerField(
                        default=1,
                        editable=False,
                        help_text="Numbers counted anew begin with a new epoch: after a move to another channel database.",
                    ),
                ),
                ("is_active", models.BooleanField(default=True)),
                (
                    "station",
                    models.ForeignKey(
                        blank=True,
                        help_text="Empty: this register prints nothing.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="registers",
                        to="hq.hardwarestation",
                    ),
                ),
                (
                    "store",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="registers", to="hq.store"
                    ),
                ),
                (
                    "visual_profile",
                    models.ForeignKey(
                        blank=True,
                        help_text="Empty: as the store.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="registers",
                        to="hq.visualprofile",
                    ),
                ),
            ],
            options={
                "ordering": ["number"],
            },
        ),
        migrations.CreateModel(
            name="HistoricalDevice",
            fields=[
                ("id", models.UUIDField(db_index=True, editable=False)),
                (
                    "description",
                    models.CharField(
                        blank=True, help_text="What the browser said of itself.", max_length=200
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[("active", "Active"), ("revoked", "Revoked")],
                        default="active",
                        max_length=10,
                    ),
                ),
                ("activated_at", models.DateTimeField(default=django.utils.timezone.now)),
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
                    "register",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="hq.register",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical device",
                "verbose_name_plural": "historical devices",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="Device",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                (
                    "description",
                    models.CharField(
                        blank=True, help_text="What the browser said of itself.", max_length=200
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[("active", "Active"), ("revoked", "Revoked")],
                        default="active",
                        max_length=10,
                    ),
                ),
                ("activated_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "register",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="devices", to="hq.register"
                    ),
                ),
            ],
            options={
                "ordering": ["-activated_at"],
            },
        ),
        migrations.CreateModel(
            name="ActivationCode",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "code_hash",
                    models.CharField(
                        editable=False, help_text="SHA-256 of the code.", max_length=64, unique=True
                    ),
                ),
                ("issued_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("expires_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(blank=True, null=True)),
                ("device", models.UUIDField(blank=True, help_text="The device that used it.", null=True)),
                (
                    "issued_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "register",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="activation_codes",
                        to="hq.register",
                    ),
                ),
            ],
            options={
                "ordering": ["-issued_at"],
            },
        ),
        migrations.CreateModel(
            name="HistoricalRegister",
            fields=[
                (
                    "id",
                    models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID"),
                ),
                (
                    "number",
                    models.CharField(
                        db_index=True,
                        help_text="Short number, printed on receipts.",
                        max_length=10,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[0-9A-Za-z]+(-[0-9A-Za-z]+)*\\Z",
                                "Use letters and figures; it is part of the receipts' numbers.",
                            )
                        ],
                    ),
                ),
                ("name", models.CharField(max_length=60)),
                (
                    "epoch",
                    models.PositiveIntegerField(
                        default=1,
                        editable=False,
                        help_text="Numbers counted anew begin with a new epoch: after a move to another channel database.",
                    ),
                ),
                ("is_active", models.BooleanField(default=True)),
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
                    "station",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        help_text="Empty: this register prints nothing.",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="hq.hardwarestation",
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
                    "visual_profile",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        help_text="Empty: as the store.",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="hq.visualprofile",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical register",
                "verbose_name_plural": "historical registers",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="StationChoice",
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
                ("chosen_at", models.DateTimeField()),
                ("left_at", models.DateTimeField(blank=True, null=True)),
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
                (
                    "worker",
                    channels_app.kinds.LooseForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="hq.worker",
                    ),
                ),
            ],
            options={
                "ordering": ["-chosen_at"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("register", "station"), name="station_choice_once_per_register_and_station"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("left_at", None)),
                        fields=("register",),
                        name="one_station_chosen_per_register",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("left_at", None), ("left_at__gte", models.F("chosen_at")), _connector="OR"
                        ),
                        name="station_left_after_chosen",
                    ),
                ],
            },
        ),
    ]
