"""When the leader of a region may let a site open although a rule is red. Pure."""

from collections.abc import Collection, Iterator

from keju.rulebook import Refusal, rule

LONGEST = 500


@rule("V1.5")
def check_override(
    wanted: Collection[str], red: Collection[str], allowed: Collection[str] | None, reason: str
) -> Iterator[Refusal]:
    """Only what is red is overridden, only where the programme allows it (None: anywhere), and never without a reason."""
    if not wanted:
        yield Refusal("V1.5", "readiness_nothing_chosen", field="rules")
    for one in sorted(wanted):
        if one not in red:
            yield Refusal(one, "readiness_not_red", {"clause": one}, field="rules")
        elif allowed is not None and one not in allowed:
            yield Refusal(one, "readiness_not_overridable", {"clause": one}, field="rules")
    if not reason.strip():
        yield Refusal("V1.5", "readiness_no_reason", field="reason")
    if len(reason) > LONGEST:
        yield Refusal("V1.5", "readiness_reason_long", {"limit": LONGEST}, field="reason")
