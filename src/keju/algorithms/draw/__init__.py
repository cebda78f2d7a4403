"""Draws by lot that anybody can recompute."""

from keju.algorithms.draw.lots import commit, draw, verify
from keju.algorithms.draw.permutation import digests, permutation, sort_key

__all__ = ["commit", "digests", "draw", "permutation", "sort_key", "verify"]
