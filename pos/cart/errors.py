"""What a cart refuses. `shown` is an amount as people write it; the details have the bare number, too."""

from channels_app.errors import DomainError


class UnknownLine(DomainError):
    code = "unknown_line"
    message = "That line is no longer in the cart. Look at the cart and choose again."


class LineIsVoided(DomainError):
    code = "line_is_voided"
    message = "{name} is voided. Undo the void, or scan it again."


class BadQuantity(DomainError):
    code = "bad_quantity"
    message = "{quantity} is no quantity for {name}: {why}"


class BadPrice(DomainError):
    code = "bad_price"
    message = "{shown} is no price for {name}: {why}"


class BadDiscount(DomainError):
    code = "bad_discount"
    message = "{shown} is no discount here: {why}"


class BadCharge(DomainError):
    code = "bad_charge"
    message = "{shown} is no charge for {name}: {why}"


class TaxIsSettled(DomainError):
    code = "tax_is_settled"
    message = "{name} comes back with the taxes that were paid for it. They cannot be changed."


class BadDelivery(DomainError):
    code = "bad_delivery"
    message = "That cannot be delivered: {why}"


class NothingToUndo(DomainError):
    code = "nothing_to_undo"
    message = "There is nothing to undo in this sale."


class NothingToPay(DomainError):
    code = "nothing_to_pay"
    message = "The cart is empty. Scan something first."


class BadTender(DomainError):
    code = "bad_tender"
    message = "{shown} cannot be taken as {method}: {why}"


class CardAtWork(DomainError):
    code = "card_at_work"
    message = "The card terminal is at work on this sale. Wait for it, or cancel it there, before you {what}."


class TendersTaken(DomainError):
    code = "tenders_taken"
    message = "A payment of {shown} is already taken. Remove it before you {what}."


class UnknownTender(DomainError):
    code = "unknown_tender"
    message = "That payment is no longer in the cart."
