from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import migrations
from django.db.models import F, Func, Value
from django.db.models.functions import Lower


class Migration(migrations.Migration):
    dependencies = [("channels_app", "0001_extensions"), ("customers", "0001_tables")]

    operations = [
        migrations.AddIndex(
            model_name="customer",
            index=GinIndex(
                OpClass(Lower("name"), name="gin_trgm_ops"),
                OpClass(Lower("email"), name="gin_trgm_ops"),
                OpClass(Lower("account"), name="gin_trgm_ops"),
                OpClass(
                    Func(F("phone"), Value(r"\(0\)|\D"), Value(""), Value("g"), function="regexp_replace"),
                    name="gin_trgm_ops",
                ),
                name="customer_trigram",
            ),
        ),
    ]
