"""What a store worker may be allowed to do. Operations name the permission they need."""

from django.db import models


class Permission(models.TextChoices):
    SELL = "sell", "Sell and take tenders"
    VOID_LINE = "void_line", "Void a line"
    VOID_SALE = "void_sale", "Void a whole sale"
    KEY_WEIGHT = "key_weight", "Type a weight by hand where there is a scale"
    PRICE_OVERRIDE = "price_override", "Override a price"
    LINE_DISCOUNT = "line_discount", "Give a line discount"
    TOTAL_DISCOUNT = "total_discount", "Give a discount on the whole sale"
    TAX = "tax", "Exempt a sale from tax, or choose other taxes"
    CHARGE = "charge", "Add a charge to a sale"
    RETURN = "return", "Take goods back"
    SUSPEND = "suspend", "Suspend and recall sales"
    OPEN_DRAWER = "open_drawer", "Open the drawer without a sale"
    OPEN_SHIFT = "open_shift", "Open a shift"
    CLOSE_SHIFT = "close_shift", "Close a shift"
    CASH_MOVEMENT = "cash_movement", "Float entry, removal and drops"
    X_REPORT = "x_report", "Print an X report"
    REPRINT = "reprint", "Reprint a receipt"
    CHOOSE_STATION = "choose_station", "Use another hardware station of the store"
    ACTIVATE = "activate", "Activate a register and pair a station"
    OVERRIDE = "override", "Approve what others may not do"
