"""Who buys: one model of a customer for the back office and the till."""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Func, Value
from django.db.models.functions import Lower

from channels_app.kinds import HeadquartersOnly, MasterData
from hq.models.history import keep_history


class CustomerGroup(MasterData):
    """Customers that are treated alike."""

    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=80)
    history = keep_history()

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class Customer(MasterData):
    """A person or firm that buys."""

    account = models.CharField("account number", max_length=20, unique=True)
    name = models.CharField(max_length=120)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=30, blank=True)
    address = models.TextField(blank=True)
    country = models.CharField(max_length=2, blank=True)
    group = models.ForeignKey(
        CustomerGroup, null=True, blank=True, on_delete=models.PROTECT, related_name="customers"
    )
    history = keep_history()

    personal_data = ("name", "email", "phone", "address")

    class Meta:
        ordering = ["name"]
        indexes = [
            GinIndex(
                OpClass(Lower("name"), name="gin_trgm_ops"),
                OpClass(Lower("email"), name="gin_trgm_ops"),
                OpClass(Lower("account"), name="gin_trgm_ops"),
                OpClass(
                    Func(F("phone"), Value(r"\(0\)|\D"), Value(""), Value("g"), function="regexp_replace"),
                    name="gin_trgm_ops",
                ),
                name="customer_trigram",
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.account})"


class CustomerAsked(HeadquartersOnly):
    """A till's request for a new customer, so that the same request again finds the same customer."""

    request = models.UUIDField(primary_key=True)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")

    def __str__(self) -> str:
        return f"{self.customer}, asked for at a till"


class Affiliation(MasterData):
    """What some customers have in common wherever they shop: staff, students, a club."""

    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=80)
    history = keep_history()

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class CustomerAffiliation(MasterData):
    """A customer who belongs to an affiliation."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="affiliations")
    affiliation = models.ForeignKey(Affiliation, on_delete=models.CASCADE, related_name="customers")
    history = keep_history()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer", "affiliation"], name="affiliation_once_per_customer")
        ]

    def __str__(self) -> str:
        return f"{self.customer} in {self.affiliation}"


class LoyaltyTier(MasterData):
    """A step of the loyalty programme, such as Silver; the higher rank is the better one."""

    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=80)
    rank = models.PositiveSmallIntegerField(default=1, unique=True)
    history = keep_history()

    class Meta:
        ordering = ["rank"]

    def __str__(self) -> str:
        return self.name


class LoyaltyCard(MasterData):
    """A customer's card of the loyalty programme, and the tier that it has reached."""

    number = models.CharField(max_length=30, unique=True)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="loyalty_cards")
    tier = models.ForeignKey(LoyaltyTier, on_delete=models.PROTECT, related_name="cards")
    is_active = models.BooleanField(default=True)
    history = keep_history()

    class Meta:
        ordering = ["number"]

    def __str__(self) -> str:
        return self.number
