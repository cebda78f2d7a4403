"""Long work: started once, done by a worker, seen while it runs, resumed after a crash.

A stage registers `@job("tickets.generate", t("…", "…"))` in its `jobs.py`; a service starts it with `services.start`.
"""

from keju.kernel.jobs.progress import Cancelled, Progress
from keju.kernel.jobs.registry import job

__all__ = ["Cancelled", "Progress", "job"]
