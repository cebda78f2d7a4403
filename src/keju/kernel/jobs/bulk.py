"""Many rows at once, as the stages import it; it lives on the offices' step because accounts are made in bulk too."""

from keju.kernel.offices.bulk import insert_rows, insert_rows_returning, update_rows

__all__ = ["insert_rows", "insert_rows_returning", "update_rows"]
