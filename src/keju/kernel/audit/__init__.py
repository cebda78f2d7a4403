"""The append-only log: who did what, when, under which clause, provable afterwards.

Stages use `write`, `record`, the two errors, and `append_only` in migrations.
"""

from keju.kernel.audit.errors import NotPermitted, Stale, Unaudited
from keju.kernel.audit.recording import record, write

__all__ = ["NotPermitted", "Stale", "Unaudited", "record", "write"]
