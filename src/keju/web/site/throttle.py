"""Slowing down whoever tries too often where no sign-in limiter looks: opening accounts.

Counted in the process's memory: a restart forgets, and every web process counts for itself. That is enough against a
script on one machine; the passwords themselves are guarded by the sign-in limiter in the database.
"""

from django.core.cache import cache
from django.http import HttpRequest

HOUR = 3600


def too_often(request: HttpRequest, what: str, limit: int, key: str = "") -> bool:
    """True if this address (or this key) did `what` more than `limit` times within the hour; counts this time."""
    who = key or request.META.get("REMOTE_ADDR", "")
    name = f"throttle:{what}:{who}"
    cache.add(name, 0, HOUR)
    try:
        return cache.incr(name) > limit
    except ValueError:  # expired between the two
        return False
