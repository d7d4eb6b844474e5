"""The back office's pages of the company. Importing this package registers them."""

from hq.admin import (  # noqa: F401
    administration,
    company,
    device,
    distribution,
    layout,
    profile,
    register,
    store,
    worker,
)
