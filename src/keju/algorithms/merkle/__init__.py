"""Append-only Merkle log: hashing and proofs of RFC 6962, signed checkpoints of C2SP."""

from keju.algorithms.merkle.note import (
    Checkpoint,
    NoteRefused,
    Signer,
    Verifier,
    add_signature,
    checkpoint_body,
    open_checkpoint,
    sign_checkpoint,
)
from keju.algorithms.merkle.proofs import (
    consistency_proof,
    inclusion_proof,
    verify_consistency,
    verify_inclusion,
)
from keju.algorithms.merkle.tree import EMPTY_ROOT, Frontier, Node, leaf_hash, node_hash, root

__all__ = [
    "EMPTY_ROOT",
    "Checkpoint",
    "Frontier",
    "Node",
    "NoteRefused",
    "Signer",
    "Verifier",
    "add_signature",
    "checkpoint_body",
    "consistency_proof",
    "inclusion_proof",
    "leaf_hash",
    "node_hash",
    "open_checkpoint",
    "root",
    "sign_checkpoint",
    "verify_consistency",
    "verify_inclusion",
]
