"""Rosters: coverage to the minute, clashes, rest, and fair proposals."""

from keju.algorithms.rosters.proposing import Hindrance, Hole, Proposal, Terms, Worker, hindrance, propose
from keju.algorithms.rosters.spans import Lack, Span, clashes, cut, merged, overlong, stretches, uncovered

__all__ = [
    "Hindrance",
    "Hole",
    "Lack",
    "Proposal",
    "Span",
    "Terms",
    "Worker",
    "clashes",
    "cut",
    "hindrance",
    "merged",
    "overlong",
    "propose",
    "stretches",
    "uncovered",
]
