"""The back office's pages of hardware stations. Importing this package registers them."""

from hardware.admin import profiles, stations  # noqa: F401
