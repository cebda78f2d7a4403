"""The rehearsal's own proof: recomputed from the database after everything ran; none trusts what a step returned."""

from keju.kernel.offices import Actor, acting
from keju.web.rehearsal.proof.checks import PROOFS, Check
from keju.web.rehearsal.proof.papers import papers
from keju.web.rehearsal.world import World

__all__ = ["Check", "prove"]


def prove(world: World, stages: list[str]) -> list[Check]:
    """Every check of the stages that ran."""
    with acting(Actor.system("prover")):
        found = [check for stage, prover in PROOFS if stage in stages for check in prover(world)]
        return found + (list(papers(world)) if world.papers is not None else [])
