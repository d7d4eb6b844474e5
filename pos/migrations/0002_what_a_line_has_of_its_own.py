"""What makes a line's price another than that of its goods is one field of the line in stored carts."""

from __future__ import annotations

from typing import Any

import msgspec
import zstandard
from django.db import migrations

OWN = {
    "price_override": None,
    "override_reason": None,
    "override_by": None,
    "price_keyed": None,
    "manual_discount": None,
    "prevent_all_discounts": False,
    "prevent_manual_discounts": False,
    "prevent_retail_discounts": False,
    "prevent_tender_discounts": False,
    "prevent_discounts_on_line": False,
    "discount_base_amount": None,
    "sales_tax_group": None,
    "exemption": None,
    "tax_override": None,
    "locked": None,
    "unit_factor": None,
}


def together(found: Any) -> Any:
    """The document with every line that still has its own terms as fields of its own in the new form."""
    if isinstance(found, list):
        return [together(one) for one in found]
    if not isinstance(found, dict):
        return found
    if "prevent_all_discounts" not in found or "product" not in found:
        return {name: together(one) for name, one in found.items()}
    line = {name: one for name, one in found.items() if name not in OWN}
    own = {name: found.get(name, default) for name, default in OWN.items()}
    return {**line, "own": None if own == OWN else own}


def convert(apps: Any, schema_editor: Any) -> None:
    """Every cart that is open, put aside or an answer once given; of plain lines what is left over is passed over."""
    database = schema_editor.connection.alias
    pack, unpack = zstandard.ZstdCompressor(level=1).compress, zstandard.ZstdDecompressor().decompress
    for name in ("StoredCart", "SuspendedCart", "AnsweredRequest"):
        for row in apps.get_model("pos", name).objects.using(database).iterator():
            old = msgspec.json.decode(unpack(bytes(row.document), max_output_size=64 * 1024 * 1024))
            new = msgspec.json.encode(together(old))
            if b'"own":{' in new:
                row.document = pack(new)
                row.save(update_fields=["document"])


class Migration(migrations.Migration):
    dependencies = [("pos", "0001_tables")]

    operations = [migrations.RunPython(convert, migrations.RunPython.noop)]
