"""What of the customers goes down to the channels: all of them, to every store."""

from channels_app.registry import carry
from customers import models

carry("1010", models.CustomerGroup, models.Customer)
carry("1010", models.Affiliation, models.CustomerAffiliation)
carry("1050", models.LoyaltyTier, models.LoyaltyCard)
