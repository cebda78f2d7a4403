"""Whether everybody is ready: what each rule still lacks and where, computed anew at every look.

A stage registers `@provides("V2.4", strength=MUST)` in its `readiness.py`; boards and gates read the same rows.
"""

from keju.kernel.readiness.registry import (
    AMBER,
    GREEN,
    GREY,
    MUST,
    PRINCIPLE,
    RED,
    Gate,
    Provider,
    Row,
    State,
    is_site,
    provides,
)

__all__ = [
    "AMBER",
    "GREEN",
    "GREY",
    "MUST",
    "PRINCIPLE",
    "RED",
    "Gate",
    "Provider",
    "Row",
    "State",
    "is_site",
    "provides",
]
