"""Two of the four errors of the house. The others are `rulebook.RuleRefused` and Django's `ValidationError`."""


class NotPermitted(Exception):
    """This actor may not do this. `hidden=True`: they may not even know that it exists (404 instead of 403)."""

    def __init__(self, permission: str = "", *, hidden: bool = False) -> None:
        super().__init__(permission)
        self.permission = permission
        self.hidden = hidden


class Stale(Exception):
    """Somebody else moved first: what was seen is no longer so. Nothing was changed."""


class Unaudited(AssertionError):
    """A write left no audit event. A bug; the write was rolled back."""
