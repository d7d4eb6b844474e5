"""What headquarters answers when a till asks in the middle of a sale."""

from uuid import UUID

import msgspec
from django.utils import timezone

from channels_app.exchange.wire import as_shape
from channels_app.models import ChannelDatabase
from channels_app.prepared import prepared
from channels_app.questions import answers
from pos.errors import CouponNotHere
from pos.services.coupons import free_coupon, hold_coupon


@prepared
class CouponAsked(msgspec.Struct, frozen=True):
    """A coupon that was presented in an open sale of a store, or taken off it."""

    code: str
    sale: UUID
    store: int
    customer: str = ""


@answers("coupon")
def coupon(database: ChannelDatabase, said: dict) -> dict:
    """Hold one use of a coupon for an open sale."""
    asked = _asked(database, said)
    return msgspec.to_builtins(
        hold_coupon(
            code=asked.code, sale=asked.sale, store=asked.store, customer=asked.customer, at=timezone.now()
        )
    )


@answers("coupon-off")
def coupon_off(database: ChannelDatabase, said: dict) -> dict:
    """Give back the use that an open sale held; where there is none, nothing happens."""
    asked = _asked(database, said)
    free_coupon(code=asked.code, sale=asked.sale)
    return {}


def _asked(database: ChannelDatabase, said: dict) -> CouponAsked:
    """What was said of a coupon; the store must be one of the asking database."""
    asked = as_shape(said, CouponAsked)
    if not database.sells_for(asked.store):
        raise CouponNotHere(coupon=asked.code, field="code")
    return asked
