"""Codes of discounts and coupons are told apart by more than capitals.

Of discounts whose codes differed in nothing else, all but the first get their number behind it. A coupon was only ever
found in capitals: it gets them, or, where another has that code already, its number, too, and is switched off.
"""

from django.db import migrations

DISCOUNTS = """
UPDATE pricing_discount d SET code = left(d.code, 20 - length('-' || d.id)) || '-' || d.id
 WHERE EXISTS (SELECT FROM pricing_discount o WHERE upper(o.code) = upper(d.code) AND o.id < d.id)
"""
TAKEN = """
UPDATE pricing_discountcoupon c SET code = upper(left(c.code, 40 - length('-' || c.id))) || '-' || c.id, is_active = false
 WHERE c.code <> upper(c.code)
   AND EXISTS (SELECT FROM pricing_discountcoupon o
                WHERE upper(o.code) = upper(c.code) AND (o.code = upper(o.code) OR o.id < c.id) AND o.id <> c.id)
"""
COUPONS = "UPDATE pricing_discountcoupon SET code = upper(code) WHERE code <> upper(code)"


class Migration(migrations.Migration):
    dependencies = [("pricing", "0013_percent_message_without_placeholder")]
    operations = [migrations.RunSQL([DISCOUNTS, TAKEN, COUPONS], migrations.RunSQL.noop)]
