"""An offer for one kind of card was never given at a till: where it hangs on nothing else it is disabled."""

from django.db import migrations

DISABLE = """
UPDATE pricing_discount d SET status = 'disabled'
 WHERE d.kind = 'tender'
   AND EXISTS (SELECT FROM pricing_discounttender t WHERE t.discount_id = d.id AND t.card_type <> '')
   AND NOT EXISTS (SELECT FROM pricing_discounttender t WHERE t.discount_id = d.id AND t.card_type = '')
"""
DELETE = "DELETE FROM pricing_discounttender WHERE card_type <> ''"


class Migration(migrations.Migration):
    dependencies = [("pricing", "0010_percentages_of_the_cheapest_alone")]
    operations = [migrations.RunSQL([DISABLE, DELETE], migrations.RunSQL.noop)]
