"""What an evidence file says: the chain with its proofs, and what else is known of the containers."""

from keju.stages.custody.queries.evidence.chain import About, NotYet, about, chain
from keju.stages.custody.queries.evidence.former import former
from keju.stages.custody.queries.evidence.whole import evidence

__all__ = ["About", "NotYet", "about", "chain", "evidence", "former"]
