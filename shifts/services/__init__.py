from shifts.services.shift import (
    Counted,
    close_shift,
    move_cash,
    open_shift,
    print_x_report,
    settle_terminal_day,
    shift_number,
)

__all__ = [
    "Counted",
    "close_shift",
    "move_cash",
    "open_shift",
    "print_x_report",
    "settle_terminal_day",
    "shift_number",
]
