import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("customers", "0002_found_by_name_phone_and_mail")]

    operations = [
        migrations.CreateModel(
            name="CustomerAsked",
            fields=[
                ("request", models.UUIDField(primary_key=True, serialize=False)),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="customers.customer",
                    ),
                ),
            ],
            options={"abstract": False},
        ),
        migrations.RunSQL(
            "CREATE SEQUENCE customers_account_number START 100001",
            "DROP SEQUENCE customers_account_number",
        ),
    ]
