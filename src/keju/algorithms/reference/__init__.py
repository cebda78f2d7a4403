"""The short code by which a transfer names what it is for. Registration hands it out; fees finds it in bank statements."""

from keju.algorithms.reference.codes import FEE, REFUND, readable, reference, references

__all__ = ["FEE", "REFUND", "readable", "reference", "references"]
