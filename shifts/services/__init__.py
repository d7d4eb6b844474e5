from shifts.services.shift import (
    Counted,
    close_shift,
    move_cash,
    open_shift,
    print_x_report,
    settle_terminal_day,
    shift_number,
)
from shifts.services.time_clock import TimeSheet, clock, time_sheet

__all__ = [
    "Counted",
    "TimeSheet",
    "clock",
    "close_shift",
    "move_cash",
    "open_shift",
    "print_x_report",
    "settle_terminal_day",
    "shift_number",
    "time_sheet",
]
