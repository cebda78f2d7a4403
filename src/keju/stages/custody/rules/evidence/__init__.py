"""Evidence files: what one says, and whether it is true, told without a database or a network. Pure."""

from keju.stages.custody.rules.evidence.checking import FORMAT, Finding, check
from keju.stages.custody.rules.evidence.package import (
    Checked,
    UnusableKeys,
    check_package,
    read_keys,
    sealed,
)

__all__ = ["FORMAT", "Checked", "Finding", "UnusableKeys", "check", "check_package", "read_keys", "sealed"]
