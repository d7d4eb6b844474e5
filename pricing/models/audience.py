"""Whom a price group is for, beside the stores in which it is in force: affiliations, customers, tiers, catalogues."""

from django.db import models

from channels_app.kinds import MasterData
from hq.models.history import keep_history
from pricing.models.price import PriceGroup


class AffiliationPriceGroup(MasterData):
    """A price group of everybody in an affiliation."""

    affiliation = models.ForeignKey(
        "customers.Affiliation", on_delete=models.CASCADE, related_name="price_groups"
    )
    price_group = models.ForeignKey(PriceGroup, on_delete=models.CASCADE, related_name="affiliations")
    history = keep_history()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["affiliation", "price_group"], name="price_group_once_per_affiliation"
            )
        ]

    def __str__(self) -> str:
        return f"{self.price_group} for {self.affiliation}"


class CustomerPriceGroup(MasterData):
    """A price group of one customer."""

    customer = models.ForeignKey("customers.Customer", on_delete=models.CASCADE, related_name="price_groups")
    price_group = models.ForeignKey(PriceGroup, on_delete=models.CASCADE, related_name="customers")
    history = keep_history()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer", "price_group"], name="price_group_once_per_customer")
        ]

    def __str__(self) -> str:
        return f"{self.price_group} for {self.customer}"


class CustomerGroupPriceGroup(MasterData):
    """A price group of every customer of a customer group."""

    customer_group = models.ForeignKey(
        "customers.CustomerGroup", on_delete=models.CASCADE, related_name="price_groups"
    )
    price_group = models.ForeignKey(PriceGroup, on_delete=models.CASCADE, related_name="customer_groups")
    history = keep_history()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["customer_group", "price_group"], name="price_group_once_per_customer_group"
            )
        ]

    def __str__(self) -> str:
        return f"{self.price_group} for {self.customer_group}"


class LoyaltyTierPriceGroup(MasterData):
    """A price group of everybody whose loyalty card has reached a tier."""

    tier = models.ForeignKey("customers.LoyaltyTier", on_delete=models.CASCADE, related_name="price_groups")
    price_group = models.ForeignKey(PriceGroup, on_delete=models.CASCADE, related_name="tiers")
    history = keep_history()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tier", "price_group"], name="price_group_once_per_tier")
        ]

    def __str__(self) -> str:
        return f"{self.price_group} for {self.tier}"


class AssortmentPriceGroup(MasterData):
    """A price group of an assortment: in force in the stores that offer it, on the days on which it is offered."""

    assortment = models.ForeignKey(
        "catalog.Assortment", on_delete=models.CASCADE, related_name="price_groups"
    )
    price_group = models.ForeignKey(PriceGroup, on_delete=models.CASCADE, related_name="assortments")
    history = keep_history()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["assortment", "price_group"], name="price_group_once_per_assortment"
            )
        ]

    def __str__(self) -> str:
        return f"{self.price_group} in {self.assortment}"
