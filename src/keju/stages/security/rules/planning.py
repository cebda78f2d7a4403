"""Implementation plans of bodies (P5.1): what they must say, and who approves. Pure."""

from collections.abc import Iterator

from keju.rulebook import Refusal, rule

LEADERS = {"centre": "committee_member", "region": "region_leader", "point": "point_leader"}
"""The role that approves the plan of an office of the kind: P5.1 asks each level for one, its leader answers for it."""


@rule("P5.1")
def approver(kind: str) -> str | None:
    """The role whose signature approves the plan; None where an office of the kind makes none."""
    return LEADERS.get(kind)


@rule("P5.1")
def check_plan_text(clause: str, title: str, text: str, has_file: bool) -> Iterator[Refusal]:
    """A plan has a title, and a text or a file."""
    if not title.strip():
        yield Refusal(clause, "security_plan_title", field="title")
    if not text.strip() and not has_file:
        yield Refusal(clause, "security_plan_empty", field="text")
