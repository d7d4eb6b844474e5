from pos.models.journal import RetailTransaction, SalesLine, TenderLine
from pos.models.local import (
    AnsweredRequest,
    FailedSignOn,
    RegisterDevice,
    RegisterState,
    ReturnedQuantity,
    SignOn,
    StoredCart,
    SuspendedCart,
)

__all__ = [
    "AnsweredRequest",
    "FailedSignOn",
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
