"""Stock: what a store began with goes down, what moved comes up."""

from channels_app.registry import carry, collect
from inventory import models

carry("1040", models.OpeningStock)
collect("P-0001", "sale.concluded", models.StockMovement, by="source")
