"""Sealed folders: BagIt 1.0 (RFC 8493) with SHA-256."""

from keju.algorithms.bagit.check import PROBLEMS, Problem, ProblemKind, validate
from keju.algorithms.bagit.seal import Sealed, seal

__all__ = ["PROBLEMS", "Problem", "ProblemKind", "Sealed", "seal", "validate"]
