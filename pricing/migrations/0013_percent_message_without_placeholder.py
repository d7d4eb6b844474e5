from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("hq", "0010_whoever_sells_may_choose_a_station"),
        ("pricing", "0012_a_way_of_paying_without_its_kind_of_card"),
    ]

    operations = [
        migrations.AlterConstraint(
            model_name="discount",
            name="discount_ends_after_start",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("starts_at", None),
                    ("ends_at", None),
                    ("starts_at__lt", models.F("ends_at")),
                    _connector="OR",
                ),
                name="discount_ends_after_start",
                violation_error_code="ends_at",
                violation_error_message="The end must be after the start.",
            ),
        ),
        migrations.AlterConstraint(
            model_name="discount",
            name="discount_percent_at_most_100",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        models.Q(("method", "percent_off"), _negated=True),
                        models.Q(
                            ("least_method", "percent_off"), ("method", "least_expensive"), _negated=True
                        ),
                    ),
                    ("value", None),
                    ("value__lte", 100),
                    _connector="OR",
                ),
                name="discount_percent_at_most_100",
                violation_error_code="value",
                violation_error_message="100 %% is all there is.",
            ),
        ),
    ]
