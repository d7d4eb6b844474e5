from decimal import Decimal

import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.text
import django.db.models.lookups
import simple_history.models
from django.conf import settings
from django.db import migrations, models

import pricing.models.tax


class Migration(migrations.Migration):
    replaces = [
        ("pricing", "0001_initial"),
        ("pricing", "0002_keep_history"),
        ("pricing", "0003_discounts"),
        ("pricing", "0004_kinds_of_offers"),
        ("pricing", "0005_taxes_charges_and_exchange_rates"),
        ("pricing", "0006_delivery_and_destination_taxes"),
        ("pricing", "0007_plural_of_destination_taxes"),
        ("pricing", "0008_tax_by_amount_product_and_reason"),
        ("pricing", "0009_store_clocks"),
        ("pricing", "0010_percentages_of_the_cheapest_alone"),
        ("pricing", "0011_offers_for_a_kind_of_card_end"),
        ("pricing", "0012_a_way_of_paying_without_its_kind_of_card"),
        ("pricing", "0013_percent_message_without_placeholder"),
        ("pricing", "0014_codes_that_differ_in_more_than_case"),
        ("pricing", "0015_codes_once_in_any_case"),
    ]

    initial = True

    dependencies = [
        ("catalog", "0001_tables"),
        ("customers", "0001_tables"),
        ("hq", "0001_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="DeliveryMode",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=20, unique=True)),
                ("name", models.CharField(max_length=60)),
                (
                    "needs_address",
                    models.BooleanField(default=True, help_text="Goods go to an address, whose taxes count."),
                ),
            ],
            options={
                "ordering": ["code"],
            },
        ),
        migrations.CreateModel(
            name="PriceGroup",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=20, unique=True)),
                ("name", models.CharField(max_length=80)),
                (
                    "priority",
                    models.IntegerField(
                        default=0, help_text="Prices of the highest priority that has any are used."
                    ),
                ),
            ],
            options={
                "ordering": ["code"],
            },
        ),
        migrations.CreateModel(
            name="ChargeCode",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=20, unique=True)),
                ("name", models.CharField(help_text="As printed on receipts.", max_length=60)),
                (
                    "kind",
                    models.CharField(
                        choices=[("charge", "Charge"), ("shipping", "Shipping"), ("handling", "Handling")],
                        default="charge",
                        max_length=10,
                    ),
                ),
                ("is_refundable", models.BooleanField(default=True)),
                (
                    "item_tax_group",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.itemtaxgroup",
                    ),
                ),
            ],
            options={
                "ordering": ["code"],
            },
        ),
        migrations.CreateModel(
            name="ChargeRule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=60)),
                ("is_active", models.BooleanField(default=False)),
                (
                    "level",
                    models.CharField(
                        choices=[("header", "The order as a whole"), ("line", "Each line of some goods")],
                        default="header",
                        max_length=6,
                    ),
                ),
                (
                    "way",
                    models.CharField(
                        choices=[
                            ("fixed", "An amount"),
                            ("per_unit", "An amount for every unit"),
                            ("percent", "A percentage of the amount"),
                        ],
                        default="fixed",
                        max_length=10,
                    ),
                ),
                ("is_prorated", models.BooleanField(default=False)),
                (
                    "charge",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rules",
                        to="pricing.chargecode",
                    ),
                ),
                (
                    "currency",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="hq.currency"
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="customers.customer",
                    ),
                ),
                (
                    "delivery_mode",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="charge_rules",
                        to="pricing.deliverymode",
                    ),
                ),
                (
                    "price_group",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="charge_rules",
                        to="pricing.pricegroup",
                    ),
                ),
            ],
            options={
                "ordering": ["charge", "name"],
            },
        ),
        migrations.CreateModel(
            name="Discount",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=20, unique=True)),
                ("name", models.CharField(help_text="As printed on receipts.", max_length=60)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("simple", "Simple: so much off each"),
                            ("quantity", "Quantity: more off for more"),
                            ("mix_and_match", "Mix and match: a set of goods, as in 3 for 2"),
                            ("threshold", "Threshold: off a basket above an amount"),
                            ("tender", "Tender: off for paying in some way"),
                            ("shipping", "Shipping: off the delivery charge"),
                        ],
                        max_length=15,
                    ),
                ),
                (
                    "method",
                    models.CharField(
                        choices=[
                            ("percent_off", "Percent off"),
                            ("amount_off", "Amount off"),
                            ("unit_price", "Price of one"),
                            ("deal_price", "Price of the set"),
                            ("least_expensive", "Off the cheapest of the set"),
                            ("line_specific", "Each line says it"),
                        ],
                        max_length=15,
                    ),
                ),
                (
                    "value",
                    models.DecimalField(
                        blank=True,
                        decimal_places=4,
                        help_text="The percentage, amount or price; empty where the tiers say it.",
                        max_digits=14,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(
                                Decimal("0.0001"), "Give more than zero."
                            )
                        ],
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[("draft", "Draft"), ("enabled", "Enabled"), ("disabled", "Disabled")],
                        default="draft",
                        max_length=10,
                    ),
                ),
                (
                    "concurrency",
                    models.CharField(
                        choices=[
                            ("exclusive", "Exclusive: nothing beside it"),
                            ("best_price", "Best price: the best one wins"),
                            ("compound", "Compound: together with others"),
                        ],
                        default="best_price",
                        max_length=10,
                    ),
                ),
                ("priority", models.IntegerField(default=0, help_text="The higher number goes first.")),
                ("starts_at", models.DateTimeField(blank=True, null=True)),
                ("ends_at", models.DateTimeField(blank=True, null=True)),
                (
                    "clock",
                    models.CharField(
                        blank=True,
                        editable=False,
                        help_text="The time zone in which the moments were written, when they are meant on each store's own clock. Empty: they are the same instant everywhere.",
                        max_length=40,
                    ),
                ),
                (
                    "weekdays",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.PositiveSmallIntegerField(
                            validators=[django.core.validators.MaxValueValidator(6)]
                        ),
                        blank=True,
                        default=list,
                        help_text="Monday is 0; empty for every day.",
                        size=None,
                    ),
                ),
                (
                    "days_only",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.DateField(),
                        blank=True,
                        default=list,
                        help_text="When given, these days alone.",
                        size=None,
                    ),
                ),
                ("begins", models.TimeField(blank=True, null=True)),
                ("ends", models.TimeField(blank=True, null=True)),
                (
                    "least_count",
                    models.PositiveSmallIntegerField(
                        default=1,
                        help_text="How many of the cheapest get it.",
                        validators=[django.core.validators.MinValueValidator(1)],
                    ),
                ),
                (
                    "least_method",
                    models.CharField(
                        choices=[
                            ("percent_off", "Percent off"),
                            ("amount_off", "Amount off"),
                            ("unit_price", "Price of one"),
                        ],
                        default="percent_off",
                        help_text="What the cheapest are given.",
                        max_length=15,
                    ),
                ),
                (
                    "favor",
                    models.CharField(
                        choices=[
                            ("customer", "The customer: the dearest sets first"),
                            ("retailer", "The shop: the cheapest units first"),
                        ],
                        default="customer",
                        max_length=10,
                    ),
                ),
                (
                    "quantity_limit",
                    models.DecimalField(
                        blank=True,
                        decimal_places=3,
                        help_text="Units of one sale that may be given it.",
                        max_digits=12,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(
                                Decimal("0.0001"), "Give more than zero."
                            )
                        ],
                    ),
                ),
                (
                    "limit_scope",
                    models.CharField(
                        choices=[("product", "Of each product"), ("basket", "Of all together")],
                        default="product",
                        max_length=10,
                    ),
                ),
                (
                    "counts_blocked_goods",
                    models.BooleanField(
                        default=False, help_text="Goods that may not be discounted help to reach it."
                    ),
                ),
                (
                    "matches_all_price_groups",
                    models.BooleanField(
                        default=False, help_text="Every price group has to be present, not just one."
                    ),
                ),
                (
                    "max_applications",
                    models.PositiveIntegerField(
                        blank=True, null=True, validators=[django.core.validators.MinValueValidator(1)]
                    ),
                ),
                (
                    "max_discount",
                    models.DecimalField(
                        blank=True,
                        decimal_places=3,
                        max_digits=14,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(
                                Decimal("0.0001"), "Give more than zero."
                            )
                        ],
                    ),
                ),
                ("coupon_required", models.BooleanField(default=False)),
                (
                    "currency",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="hq.currency",
                    ),
                ),
            ],
            options={
                "ordering": ["-status", "code"],
                "constraints": [
                    models.UniqueConstraint(
                        django.db.models.functions.text.Upper("code"),
                        name="discount_code_once_in_any_case",
                        violation_error_code="code",
                        violation_error_message="Another discount has this code in other letters. Choose another.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("starts_at", None),
                            ("ends_at", None),
                            ("starts_at__lt", models.F("ends_at")),
                            _connector="OR",
                        ),
                        name="discount_ends_after_start",
                        violation_error_code="ends_at",
                        violation_error_message="The end must be after the start.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                models.Q(("method", "percent_off"), _negated=True),
                                models.Q(
                                    ("least_method", "percent_off"),
                                    ("method", "least_expensive"),
                                    _negated=True,
                                ),
                            ),
                            ("value", None),
                            ("value__lte", 100),
                            _connector="OR",
                        ),
                        name="discount_percent_at_most_100",
                        violation_error_code="value",
                        violation_error_message="100 %% is all there is.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DiscountCoupon",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(help_text="Capitals and digits.", max_length=40, unique=True)),
                ("is_active", models.BooleanField(default=True)),
                ("starts_at", models.DateTimeField(blank=True, null=True)),
                ("ends_at", models.DateTimeField(blank=True, null=True)),
                (
                    "limit",
                    models.PositiveIntegerField(
                        blank=True,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(1)],
                        verbose_name="uses in all",
                    ),
                ),
                (
                    "limit_per_customer",
                    models.PositiveIntegerField(
                        blank=True,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(1)],
                        verbose_name="per customer",
                    ),
                ),
                (
                    "limit_per_channel",
                    models.PositiveIntegerField(
                        blank=True,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(1)],
                        verbose_name="per store",
                    ),
                ),
                (
                    "discount",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="coupons",
                        to="pricing.discount",
                    ),
                ),
            ],
            options={
                "ordering": ["discount", "code"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("code", django.db.models.functions.text.Upper("code"))),
                        name="coupon_code_in_capitals",
                        violation_error_message="Write the code in capitals.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("starts_at", None),
                            ("ends_at", None),
                            ("starts_at__lt", models.F("ends_at")),
                            _connector="OR",
                        ),
                        name="coupon_ends_after_start",
                        violation_error_message="The end must be after the start.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DiscountCustomer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="customers.customer"
                    ),
                ),
                (
                    "discount",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="customers",
                        to="pricing.discount",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("discount", "customer"), name="discount_customer_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="DiscountDeliveryMode",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "delivery_mode",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="pricing.deliverymode",
                    ),
                ),
                (
                    "discount",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="delivery_modes",
                        to="pricing.discount",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("discount", "delivery_mode"), name="discount_delivery_mode_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="DiscountGroup",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=10)),
                (
                    "quantity",
                    models.PositiveSmallIntegerField(
                        default=1, validators=[django.core.validators.MinValueValidator(1)]
                    ),
                ),
                (
                    "is_mandatory",
                    models.BooleanField(
                        default=False,
                        help_text="Adds no units: so many of the set must be of it.",
                        verbose_name="must be among them",
                    ),
                ),
                (
                    "discount",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="groups",
                        to="pricing.discount",
                    ),
                ),
            ],
            options={
                "ordering": ["discount", "code"],
                "constraints": [
                    models.UniqueConstraint(fields=("discount", "code"), name="discount_set_part_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="DiscountLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("attribute", models.CharField(blank=True, help_text="Such as Brand.", max_length=40)),
                (
                    "attribute_value",
                    models.CharField(blank=True, help_text="Such as Rex London.", max_length=80),
                ),
                ("is_excluded", models.BooleanField(default=False, verbose_name="never on this")),
                ("group", models.CharField(blank=True, max_length=10, verbose_name="part of the set")),
                (
                    "method",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("percent_off", "Percent off"),
                            ("amount_off", "Amount off"),
                            ("unit_price", "Price of one"),
                        ],
                        max_length=15,
                        verbose_name="gives",
                    ),
                ),
                (
                    "value",
                    models.DecimalField(
                        blank=True,
                        decimal_places=4,
                        max_digits=14,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(
                                Decimal("0.0001"), "Give more than zero."
                            )
                        ],
                        verbose_name="of its own",
                    ),
                ),
                (
                    "category",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="catalog.category",
                    ),
                ),
                (
                    "discount",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lines",
                        to="pricing.discount",
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="catalog.product",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.unit",
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
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("product", None), ("category", None), _connector="OR"),
                        name="discount_line_one_thing",
                        violation_error_message="Give a product or a category, not both; neither means everything.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("attribute", ""),
                            models.Q(("category", None), ("product", None), ("variant", None)),
                            _connector="OR",
                        ),
                        name="discount_line_attribute_alone",
                        violation_error_message="An attribute stands alone: leave product, variant and category empty.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DiscountStore",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "discount",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="stores",
                        to="pricing.discount",
                    ),
                ),
                (
                    "store",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="hq.store"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("discount", "store"), name="discount_store_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="DiscountTender",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "discount",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tenders",
                        to="pricing.discount",
                    ),
                ),
                (
                    "method",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="hq.paymentmethod"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("discount", "method"), name="discount_tender_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="DiscountTier",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "minimum",
                    models.DecimalField(
                        decimal_places=3,
                        max_digits=14,
                        validators=[
                            django.core.validators.MinValueValidator(
                                Decimal("0.0001"), "Give more than zero."
                            )
                        ],
                        verbose_name="from",
                    ),
                ),
                (
                    "value",
                    models.DecimalField(
                        decimal_places=4,
                        max_digits=14,
                        validators=[
                            django.core.validators.MinValueValidator(
                                Decimal("0.0001"), "Give more than zero."
                            )
                        ],
                    ),
                ),
                (
                    "method",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("percent_off", "Percent off"),
                            ("amount_off", "Amount off"),
                            ("unit_price", "Price of one"),
                        ],
                        help_text="Empty: as the discount says.",
                        max_length=15,
                        verbose_name="of its own kind",
                    ),
                ),
                (
                    "discount",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tiers",
                        to="pricing.discount",
                    ),
                ),
            ],
            options={
                "ordering": ["discount", "minimum"],
                "constraints": [
                    models.UniqueConstraint(fields=("discount", "minimum"), name="discount_tier_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="ExchangeRate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "rate",
                    models.DecimalField(
                        decimal_places=8,
                        max_digits=18,
                        validators=[django.core.validators.MinValueValidator(Decimal("1E-8"))],
                    ),
                ),
                ("starts_on", models.DateField()),
                (
                    "currency",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="exchange_rates",
                        to="hq.currency",
                    ),
                ),
                (
                    "into",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="hq.currency"
                    ),
                ),
            ],
            options={
                "ordering": ["currency", "into", "-starts_on"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("currency", "into", "starts_on"),
                        name="exchange_rate_once_a_day",
                        violation_error_message="They have a rate from that day already. Change it, or choose another day.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("currency", models.F("into")), _negated=True),
                        name="exchange_rate_of_two_currencies",
                        violation_error_message="Choose two different currencies.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HistoricalChargeCode",
            fields=[
                (
                    "id",
                    models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID"),
                ),
                ("code", models.CharField(db_index=True, max_length=20)),
                ("name", models.CharField(help_text="As printed on receipts.", max_length=60)),
                (
                    "kind",
                    models.CharField(
                        choices=[("charge", "Charge"), ("shipping", "Shipping"), ("handling", "Handling")],
                        default="charge",
                        max_length=10,
                    ),
                ),
                ("is_refundable", models.BooleanField(default=True)),
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
                    "item_tax_group",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="catalog.itemtaxgroup",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical charge code",
                "verbose_name_plural": "historical charge codes",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalDeliveryMode",
            fields=[
                (
                    "id",
                    models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID"),
                ),
                ("code", models.CharField(db_index=True, max_length=20)),
                ("name", models.CharField(max_length=60)),
                (
                    "needs_address",
                    models.BooleanField(default=True, help_text="Goods go to an address, whose taxes count."),
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
                "verbose_name": "historical delivery mode",
                "verbose_name_plural": "historical delivery modes",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalDestinationTax",
            fields=[
                (
                    "id",
                    models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID"),
                ),
                ("country", models.CharField(help_text="Two letters, such as IE.", max_length=2)),
                ("state", models.CharField(blank=True, max_length=60, verbose_name="state or county")),
                ("city", models.CharField(blank=True, max_length=60)),
                (
                    "postcode",
                    models.CharField(
                        blank=True,
                        help_text="Or its beginning, such as BT*.",
                        max_length=60,
                        validators=[pricing.models.tax.check_pattern],
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
            ],
            options={
                "verbose_name": "historical destination tax",
                "verbose_name_plural": "historical destination taxes",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalDiscount",
            fields=[
                (
                    "id",
                    models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID"),
                ),
                ("code", models.CharField(db_index=True, max_length=20)),
                ("name", models.CharField(help_text="As printed on receipts.", max_length=60)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("simple", "Simple: so much off each"),
                            ("quantity", "Quantity: more off for more"),
                            ("mix_and_match", "Mix and match: a set of goods, as in 3 for 2"),
                            ("threshold", "Threshold: off a basket above an amount"),
                            ("tender", "Tender: off for paying in some way"),
                            ("shipping", "Shipping: off the delivery charge"),
                        ],
                        max_length=15,
                    ),
                ),
                (
                    "method",
                    models.CharField(
                        choices=[
                            ("percent_off", "Percent off"),
                            ("amount_off", "Amount off"),
                            ("unit_price", "Price of one"),
                            ("deal_price", "Price of the set"),
                            ("least_expensive", "Off the cheapest of the set"),
                            ("line_specific", "Each line says it"),
                        ],
                        max_length=15,
                    ),
                ),
                (
                    "value",
                    models.DecimalField(
                        blank=True,
                        decimal_places=4,
                        help_text="The percentage, amount or price; empty where the tiers say it.",
                        max_digits=14,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(
                                Decimal("0.0001"), "Give more than zero."
                            )
                        ],
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[("draft", "Draft"), ("enabled", "Enabled"), ("disabled", "Disabled")],
                        default="draft",
                        max_length=10,
                    ),
                ),
                (
                    "concurrency",
                    models.CharField(
                        choices=[
                            ("exclusive", "Exclusive: nothing beside it"),
                            ("best_price", "Best price: the best one wins"),
                            ("compound", "Compound: together with others"),
                        ],
                        default="best_price",
                        max_length=10,
                    ),
                ),
                ("priority", models.IntegerField(default=0, help_text="The higher number goes first.")),
                ("starts_at", models.DateTimeField(blank=True, null=True)),
                ("ends_at", models.DateTimeField(blank=True, null=True)),
                (
                    "clock",
                    models.CharField(
                        blank=True,
                        editable=False,
                        help_text="The time zone in which the moments were written, when they are meant on each store's own clock. Empty: they are the same instant everywhere.",
                        max_length=40,
                    ),
                ),
                (
                    "weekdays",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.PositiveSmallIntegerField(
                            validators=[django.core.validators.MaxValueValidator(6)]
                        ),
                        blank=True,
                        default=list,
                        help_text="Monday is 0; empty for every day.",
                        size=None,
                    ),
                ),
                (
                    "days_only",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.DateField(),
                        blank=True,
                        default=list,
                        help_text="When given, these days alone.",
                        size=None,
                    ),
                ),
                ("begins", models.TimeField(blank=True, null=True)),
                ("ends", models.TimeField(blank=True, null=True)),
                (
                    "least_count",
                    models.PositiveSmallIntegerField(
                        default=1,
                        help_text="How many of the cheapest get it.",
                        validators=[django.core.validators.MinValueValidator(1)],
                    ),
                ),
                (
                    "least_method",
                    models.CharField(
                        choices=[
                            ("percent_off", "Percent off"),
                            ("amount_off", "Amount off"),
                            ("unit_price", "Price of one"),
                        ],
                        default="percent_off",
                        help_text="What the cheapest are given.",
                        max_length=15,
                    ),
                ),
                (
                    "favor",
                    models.CharField(
                        choices=[
                            ("customer", "The customer: the dearest sets first"),
                            ("retailer", "The shop: the cheapest units first"),
                        ],
                        default="customer",
                        max_length=10,
                    ),
                ),
                (
                    "quantity_limit",
                    models.DecimalField(
                        blank=True,
                        decimal_places=3,
                        help_text="Units of one sale that may be given it.",
                        max_digits=12,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(
                                Decimal("0.0001"), "Give more than zero."
                            )
                        ],
                    ),
                ),
                (
                    "limit_scope",
                    models.CharField(
                        choices=[("product", "Of each product"), ("basket", "Of all together")],
                        default="product",
                        max_length=10,
                    ),
                ),
                (
                    "counts_blocked_goods",
                    models.BooleanField(
                        default=False, help_text="Goods that may not be discounted help to reach it."
                    ),
                ),
                (
                    "matches_all_price_groups",
                    models.BooleanField(
                        default=False, help_text="Every price group has to be present, not just one."
                    ),
                ),
                (
                    "max_applications",
                    models.PositiveIntegerField(
                        blank=True, null=True, validators=[django.core.validators.MinValueValidator(1)]
                    ),
                ),
                (
                    "max_discount",
                    models.DecimalField(
                        blank=True,
                        decimal_places=3,
                        max_digits=14,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(
                                Decimal("0.0001"), "Give more than zero."
                            )
                        ],
                    ),
                ),
                ("coupon_required", models.BooleanField(default=False)),
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
                "verbose_name": "historical discount",
                "verbose_name_plural": "historical discounts",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalExchangeRate",
            fields=[
                (
                    "id",
                    models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID"),
                ),
                (
                    "rate",
                    models.DecimalField(
                        decimal_places=8,
                        max_digits=18,
                        validators=[django.core.validators.MinValueValidator(Decimal("1E-8"))],
                    ),
                ),
                ("starts_on", models.DateField()),
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
                (
                    "into",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="hq.currency",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical exchange rate",
                "verbose_name_plural": "historical exchange rates",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalPriceGroup",
            fields=[
                (
                    "id",
                    models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID"),
                ),
                ("code", models.CharField(db_index=True, max_length=20)),
                ("name", models.CharField(max_length=80)),
                (
                    "priority",
                    models.IntegerField(
                        default=0, help_text="Prices of the highest priority that has any are used."
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
                "verbose_name": "historical price group",
                "verbose_name_plural": "historical price groups",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalPricingPolicy",
            fields=[
                (
                    "id",
                    models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID"),
                ),
                ("singleton", models.BooleanField(db_index=True, default=True, editable=False)),
                (
                    "concurrency_model",
                    models.CharField(
                        choices=[
                            (
                                "best_price_and_compound_within_priority",
                                "The highest priority that gives something goes alone",
                            ),
                            (
                                "best_price_within_priority_compound_across",
                                "One winner at each priority, on top of the others",
                            ),
                        ],
                        default="best_price_and_compound_within_priority",
                        max_length=50,
                    ),
                ),
                (
                    "compound_behavior",
                    models.CharField(
                        choices=[
                            ("compound", "On what the others leave"),
                            ("on_original", "On the original price"),
                        ],
                        default="compound",
                        max_length=12,
                    ),
                ),
                ("find_next", models.BooleanField(default=True)),
                ("adjustments_can_raise", models.BooleanField(default=True)),
                ("exclusive_threshold_competes", models.BooleanField(default=False)),
                ("apply_discounts_to_price_overrides", models.BooleanField(default=False)),
                ("apply_discounts_to_keyed_prices", models.BooleanField(default=True)),
                (
                    "manual_vs_system",
                    models.CharField(
                        choices=[("compound", "On top of offers"), ("replace", "Instead of offers")],
                        default="compound",
                        max_length=10,
                    ),
                ),
                ("manual_total_covers_charges", models.BooleanField(default=False)),
                (
                    "tax_rounding",
                    models.CharField(
                        choices=[("per_line", "Line by line"), ("document", "Once for the whole receipt")],
                        default="per_line",
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
                "verbose_name": "historical pricing policy",
                "verbose_name_plural": "historical pricing policy",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalTaxExemption",
            fields=[
                (
                    "id",
                    models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID"),
                ),
                ("reason", models.CharField(help_text="As printed on receipts.", max_length=80)),
                (
                    "certificate",
                    models.CharField(blank=True, max_length=40, verbose_name="certificate number"),
                ),
                ("lowers_price", models.BooleanField(default=False)),
                ("starts_on", models.DateField(blank=True, null=True)),
                ("ends_on", models.DateField(blank=True, null=True)),
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
                    "customer",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="customers.customer",
                    ),
                ),
                (
                    "customer_group",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="customers.customergroup",
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
                    "reason_code",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        limit_choices_to={"use": "tax"},
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="hq.reasoncode",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical tax exemption",
                "verbose_name_plural": "historical tax exemptions",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalTaxHoliday",
            fields=[
                (
                    "id",
                    models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID"),
                ),
                ("name", models.CharField(help_text="As printed on receipts.", max_length=80)),
                ("starts_on", models.DateField()),
                ("ends_on", models.DateField(help_text="The first day after it.")),
                (
                    "price_limit",
                    models.DecimalField(
                        blank=True,
                        decimal_places=3,
                        max_digits=14,
                        null=True,
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
                "verbose_name": "historical tax holiday",
                "verbose_name_plural": "historical tax holidays",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalTaxOverride",
            fields=[
                (
                    "id",
                    models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID"),
                ),
                ("code", models.CharField(db_index=True, max_length=20)),
                ("name", models.CharField(max_length=60)),
                (
                    "scope",
                    models.CharField(
                        choices=[("line", "One line"), ("transaction", "The whole sale")],
                        default="transaction",
                        max_length=12,
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
                    "item_tax_group",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="catalog.itemtaxgroup",
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
            ],
            options={
                "verbose_name": "historical tax override",
                "verbose_name_plural": "historical tax overrides",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="PriceAdjustment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=60)),
                ("is_active", models.BooleanField(default=False)),
                (
                    "percent",
                    models.DecimalField(
                        decimal_places=3,
                        default=0,
                        max_digits=7,
                        validators=[
                            django.core.validators.MinValueValidator(Decimal("-1000")),
                            django.core.validators.MaxValueValidator(Decimal("100")),
                        ],
                    ),
                ),
                ("amount", models.DecimalField(decimal_places=4, default=0, max_digits=14)),
                (
                    "price",
                    models.DecimalField(
                        blank=True,
                        decimal_places=4,
                        max_digits=14,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(Decimal("0"))],
                    ),
                ),
                ("starts_at", models.DateTimeField(blank=True, null=True)),
                ("ends_at", models.DateTimeField(blank=True, null=True)),
                (
                    "clock",
                    models.CharField(
                        blank=True,
                        editable=False,
                        help_text="The time zone in which the moments were written, when they are meant on each store's own clock. Empty: they are the same instant everywhere.",
                        max_length=40,
                    ),
                ),
                (
                    "currency",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="hq.currency",
                    ),
                ),
                (
                    "price_group",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="adjustments",
                        to="pricing.pricegroup",
                    ),
                ),
            ],
            options={
                "ordering": ["name"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("starts_at", None),
                            ("ends_at", None),
                            ("starts_at__lt", models.F("ends_at")),
                            _connector="OR",
                        ),
                        name="adjustment_ends_after_start",
                        violation_error_message="The end must be after the start.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PriceAdjustmentLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "adjustment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lines",
                        to="pricing.priceadjustment",
                    ),
                ),
                (
                    "category",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="catalog.category",
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="catalog.product",
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
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("product", None), ("category", None), _connector="XOR"),
                        name="adjustment_line_one_thing",
                        violation_error_message="Give a product or a category, not both and not neither.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="LoyaltyTierPriceGroup",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "tier",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="price_groups",
                        to="customers.loyaltytier",
                    ),
                ),
                (
                    "price_group",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tiers",
                        to="pricing.pricegroup",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("tier", "price_group"), name="price_group_once_per_tier")
                ],
            },
        ),
        migrations.CreateModel(
            name="HistoricalTradeAgreement",
            fields=[
                (
                    "id",
                    models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID"),
                ),
                (
                    "quantity_from",
                    models.DecimalField(
                        decimal_places=3,
                        default=0,
                        help_text="Smallest quantity of the line for which this price holds.",
                        max_digits=12,
                        validators=[django.core.validators.MinValueValidator(Decimal("0"))],
                    ),
                ),
                (
                    "amount",
                    models.DecimalField(
                        decimal_places=4,
                        max_digits=14,
                        validators=[django.core.validators.MinValueValidator(Decimal("0"))],
                        verbose_name="price",
                    ),
                ),
                ("starts_at", models.DateTimeField(blank=True, help_text="Empty: since ever.", null=True)),
                (
                    "ends_at",
                    models.DateTimeField(
                        blank=True, help_text="The first moment at which it no longer holds.", null=True
                    ),
                ),
                (
                    "clock",
                    models.CharField(
                        blank=True,
                        editable=False,
                        help_text="The time zone in which the moments were written, when they are meant on each store's own clock. Empty: they are the same instant everywhere.",
                        max_length=40,
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
                    "customer",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        help_text="Empty: every customer.",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="customers.customer",
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
                    "unit",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="catalog.unit",
                    ),
                ),
                (
                    "variant",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        help_text="Empty: every variant.",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="catalog.variant",
                    ),
                ),
                (
                    "price_group",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        help_text="Empty: everywhere.",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pricing.pricegroup",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical trade agreement",
                "verbose_name_plural": "historical trade agreements",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalStorePriceGroup",
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
                    "price_group",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pricing.pricegroup",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical store price group",
                "verbose_name_plural": "historical store price groups",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalPriceAdjustment",
            fields=[
                (
                    "id",
                    models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID"),
                ),
                ("name", models.CharField(max_length=60)),
                ("is_active", models.BooleanField(default=False)),
                (
                    "percent",
                    models.DecimalField(
                        decimal_places=3,
                        default=0,
                        max_digits=7,
                        validators=[
                            django.core.validators.MinValueValidator(Decimal("-1000")),
                            django.core.validators.MaxValueValidator(Decimal("100")),
                        ],
                    ),
                ),
                ("amount", models.DecimalField(decimal_places=4, default=0, max_digits=14)),
                (
                    "price",
                    models.DecimalField(
                        blank=True,
                        decimal_places=4,
                        max_digits=14,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(Decimal("0"))],
                    ),
                ),
                ("starts_at", models.DateTimeField(blank=True, null=True)),
                ("ends_at", models.DateTimeField(blank=True, null=True)),
                (
                    "clock",
                    models.CharField(
                        blank=True,
                        editable=False,
                        help_text="The time zone in which the moments were written, when they are meant on each store's own clock. Empty: they are the same instant everywhere.",
                        max_length=40,
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
                (
                    "price_group",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pricing.pricegroup",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical price adjustment",
                "verbose_name_plural": "historical price adjustments",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalLoyaltyTierPriceGroup",
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
                    "tier",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="customers.loyaltytier",
                    ),
                ),
                (
                    "price_group",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pricing.pricegroup",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical loyalty tier price group",
                "verbose_name_plural": "historical loyalty tier price groups",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalCustomerPriceGroup",
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
                    "customer",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="customers.customer",
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
                    "price_group",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pricing.pricegroup",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical customer price group",
                "verbose_name_plural": "historical customer price groups",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalCustomerGroupPriceGroup",
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
                    "customer_group",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="customers.customergroup",
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
                    "price_group",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pricing.pricegroup",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical customer group price group",
                "verbose_name_plural": "historical customer group price groups",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalChargeRule",
            fields=[
                (
                    "id",
                    models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID"),
                ),
                ("name", models.CharField(max_length=60)),
                ("is_active", models.BooleanField(default=False)),
                (
                    "level",
                    models.CharField(
                        choices=[("header", "The order as a whole"), ("line", "Each line of some goods")],
                        default="header",
                        max_length=6,
                    ),
                ),
                (
                    "way",
                    models.CharField(
                        choices=[
                            ("fixed", "An amount"),
                            ("per_unit", "An amount for every unit"),
                            ("percent", "A percentage of the amount"),
                        ],
                        default="fixed",
                        max_length=10,
                    ),
                ),
                ("is_prorated", models.BooleanField(default=False)),
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
                    "charge",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pricing.chargecode",
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
                    "customer",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="customers.customer",
                    ),
                ),
                (
                    "delivery_mode",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pricing.deliverymode",
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
                    "price_group",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pricing.pricegroup",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical charge rule",
                "verbose_name_plural": "historical charge rules",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalAssortmentPriceGroup",
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
                    "assortment",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="catalog.assortment",
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
                    "price_group",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pricing.pricegroup",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical assortment price group",
                "verbose_name_plural": "historical assortment price groups",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalAffiliationPriceGroup",
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
                    "affiliation",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="customers.affiliation",
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
                    "price_group",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pricing.pricegroup",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical affiliation price group",
                "verbose_name_plural": "historical affiliation price groups",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="DiscountPriceGroup",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "discount",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="price_groups",
                        to="pricing.discount",
                    ),
                ),
                (
                    "price_group",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="discounts",
                        to="pricing.pricegroup",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("discount", "price_group"), name="discount_group_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="CustomerPriceGroup",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="price_groups",
                        to="customers.customer",
                    ),
                ),
                (
                    "price_group",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="customers",
                        to="pricing.pricegroup",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("customer", "price_group"), name="price_group_once_per_customer"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="CustomerGroupPriceGroup",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "customer_group",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="price_groups",
                        to="customers.customergroup",
                    ),
                ),
                (
                    "price_group",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="customer_groups",
                        to="pricing.pricegroup",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("customer_group", "price_group"), name="price_group_once_per_customer_group"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="AssortmentPriceGroup",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "assortment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="price_groups",
                        to="catalog.assortment",
                    ),
                ),
                (
                    "price_group",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="assortments",
                        to="pricing.pricegroup",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("assortment", "price_group"), name="price_group_once_per_assortment"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="AffiliationPriceGroup",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "affiliation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="price_groups",
                        to="customers.affiliation",
                    ),
                ),
                (
                    "price_group",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="affiliations",
                        to="pricing.pricegroup",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("affiliation", "price_group"), name="price_group_once_per_affiliation"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PricingPolicy",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("singleton", models.BooleanField(default=True, editable=False, unique=True)),
                (
                    "concurrency_model",
                    models.CharField(
                        choices=[
                            (
                                "best_price_and_compound_within_priority",
                                "The highest priority that gives something goes alone",
                            ),
                            (
                                "best_price_within_priority_compound_across",
                                "One winner at each priority, on top of the others",
                            ),
                        ],
                        default="best_price_and_compound_within_priority",
                        max_length=50,
                    ),
                ),
                (
                    "compound_behavior",
                    models.CharField(
                        choices=[
                            ("compound", "On what the others leave"),
                            ("on_original", "On the original price"),
                        ],
                        default="compound",
                        max_length=12,
                    ),
                ),
                ("find_next", models.BooleanField(default=True)),
                ("adjustments_can_raise", models.BooleanField(default=True)),
                ("exclusive_threshold_competes", models.BooleanField(default=False)),
                ("apply_discounts_to_price_overrides", models.BooleanField(default=False)),
                ("apply_discounts_to_keyed_prices", models.BooleanField(default=True)),
                (
                    "manual_vs_system",
                    models.CharField(
                        choices=[("compound", "On top of offers"), ("replace", "Instead of offers")],
                        default="compound",
                        max_length=10,
                    ),
                ),
                ("manual_total_covers_charges", models.BooleanField(default=False)),
                (
                    "tax_rounding",
                    models.CharField(
                        choices=[("per_line", "Line by line"), ("document", "Once for the whole receipt")],
                        default="per_line",
                        max_length=10,
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "pricing policy",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("singleton", True)), name="pricing_policy_one_row"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="StorePriceGroup",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "price_group",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="stores",
                        to="pricing.pricegroup",
                    ),
                ),
                (
                    "store",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="price_groups",
                        to="hq.store",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("store", "price_group"), name="price_group_once_per_store"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="TaxCode",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=20, unique=True)),
                ("name", models.CharField(help_text="As printed on receipts.", max_length=80)),
                ("country", models.CharField(blank=True, max_length=2)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("percent", "Percent of the net amount"),
                            ("fixed_per_unit", "Amount per unit"),
                            ("division", "Percent of the amount that holds it"),
                            ("calculated_percent", "The same, each tax by itself"),
                            ("percent_of_gross", "Percent of net and all other taxes"),
                            ("percent_of_tax", "Percent of another tax"),
                        ],
                        default="percent",
                        max_length=20,
                    ),
                ),
                (
                    "sequence",
                    models.PositiveSmallIntegerField(
                        default=0, help_text="Taxes of one line are computed in this order."
                    ),
                ),
                (
                    "affects_next_base",
                    models.BooleanField(
                        default=False, help_text="The taxes after it are computed on it, too."
                    ),
                ),
                (
                    "base_affected_by_previous",
                    models.BooleanField(default=True, help_text="It is computed on such taxes before it."),
                ),
                (
                    "method",
                    models.CharField(
                        choices=[
                            ("whole", "The whole amount at one rate"),
                            ("interval", "Each slice at its own rate"),
                        ],
                        default="whole",
                        help_text="How rates by amount are applied.",
                        max_length=8,
                    ),
                ),
                (
                    "marginal_base",
                    models.CharField(
                        choices=[
                            ("net_line", "Net amount of the line"),
                            ("net_unit", "Net price of one unit"),
                            ("net_invoice", "Net amount of the sale"),
                            ("gross_line", "Amount of the line with tax"),
                            ("gross_unit", "Price of one unit with tax"),
                            ("gross_invoice", "Amount of the sale with tax"),
                        ],
                        default="net_line",
                        help_text="The amount that decides the rate.",
                        max_length=13,
                    ),
                ),
                (
                    "calculate_before",
                    models.BooleanField(
                        default=False, help_text="An amount per unit that every percentage is computed on."
                    ),
                ),
                (
                    "of",
                    models.ForeignKey(
                        blank=True,
                        help_text="The tax that this one is a share of.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="based_on_it",
                        to="pricing.taxcode",
                    ),
                ),
            ],
            options={
                "ordering": ["code"],
            },
        ),
        migrations.CreateModel(
            name="SalesTaxGroupCode",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "exempt_reason",
                    models.CharField(
                        blank=True,
                        help_text="When given, the tax is shown but not charged here.",
                        max_length=80,
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tax_codes",
                        to="hq.salestaxgroup",
                    ),
                ),
                (
                    "tax_code",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sales_tax_groups",
                        to="pricing.taxcode",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("group", "tax_code"), name="tax_code_once_per_sales_group"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ItemTaxGroupCode",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tax_codes",
                        to="catalog.itemtaxgroup",
                    ),
                ),
                (
                    "tax_code",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="item_tax_groups",
                        to="pricing.taxcode",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("group", "tax_code"), name="tax_code_once_per_item_group")
                ],
            },
        ),
        migrations.CreateModel(
            name="HistoricalTaxRate",
            fields=[
                (
                    "id",
                    models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID"),
                ),
                (
                    "percent",
                    models.DecimalField(
                        decimal_places=4,
                        max_digits=7,
                        validators=[django.core.validators.MinValueValidator(0)],
                    ),
                ),
                ("starts_on", models.DateField(blank=True, help_text="Empty: since ever.", null=True)),
                (
                    "ends_on",
                    models.DateField(
                        blank=True, help_text="The first day on which it no longer holds.", null=True
                    ),
                ),
                (
                    "above",
                    models.DecimalField(
                        blank=True,
                        decimal_places=3,
                        default=0,
                        help_text="For amounts above this one, in the store's currency.",
                        max_digits=14,
                        validators=[django.core.validators.MinValueValidator(0)],
                    ),
                ),
                (
                    "up_to",
                    models.DecimalField(
                        blank=True,
                        decimal_places=3,
                        help_text="This one included. Empty: no end.",
                        max_digits=14,
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
                    "tax_code",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pricing.taxcode",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical tax rate",
                "verbose_name_plural": "historical tax rates",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalTaxCode",
            fields=[
                (
                    "id",
                    models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID"),
                ),
                ("code", models.CharField(db_index=True, max_length=20)),
                ("name", models.CharField(help_text="As printed on receipts.", max_length=80)),
                ("country", models.CharField(blank=True, max_length=2)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("percent", "Percent of the net amount"),
                            ("fixed_per_unit", "Amount per unit"),
                            ("division", "Percent of the amount that holds it"),
                            ("calculated_percent", "The same, each tax by itself"),
                            ("percent_of_gross", "Percent of net and all other taxes"),
                            ("percent_of_tax", "Percent of another tax"),
                        ],
                        default="percent",
                        max_length=20,
                    ),
                ),
                (
                    "sequence",
                    models.PositiveSmallIntegerField(
                        default=0, help_text="Taxes of one line are computed in this order."
                    ),
                ),
                (
                    "affects_next_base",
                    models.BooleanField(
                        default=False, help_text="The taxes after it are computed on it, too."
                    ),
                ),
                (
                    "base_affected_by_previous",
                    models.BooleanField(default=True, help_text="It is computed on such taxes before it."),
                ),
                (
                    "method",
                    models.CharField(
                        choices=[
                            ("whole", "The whole amount at one rate"),
                            ("interval", "Each slice at its own rate"),
                        ],
                        default="whole",
                        help_text="How rates by amount are applied.",
                        max_length=8,
                    ),
                ),
                (
                    "marginal_base",
                    models.CharField(
                        choices=[
                            ("net_line", "Net amount of the line"),
                            ("net_unit", "Net price of one unit"),
                            ("net_invoice", "Net amount of the sale"),
                            ("gross_line", "Amount of the line with tax"),
                            ("gross_unit", "Price of one unit with tax"),
                            ("gross_invoice", "Amount of the sale with tax"),
                        ],
                        default="net_line",
                        help_text="The amount that decides the rate.",
                        max_length=13,
                    ),
                ),
                (
                    "calculate_before",
                    models.BooleanField(
                        default=False, help_text="An amount per unit that every percentage is computed on."
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
                    "of",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        help_text="The tax that this one is a share of.",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pricing.taxcode",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical tax code",
                "verbose_name_plural": "historical tax codes",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalSalesTaxGroupCode",
            fields=[
                (
                    "id",
                    models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID"),
                ),
                (
                    "exempt_reason",
                    models.CharField(
                        blank=True,
                        help_text="When given, the tax is shown but not charged here.",
                        max_length=80,
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
                    "group",
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
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "tax_code",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pricing.taxcode",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical sales tax group code",
                "verbose_name_plural": "historical sales tax group codes",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalItemTaxGroupCode",
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
                    "group",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="catalog.itemtaxgroup",
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
                    "tax_code",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pricing.taxcode",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical item tax group code",
                "verbose_name_plural": "historical item tax group codes",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="TaxExemption",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reason", models.CharField(help_text="As printed on receipts.", max_length=80)),
                (
                    "certificate",
                    models.CharField(blank=True, max_length=40, verbose_name="certificate number"),
                ),
                ("lowers_price", models.BooleanField(default=False)),
                ("starts_on", models.DateField(blank=True, null=True)),
                ("ends_on", models.DateField(blank=True, null=True)),
                (
                    "customer",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tax_exemptions",
                        to="customers.customer",
                    ),
                ),
                (
                    "customer_group",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tax_exemptions",
                        to="customers.customergroup",
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tax_exemptions",
                        to="catalog.product",
                    ),
                ),
                (
                    "reason_code",
                    models.ForeignKey(
                        blank=True,
                        limit_choices_to={"use": "tax"},
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tax_exemptions",
                        to="hq.reasoncode",
                    ),
                ),
            ],
            options={
                "ordering": ["reason"],
                "constraints": [
                    models.CheckConstraint(
                        condition=django.db.models.lookups.Exact(
                            models.Func(
                                "customer",
                                "customer_group",
                                "product",
                                "reason_code",
                                function="num_nonnulls",
                                output_field=models.IntegerField(),
                            ),
                            1,
                        ),
                        name="tax_exemption_for_one",
                        violation_error_message="Say who or what is exempt: one of customer, group, product, reason.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("starts_on", None),
                            ("ends_on", None),
                            ("starts_on__lt", models.F("ends_on")),
                            _connector="OR",
                        ),
                        name="tax_exemption_ends_after_start",
                        violation_error_message="The end must be after the start.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TaxExemptionCode",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "exemption",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="codes",
                        to="pricing.taxexemption",
                    ),
                ),
                (
                    "tax_code",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="pricing.taxcode"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("exemption", "tax_code"), name="tax_exemption_code_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="TaxHoliday",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(help_text="As printed on receipts.", max_length=80)),
                ("starts_on", models.DateField()),
                ("ends_on", models.DateField(help_text="The first day after it.")),
                (
                    "price_limit",
                    models.DecimalField(
                        blank=True,
                        decimal_places=3,
                        max_digits=14,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                    ),
                ),
            ],
            options={
                "ordering": ["-starts_on"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("starts_on__lt", models.F("ends_on"))),
                        name="tax_holiday_ends_after_start",
                        violation_error_message="The end must be after the start.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="TaxHolidayCode",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "holiday",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="codes",
                        to="pricing.taxholiday",
                    ),
                ),
                (
                    "tax_code",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="pricing.taxcode"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("holiday", "tax_code"), name="tax_holiday_code_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="TaxHolidayGroup",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="catalog.itemtaxgroup",
                    ),
                ),
                (
                    "holiday",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="item_groups",
                        to="pricing.taxholiday",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("holiday", "group"), name="tax_holiday_group_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="TaxOverride",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=20, unique=True)),
                ("name", models.CharField(max_length=60)),
                (
                    "scope",
                    models.CharField(
                        choices=[("line", "One line"), ("transaction", "The whole sale")],
                        default="transaction",
                        max_length=12,
                    ),
                ),
                ("is_active", models.BooleanField(default=True)),
                (
                    "item_tax_group",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.itemtaxgroup",
                    ),
                ),
                (
                    "sales_tax_group",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="hq.salestaxgroup",
                    ),
                ),
            ],
            options={
                "ordering": ["code"],
            },
        ),
        migrations.CreateModel(
            name="TaxOverrideCode",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "instead",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="pricing.taxcode",
                    ),
                ),
                (
                    "override",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="codes",
                        to="pricing.taxoverride",
                    ),
                ),
                (
                    "tax_code",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="pricing.taxcode"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("override", "tax_code"), name="tax_override_code_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="TaxRate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "percent",
                    models.DecimalField(
                        decimal_places=4,
                        max_digits=7,
                        validators=[django.core.validators.MinValueValidator(0)],
                    ),
                ),
                ("starts_on", models.DateField(blank=True, help_text="Empty: since ever.", null=True)),
                (
                    "ends_on",
                    models.DateField(
                        blank=True, help_text="The first day on which it no longer holds.", null=True
                    ),
                ),
                (
                    "above",
                    models.DecimalField(
                        blank=True,
                        decimal_places=3,
                        default=0,
                        help_text="For amounts above this one, in the store's currency.",
                        max_digits=14,
                        validators=[django.core.validators.MinValueValidator(0)],
                    ),
                ),
                (
                    "up_to",
                    models.DecimalField(
                        blank=True,
                        decimal_places=3,
                        help_text="This one included. Empty: no end.",
                        max_digits=14,
                        null=True,
                    ),
                ),
                (
                    "tax_code",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rates",
                        to="pricing.taxcode",
                    ),
                ),
            ],
            options={
                "ordering": ["tax_code", "-starts_on", "above"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("tax_code", "starts_on", "above"),
                        name="tax_rate_once_per_start",
                        nulls_distinct=False,
                        violation_error_message="This tax code already has a rate from that day.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("starts_on", None),
                            ("ends_on", None),
                            ("starts_on__lt", models.F("ends_on")),
                            _connector="OR",
                        ),
                        name="tax_rate_ends_after_start",
                        violation_error_message="The end must be after the start.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("up_to", None), ("up_to__gt", models.F("above")), _connector="OR"
                        ),
                        name="tax_rate_up_to_above_its_start",
                        violation_error_message="The upper limit must be above the lower.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TradeAgreement",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "quantity_from",
                    models.DecimalField(
                        decimal_places=3,
                        default=0,
                        help_text="Smallest quantity of the line for which this price holds.",
                        max_digits=12,
                        validators=[django.core.validators.MinValueValidator(Decimal("0"))],
                    ),
                ),
                (
                    "amount",
                    models.DecimalField(
                        decimal_places=4,
                        max_digits=14,
                        validators=[django.core.validators.MinValueValidator(Decimal("0"))],
                        verbose_name="price",
                    ),
                ),
                ("starts_at", models.DateTimeField(blank=True, help_text="Empty: since ever.", null=True)),
                (
                    "ends_at",
                    models.DateTimeField(
                        blank=True, help_text="The first moment at which it no longer holds.", null=True
                    ),
                ),
                (
                    "clock",
                    models.CharField(
                        blank=True,
                        editable=False,
                        help_text="The time zone in which the moments were written, when they are meant on each store's own clock. Empty: they are the same instant everywhere.",
                        max_length=40,
                    ),
                ),
                (
                    "currency",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="hq.currency"
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        blank=True,
                        help_text="Empty: every customer.",
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="prices",
                        to="customers.customer",
                    ),
                ),
                (
                    "price_group",
                    models.ForeignKey(
                        blank=True,
                        help_text="Empty: everywhere.",
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="prices",
                        to="pricing.pricegroup",
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="prices",
                        to="catalog.product",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalog.unit"
                    ),
                ),
                (
                    "variant",
                    models.ForeignKey(
                        blank=True,
                        help_text="Empty: every variant.",
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="prices",
                        to="catalog.variant",
                    ),
                ),
            ],
            options={
                "ordering": ["product", "currency", "-starts_at"],
                "indexes": [models.Index(fields=["product", "currency"], name="agreement_by_product")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("starts_at", None),
                            ("ends_at", None),
                            ("starts_at__lt", models.F("ends_at")),
                            _connector="OR",
                        ),
                        name="agreement_ends_after_start",
                        violation_error_message="The end must be after the start.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("price_group", None), ("customer", None), _connector="OR"),
                        name="agreement_group_or_customer",
                        violation_error_message="Give a price group or a customer, not both.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ChargeGoods",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "category",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="catalog.category",
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="catalog.product",
                    ),
                ),
                (
                    "rule",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="goods",
                        to="pricing.chargerule",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("product", None), ("category", None), _connector="XOR"),
                        name="charge_goods_one_thing",
                        violation_error_message="Give a product or a category, not both and not neither.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ChargeTier",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "least",
                    models.DecimalField(
                        decimal_places=3,
                        default=0,
                        max_digits=14,
                        validators=[django.core.validators.MinValueValidator(Decimal("0"))],
                        verbose_name="from",
                    ),
                ),
                (
                    "most",
                    models.DecimalField(
                        blank=True, decimal_places=3, max_digits=14, null=True, verbose_name="up to"
                    ),
                ),
                (
                    "value",
                    models.DecimalField(
                        decimal_places=4,
                        max_digits=14,
                        validators=[django.core.validators.MinValueValidator(Decimal("0"))],
                        verbose_name="is charged",
                    ),
                ),
                (
                    "rule",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tiers",
                        to="pricing.chargerule",
                    ),
                ),
            ],
            options={
                "ordering": ["rule", "least"],
                "constraints": [models.UniqueConstraint(fields=("rule", "least"), name="charge_tier_once")],
            },
        ),
        migrations.CreateModel(
            name="DestinationTax",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("country", models.CharField(help_text="Two letters, such as IE.", max_length=2)),
                ("state", models.CharField(blank=True, max_length=60, verbose_name="state or county")),
                ("city", models.CharField(blank=True, max_length=60)),
                (
                    "postcode",
                    models.CharField(
                        blank=True,
                        help_text="Or its beginning, such as BT*.",
                        max_length=60,
                        validators=[pricing.models.tax.check_pattern],
                    ),
                ),
                (
                    "sales_tax_group",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="destinations",
                        to="hq.salestaxgroup",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "destination taxes",
                "ordering": ["country", "state", "city", "postcode"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("country", "state", "city", "postcode"),
                        name="destination_once",
                        violation_error_message="This place has its taxes already. Change that row, or name another place.",
                    )
                ],
            },
        ),
    ]
