"""What the till refuses outside of the cart itself."""

from channels_app.errors import DomainError, NotAllowed


class NotActivated(DomainError):
    code = "not_activated"
    message = "This browser is not a register yet. Activate it with a code from headquarters."


class NotSignedOn(DomainError):
    code = "not_signed_on"
    message = "Nobody is signed on. Sign on with your ID and PIN."


class NoOpenShift(DomainError):
    code = "no_open_shift"
    message = "No shift is open on this register. Open one with its float first."


class WaitingForData(DomainError):
    code = "waiting_for_data"
    message = "This register waits for its data from headquarters. {detail}"


class RegisterUnknown(DomainError):
    code = "register_unknown"
    message = "This register is not in the data that was received. Ask headquarters to distribute job 1090."


class UnknownCode(DomainError):
    code = "unknown_code"
    message = "Nothing is sold under {scanned}. Search for it, or scan again."


class AmbiguousCode(DomainError):
    code = "ambiguous_code"
    message = "{scanned} stands for several articles. Search and choose."


class NotForSale(DomainError):
    code = "not_for_sale"
    message = "{name} may not be sold: {why}"


class NoPrice(DomainError):
    code = "no_price"
    message = "{name} has no price here. Key one in, or ask headquarters."


class PriceNeeded(DomainError):
    code = "price_needed"
    message = "Key in the price of {name}."


class WeightNeeded(DomainError):
    code = "weight_needed"
    message = "Weigh {name}, or key in its weight in {unit}."


class UnknownOperation(DomainError):
    code = "unknown_operation"
    message = "There is no operation {operation}."


class Nonsense(DomainError):
    """A value that cannot be what its field is for, whatever the sale."""

    code = "nonsense"
    message = "That cannot be the {what}: {why}"


class UnknownMethod(DomainError):
    code = "unknown_method"
    message = "{method} is not a way to pay in this store. Choose one of: {known}."


class ChargeAtTerminal(DomainError):
    code = "charge_at_terminal"
    message = (
        "This register charges cards at its own terminal. Use pay_by_card, or say that it was stand_alone."
    )


class NoTerminal(DomainError):
    code = "no_terminal"
    message = "This register has no card terminal. Take the card on a stand-alone one, then confirm it here."


class NotWholeUnits(DomainError):
    code = "not_whole_units"
    message = "{shown} is no amount that a card terminal can take."


class StillAtWork(DomainError):
    code = "still_at_work"
    message = "The terminal has not lost this payment: cancel it, or wait for its answer."


class UnknownReason(DomainError):
    code = "unknown_reason"
    message = "{reason} is no reason here. Choose one of: {known}."


class NoExemptionToday(DomainError):
    code = "no_exemption_today"
    message = (
        "“{reason}” frees from no tax today: headquarters gave it other days. Choose another reason, or none."
    )


class UnknownCoupon(DomainError):
    code = "unknown_coupon"
    message = "{coupon} unlocks nothing here. Check the code and its dates."


class CouponNotNow(DomainError):
    code = "coupon_not_now"
    message = "Coupon {coupon} {why}. Go on without it."


class UnknownTaxes(DomainError):
    code = "unknown_taxes"
    message = "{override} is no choice of taxes here. Known: {known}."


class TaxesElsewhere(UnknownTaxes):
    message = "{override} is chosen for {scope}: use “{operation}”."


class UnknownCurrency(DomainError):
    code = "unknown_currency"
    message = "{currency} is not taken here. Known, with a rate for today: {known}."


class UnknownLoyaltyCard(DomainError):
    code = "unknown_loyalty_card"
    message = "{number} is no active loyalty card. Check the number, or go on without it."


class UnknownCharge(DomainError):
    code = "unknown_charge"
    message = "{charge} is no charge of this company. Known: {known}."


class CouponUsedUp(DomainError):
    code = "coupon_used_up"
    message = (
        "Coupon {coupon} has been used as often as it may be{where} (uses: {uses}, with those that open sales hold). "
        "Go on without it."
    )


class CouponNotHere(DomainError):
    code = "coupon_not_here"
    message = "Headquarters keeps no uses for coupon {coupon} in this store. Go on without it."


class CartChangedElsewhere(DomainError):
    code = "cart_changed_elsewhere"
    message = "The sale was changed at the same moment from another place. Look at it and try again."


class RequestReused(DomainError):
    code = "request_reused"
    message = "This request was answered already, with other content. Send it under a new id."


class CartTooLarge(DomainError):
    code = "cart_too_large"
    message = (
        "That is more than one sale can hold. Pay for what is in the cart, then go on with the next sale."
    )


class UnknownDeliveryMode(DomainError):
    code = "unknown_delivery_mode"
    message = "{mode} is no delivery mode of this company. Known: {known}."


class UnknownUnit(DomainError):
    code = "unknown_unit"
    message = "{name} is not sold by {unit}. {known}"


class NoPriceForUnit(DomainError):
    code = "no_price_for_unit"
    message = "{name} has no price by {unit} here: head office enters one, or sell it by {own}."


class UnknownAffiliation(DomainError):
    code = "unknown_affiliation"
    message = "{affiliation} is no affiliation of this company. Known: {known}."


class SuspendedGone(DomainError):
    code = "suspended_gone"
    message = "That sale is no longer waiting: somebody recalled it already."


class CartNotEmpty(DomainError):
    code = "cart_not_empty"
    message = "A sale is open on this register. Finish, hold or void it before you {what}."


class UnknownReceipt(DomainError):
    code = "unknown_receipt"
    message = (
        "No receipt {number} is known in this store. Check the number, or take the goods back without it."
    )


class NothingLeftToReturn(DomainError):
    code = "nothing_left_to_return"
    message = (
        "Some of this was taken back at another register meanwhile. Void the return lines and start again."
    )


class UnknownReceiptLine(DomainError):
    code = "unknown_receipt_line"
    message = "Receipt {receipt} has no line {line} that was sold."


class AlreadyInCart(DomainError):
    code = "already_in_cart"
    message = "{name} is being returned in this sale already. Void that line first to change it."


class NotReturnable(DomainError):
    code = "not_returnable"
    message = "{name} cannot be taken back: headquarters does not allow it."


class PrinterNotReady(DomainError):
    code = "printer_not_ready"
    message = "That printer is not ready any more. Choose another one."


class NoGiftReceipt(DomainError):
    code = "no_gift_receipt"
    message = "{number} sold nothing that could be given away. Print a copy instead."


class NothingToSettle(DomainError):
    code = "nothing_to_settle"
    message = "That card payment needs nobody any more: it is settled."


class NoMerchantsCopy(DomainError):
    code = "no_merchants_copy"
    message = (
        "{number} has no merchant's copy: no card terminal of this register sent one. Print a copy instead."
    )


class SignOnRefused(DomainError):
    code = "sign_on_refused"
    message = "That ID and PIN do not belong together. {left} more tries before it is locked."


class LockedOut(DomainError):
    code = "locked_out"
    message = "Too many wrong PINs. {staff_id} is locked until {until}; a manager can sign on meanwhile."


class ActivationRefused(DomainError):
    code = "activation_refused"
    message = "{why}"


class OrderNotHere(DomainError):
    code = "order_not_here"
    message = "Order {number} cannot be called up: {why}"


class OrderElsewhere(DomainError):
    code = "order_elsewhere"
    message = (
        "Order {number} is called up at {register}. Finish or void that sale, or take the order from there."
    )


class OrderRefused(DomainError):
    code = "order_refused"
    message = "Order {number} cannot be sold as it is: {why} Have the order desk change it."


class ApprovalNeeded(NotAllowed):
    """The worker may not, but a manager may approve on the spot."""

    code = "approval_needed"
    message = "{operation} needs a manager. Ask one to enter ID and PIN."


class JournalBroken(DomainError):
    code = "journal_broken"
    message = "The journal of register {register} is broken at record {sequence}: {why}"
