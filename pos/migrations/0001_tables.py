import django.db.models.deletion
from django.db import migrations, models

import channels_app.identifiers
import channels_app.kinds


class Migration(migrations.Migration):
    replaces = [
        ("pos", "0001_initial"),
        ("pos", "0002_returned_quantity"),
        ("pos", "0003_card_payments"),
        ("pos", "0004_receipts_by_mail"),
        ("pos", "0005_a_station_chosen_in_the_journal"),
        ("pos", "0006_staff_cards_that_were_swiped"),
        ("pos", "0007_coupon_holds"),
        ("pos", "0008_sales_lines_by_coupon"),
    ]

    initial = True

    dependencies = [
        ("catalog", "0001_tables"),
        ("hq", "0001_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="ReturnedQuantity",
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
                ("line", models.UUIDField(unique=True)),
                ("quantity", models.DecimalField(decimal_places=3, max_digits=14)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="CardSwipe",
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
                ("swiped_at", models.DateTimeField()),
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
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="RegisterDevice",
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
                ("token_hash", models.CharField(max_length=64, unique=True)),
                ("description", models.CharField(blank=True, max_length=200)),
                ("activated_at", models.DateTimeField()),
                ("revoked_at", models.DateTimeField(null=True)),
                (
                    "register",
                    channels_app.kinds.LooseForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="hq.register",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="RetailTransaction",
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
                            ("sale", "Sale"),
                            ("voided", "Voided sale"),
                            ("open_shift", "Shift opened"),
                            ("close_shift", "Shift closed"),
                            ("cash", "Cash movement"),
                            ("open_drawer", "Drawer opened"),
                            ("reprint", "Receipt copy"),
                            ("station", "Station chosen"),
                        ],
                        max_length=12,
                    ),
                ),
                ("shift", models.UUIDField(db_index=True, null=True)),
                ("epoch", models.PositiveIntegerField()),
                ("sequence", models.BigIntegerField()),
                ("receipt_number", models.CharField(blank=True, max_length=40)),
                ("business_date", models.DateField()),
                ("concluded_at", models.DateTimeField()),
                ("currency", models.CharField(max_length=3)),
                ("customer_account", models.CharField(blank=True, max_length=20)),
                ("item_count", models.DecimalField(decimal_places=3, default=0, max_digits=14)),
                ("net", models.DecimalField(decimal_places=3, default=0, max_digits=16)),
                ("discount", models.DecimalField(decimal_places=3, default=0, max_digits=16)),
                ("tax", models.DecimalField(decimal_places=3, default=0, max_digits=16)),
                (
                    "total",
                    models.DecimalField(
                        decimal_places=3, default=0, help_text="Including tax.", max_digits=16
                    ),
                ),
                ("request_id", models.UUIDField()),
                ("document", models.TextField(help_text="The whole record as JSON, exactly as hashed.")),
                ("previous_hash", models.CharField(max_length=64)),
                (
                    "hash",
                    models.CharField(
                        help_text="SHA-256 of the previous hash and the document.", max_length=64
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
                "ordering": ["concluded_at"],
                "indexes": [
                    models.Index(fields=["store", "-concluded_at"], name="journal_by_store"),
                    models.Index(fields=["business_date", "store"], name="journal_by_day"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("register", "epoch", "sequence"), name="journal_sequence_once"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("receipt_number", ""), _negated=True),
                        fields=("receipt_number",),
                        name="receipt_number_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SalesLine",
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
                ("line", models.PositiveIntegerField()),
                ("product_number", models.CharField(max_length=30)),
                ("name", models.CharField(max_length=160)),
                ("barcode", models.CharField(blank=True, max_length=60)),
                (
                    "quantity",
                    models.DecimalField(
                        decimal_places=3, help_text="Negative when goods come back.", max_digits=14
                    ),
                ),
                ("unit", models.CharField(max_length=10)),
                ("list_price", models.DecimalField(decimal_places=4, max_digits=16)),
                ("unit_price", models.DecimalField(decimal_places=4, max_digits=16)),
                ("price_source", models.CharField(max_length=40)),
                ("discount", models.DecimalField(decimal_places=3, default=0, max_digits=16)),
                ("net", models.DecimalField(decimal_places=3, help_text="Without tax.", max_digits=16)),
                ("tax", models.DecimalField(decimal_places=3, max_digits=16)),
                ("total", models.DecimalField(decimal_places=3, help_text="Including tax.", max_digits=16)),
                ("detail", models.JSONField(help_text="Discounts, taxes and the explanation of the price.")),
                (
                    "reason",
                    models.CharField(
                        blank=True, help_text="Reason code of an override or a return.", max_length=20
                    ),
                ),
                (
                    "returned_line",
                    models.UUIDField(
                        db_index=True, help_text="The line that this one takes back.", null=True
                    ),
                ),
                (
                    "product",
                    channels_app.kinds.LooseForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="catalog.product",
                    ),
                ),
                (
                    "retail_transaction",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="pos.retailtransaction",
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
                "constraints": [
                    models.UniqueConstraint(fields=("retail_transaction", "line"), name="sales_line_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="SignOn",
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
                ("token_hash", models.CharField(max_length=64, unique=True)),
                ("signed_on_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "device",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sign_ons",
                        to="pos.registerdevice",
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
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)),
                        fields=("device",),
                        name="one_sign_on_per_device",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="StoredCart",
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
                ("version", models.BigIntegerField(default=0)),
                (
                    "document",
                    models.BinaryField(help_text="The cart (pos.cart.model.Cart) as zstd-compressed JSON."),
                ),
                ("updated_at", models.DateTimeField()),
                (
                    "register",
                    channels_app.kinds.LooseForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="hq.register",
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("register",), name="one_cart_per_register")],
            },
        ),
        migrations.CreateModel(
            name="SuspendedCart",
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
                ("document", models.BinaryField(help_text="The cart, as in a stored cart.")),
                ("label", models.CharField(blank=True, max_length=80)),
                ("total", models.DecimalField(decimal_places=3, max_digits=14)),
                ("currency", models.CharField(max_length=3)),
                ("line_count", models.PositiveIntegerField()),
                ("suspended_at", models.DateTimeField()),
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
                "ordering": ["-suspended_at"],
                "indexes": [models.Index(fields=["store", "-suspended_at"], name="suspended_by_store")],
            },
        ),
        migrations.CreateModel(
            name="TenderLine",
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
                ("line", models.PositiveIntegerField()),
                ("method", models.CharField(help_text="Code of the payment method.", max_length=20)),
                ("kind", models.CharField(max_length=10)),
                (
                    "amount",
                    models.DecimalField(
                        decimal_places=3, help_text="What stays: tendered less change.", max_digits=16
                    ),
                ),
                ("tendered", models.DecimalField(decimal_places=3, max_digits=16)),
                ("change", models.DecimalField(decimal_places=3, default=0, max_digits=16)),
                ("currency", models.CharField(max_length=3)),
                ("detail", models.JSONField(default=dict)),
                (
                    "retail_transaction",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tenders",
                        to="pos.retailtransaction",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("retail_transaction", "line"), name="tender_line_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="AnsweredRequest",
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
                ("request_id", models.UUIDField()),
                (
                    "fingerprint",
                    models.CharField(help_text="Of what was asked; other content is refused.", max_length=64),
                ),
                ("document", models.BinaryField(help_text="The cart as it then was.")),
                (
                    "outcome",
                    models.TextField(
                        help_text="What else was answered, as JSON: the notice, the concluded sale."
                    ),
                ),
                ("answered_at", models.DateTimeField()),
                (
                    "register",
                    channels_app.kinds.LooseForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="hq.register",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["answered_at"], name="answered_request_by_age")],
                "constraints": [
                    models.UniqueConstraint(fields=("register", "request_id"), name="request_answered_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="CardPayment",
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
                ("cart", models.CharField(help_text="The sale it was asked for.", max_length=40)),
                (
                    "kind",
                    models.CharField(
                        choices=[("pay", "Payment"), ("refund", "Refund"), ("reverse", "Reversal")],
                        max_length=8,
                    ),
                ),
                (
                    "reverses",
                    models.UUIDField(
                        blank=True, help_text="The payment that a reversal gives back.", null=True
                    ),
                ),
                ("method", models.CharField(max_length=20)),
                (
                    "amount",
                    models.DecimalField(
                        decimal_places=3, help_text="Below zero: to the customer.", max_digits=14
                    ),
                ),
                ("currency", models.CharField(max_length=3)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("asked", "At the terminal"),
                            ("taken", "Approved"),
                            ("refused", "Not charged"),
                            ("aside", "Set aside"),
                            ("reversing", "Being reversed"),
                            ("reversed", "Reversed"),
                            ("stuck", "To be looked at"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "words",
                    models.CharField(
                        blank=True, db_default="", help_text="What the terminal said.", max_length=300
                    ),
                ),
                ("asked_at", models.DateTimeField()),
                ("settled_at", models.DateTimeField(blank=True, null=True)),
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
                "ordering": ["-asked_at"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", ["asked", "aside", "reversing", "stuck"])),
                        fields=["asked_at"],
                        name="card_payments_unsettled",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "asked")),
                        fields=("register",),
                        name="one_card_payment_at_work_per_register",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["asked", "aside", "taken"])),
                        fields=("reverses",),
                        name="one_reversal_at_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "reverse"), ("reverses__isnull", False)),
                            models.Q(
                                models.Q(("kind", "reverse"), _negated=True), ("reverses__isnull", True)
                            ),
                            _connector="OR",
                        ),
                        name="a_reversal_names_its_payment",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CouponHold",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=40)),
                ("sale", models.UUIDField(help_text="The cart's id, which is that of the sale's record.")),
                ("customer_account", models.CharField(blank=True, max_length=20)),
                ("held_at", models.DateTimeField()),
                (
                    "store",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="hq.store"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("code", "sale"), name="coupon_held_once_a_sale")
                ],
            },
        ),
        migrations.CreateModel(
            name="FailedSignOn",
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
                ("staff_id", models.CharField(max_length=12)),
                ("failures", models.PositiveSmallIntegerField(default=0)),
                ("locked_until", models.DateTimeField(null=True)),
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
                "constraints": [
                    models.UniqueConstraint(
                        fields=("store", "staff_id"), name="one_failure_count_per_staff_id"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ReceiptMail",
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
                ("retail_transaction", models.UUIDField()),
                ("address", models.EmailField(max_length=254)),
                ("request_id", models.UUIDField(unique=True)),
                ("asked_at", models.DateTimeField()),
                ("sent_at", models.DateTimeField(blank=True, null=True)),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("problem", models.CharField(blank=True, max_length=300)),
                (
                    "register",
                    channels_app.kinds.LooseForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="hq.register",
                    ),
                ),
            ],
            options={
                "ordering": ["-asked_at"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("sent_at", None)),
                        fields=["asked_at"],
                        name="receipt_mails_to_send",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RegisterState",
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
                    "epoch",
                    models.PositiveIntegerField(
                        default=1, help_text="Grows when the register is installed anew."
                    ),
                ),
                (
                    "sequence",
                    models.BigIntegerField(default=0, help_text="Number of the last journal record."),
                ),
                ("receipt", models.BigIntegerField(default=0, help_text="Number of the last receipt.")),
                ("shift_sequence", models.BigIntegerField(default=0, help_text="Number of the last shift.")),
                (
                    "last_hash",
                    models.CharField(default="", help_text="Hash of the last journal record.", max_length=64),
                ),
                ("shift", models.UUIDField(help_text="The open shift.", null=True)),
                ("business_date", models.DateField(help_text="Of the open shift.", null=True)),
                (
                    "register",
                    channels_app.kinds.LooseForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="hq.register",
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("register",), name="one_state_per_register")],
            },
        ),
        # Lines that a coupon gave something are found by it; sales without coupons are not in this index.
        migrations.RunSQL(
            """
            CREATE INDEX sales_line_by_coupon ON pos_salesline
             USING gin ((detail->'discounts') jsonb_path_ops)
             WHERE detail->'discounts' @? '$[*] ? (@.coupon != null)'
            """,
            "DROP INDEX sales_line_by_coupon",
        ),
    ]
