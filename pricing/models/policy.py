"""How the company prices: the choices that docs/pricing.md explains, kept once."""

from django.db import models

from channels_app.kinds import MasterData
from hq.models.history import keep_history


class PricingPolicy(MasterData):
    """The company's choices. There is one row at most; without it the defaults hold."""

    class Concurrency(models.TextChoices):
        WITHIN = (
            "best_price_and_compound_within_priority",
            "The highest priority that gives something goes alone",
        )
        ACROSS = (
            "best_price_within_priority_compound_across",
            "One winner at each priority, on top of the others",
        )

    class Compound(models.TextChoices):
        LEFT = "compound", "On what the others leave"
        ORIGINAL = "on_original", "On the original price"

    class Manual(models.TextChoices):
        COMPOUND = "compound", "On top of offers"
        REPLACE = "replace", "Instead of offers"

    class Rounding(models.TextChoices):
        PER_LINE = "per_line", "Line by line"
        DOCUMENT = "document", "Once for the whole receipt"

    singleton = models.BooleanField(default=True, unique=True, editable=False)
    concurrency_model = models.CharField(max_length=50, choices=Concurrency, default=Concurrency.WITHIN)
    compound_behavior = models.CharField(max_length=12, choices=Compound, default=Compound.LEFT)
    find_next = models.BooleanField(default=True)
    adjustments_can_raise = models.BooleanField(default=True)
    exclusive_threshold_competes = models.BooleanField(default=False)
    apply_discounts_to_price_overrides = models.BooleanField(default=False)
    apply_discounts_to_keyed_prices = models.BooleanField(default=True)
    manual_vs_system = models.CharField(max_length=10, choices=Manual, default=Manual.COMPOUND)
    manual_total_covers_charges = models.BooleanField(default=False)
    tax_rounding = models.CharField(max_length=10, choices=Rounding, default=Rounding.PER_LINE)
    history = keep_history()

    class Meta:
        verbose_name_plural = "pricing policy"
        constraints = [
            models.CheckConstraint(condition=models.Q(singleton=True), name="pricing_policy_one_row")
        ]

    def __str__(self) -> str:
        return "Pricing policy"
