"""Lines that a coupon gave something are found by it: an index that sales without coupons are not in."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("pos", "0007_coupon_holds")]

    operations = [
        migrations.RunSQL(
            sql="""
                CREATE INDEX sales_line_by_coupon ON pos_salesline
                 USING gin ((detail->'discounts') jsonb_path_ops)
                 WHERE detail->'discounts' @? '$[*] ? (@.coupon != null)'
            """,
            reverse_sql="DROP INDEX sales_line_by_coupon",
        )
    ]
