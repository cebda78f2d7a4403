"""Slowing down whoever tries too often where no sign-in limiter looks: opening accounts.

Counted in the process's memory: a restart forgets, and every web process counts for itself. That is enough against a
script on one machine; the passwords themselves are guarded by the sign-in limiter in the database.
"""

from django.core.cache import cache
from django.http import HttpRequest

HOUR = 3600
FROM_EVERYWHERE = 20  # times as often for a key, from all addresses together


def too_often(request: HttpRequest, what: str, limit: int, key: str = "") -> bool:
    """True if this address did `what` (to this key) more than `limit` times within the hour; counts this time.

    To one key also all addresses together are bounded, but far higher: else a stranger with somebody's number could keep
    its owner out by trying.
    """
    address = request.META.get("REMOTE_ADDR", "")
    if not key:
        return _over(f"{what}:{address}", limit)
    from_here = _over(f"{what}:{key}:{address}", limit)
    return from_here or _over(f"{what}:{key}", FROM_EVERYWHERE * limit)


def _over(name: str, limit: int) -> bool:
    name = f"throttle:{name}"
    cache.add(name, 0, HOUR)
    try:
        return cache.incr(name) > limit
    except ValueError:  # expired between the two
        return False
