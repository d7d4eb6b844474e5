"""apply_components: margin and discount components of a price."""

from tests.pricing.case_operations.apply_sequence import run

__all__ = ["run"]
