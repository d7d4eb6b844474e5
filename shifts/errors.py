"""What a shift refuses."""

from channels_app.errors import DomainError


class ShiftAlreadyOpen(DomainError):
    code = "shift_already_open"
    message = "Register {register} already has an open shift. Sell on, or close it first."


class BadCount(DomainError):
    code = "bad_count"
    message = "{amount} is no amount for {what}: {why}"


class NoSuchCashKind(DomainError):
    code = "no_such_cash_kind"
    message = "Cash moves as {known}, not as {kind}."


class SaleIsOpen(DomainError):
    code = "sale_is_open"
    message = "A sale is open (lines: {lines}). Finish, hold or void it before the shift is closed."


class NotEnoughCash(DomainError):
    code = "not_enough_cash"
    message = "There is only {available} in the drawer; {amount} cannot be taken out."


class ClockRefused(DomainError):
    code = "clock_refused"
    message = "{name} {standing}. {remedy}"


class NoSuchClockKind(DomainError):
    code = "no_such_clock_kind"
    message = "The time clock knows in, break, back and out, not {kind}."
