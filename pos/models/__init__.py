from pos.models.card import CardPayment
from pos.models.coupon import CouponHold
from pos.models.journal import RetailTransaction, SalesLine, TenderLine
from pos.models.local import (
    AnsweredRequest,
    CardSwipe,
    FailedSignOn,
    RegisterDevice,
    RegisterState,
    ReturnedQuantity,
    SignOn,
    StoredCart,
    SuspendedCart,
)
from pos.models.mail import ReceiptMail

__all__ = [
    "AnsweredRequest",
    "CardPayment",
    "CardSwipe",
    "CouponHold",
    "FailedSignOn",
    "ReceiptMail",
    "RegisterDevice",
    "RegisterState",
    "RetailTransaction",
    "ReturnedQuantity",
    "SalesLine",
    "SignOn",
    "StoredCart",
    "SuspendedCart",
    "TenderLine",
]
