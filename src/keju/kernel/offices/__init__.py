"""The tree of offices, who acts for one, and the scope that PostgreSQL enforces."""

from keju.kernel.offices.actors import Actor
from keju.kernel.offices.scope import acting

__all__ = ["Actor", "acting"]
