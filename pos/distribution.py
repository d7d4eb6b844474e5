"""What the journal sends up to headquarters: every record, whatever it tells of, with its lines and tenders."""

from channels_app.registry import EVERY_TOPIC, collect, forget
from pos import models

collect("P-0001", EVERY_TOPIC, models.RetailTransaction)
collect("P-0001", EVERY_TOPIC, models.SalesLine, by="retail_transaction")
collect("P-0001", EVERY_TOPIC, models.TenderLine, by="retail_transaction")

forget(models.RetailTransaction, by="concluded_at")
forget(models.SalesLine, by="retail_transaction__concluded_at")
forget(models.TenderLine, by="retail_transaction__concluded_at")
