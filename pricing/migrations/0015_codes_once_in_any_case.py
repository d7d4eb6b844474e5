import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("hq", "0010_whoever_sells_may_choose_a_station"),
        ("pricing", "0014_codes_that_differ_in_more_than_case"),
    ]

    operations = [
        migrations.AddConstraint(
            model_name="discount",
            constraint=models.UniqueConstraint(
                django.db.models.functions.text.Upper("code"),
                name="discount_code_once_in_any_case",
                violation_error_code="code",
                violation_error_message="Another discount has this code in other letters. Choose another.",
            ),
        ),
        migrations.AddConstraint(
            model_name="discountcoupon",
            constraint=models.CheckConstraint(
                condition=models.Q(("code", django.db.models.functions.text.Upper("code"))),
                name="coupon_code_in_capitals",
                violation_error_message="Write the code in capitals.",
            ),
        ),
    ]
