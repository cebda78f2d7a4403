"""Chapter 17, results. Pure: lines, levels, what a line would mean, votes, the hash of what is released."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

from keju.rulebook import Refusal, rule

#: {(category, level): points needed}
Lines = Mapping[tuple[str, str], int]
#: {category: {total: candidates}}
Totals = Mapping[str, Mapping[int, int]]
#: registration, ticket, category, total, subjects, level, absent sessions
ResultLine = tuple[int, str, str, int, Mapping[str, int], str, Sequence[int]]


@rule("V17.3")
def check_lines(
    lines: Lines, categories: Sequence[str], levels: Sequence[str], highest: Mapping[str, int]
) -> Iterator[Refusal]:
    """Every category has a line for every level, between 1 and all its points; a higher level's lies higher.

    `levels`: the highest first, as in the programme; `highest`: points that a category can reach.
    """
    wanted = {(category, level) for category in categories for level in levels}
    missing = sorted("/".join(key) for key in wanted - set(lines))
    unknown = sorted("/".join(key) for key in set(lines) - wanted)
    if not wanted or missing or unknown:
        yield Refusal("V17.3", "results_lines_incomplete", {"missing": missing, "unknown": unknown})
        return
    for category in categories:
        for level in levels:
            if not 1 <= lines[category, level] <= highest[category]:
                facts = {"category": category, "level": level, "highest": highest[category]}
                yield Refusal("V17.3", "results_line_range", facts, field=f"{category}-{level}")
        for above, below in pairwise(levels):
            if lines[category, above] <= lines[category, below]:
                facts = {"category": category, "above": above, "below": below}
                yield Refusal("V17.3", "results_line_order", facts, field=f"{category}-{above}")


@rule("V17.3")
def level_of(total: int, category: str, lines: Lines, levels: Sequence[str]) -> str:
    """The highest level whose line the total reaches; "" for none."""
    return next((level for level in levels if total >= lines[category, level]), "")


@rule("V17.3", "V1.2")
def impact(totals: Totals, lines: Lines, levels: Sequence[str]) -> dict[str, dict[str, int]]:
    """{category: {level: candidates whose highest level it would be, "": candidates who would pass none}}."""
    found: dict[str, dict[str, int]] = {}
    for category, counts in sorted(totals.items()):
        found[category] = dict.fromkeys([*levels, ""], 0)
        for total, n in counts.items():
            found[category][level_of(total, category, lines, levels)] += n
    return found


@rule("V17.3")
def proposal_digest(scores_digest: str, lines: Lines, found: Mapping[str, Mapping[str, int]]) -> str:
    """SHA-256 of what proposer and members see: the frozen scores, the lines, and what they would mean."""
    body = {"scores": scores_digest, "lines": plain_lines(lines), "impact": found}
    return hashlib.sha256(json.dumps(body, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


@rule("V17.3", "V1.1", "V1.2")
def check_vote(
    proposer: str, voter: str, *, already: bool, superseded: bool, decided: bool
) -> Iterator[Refusal]:
    """A member votes once on the latest proposal, and never on their own."""
    if decided:
        yield Refusal("V17.3", "results_decided_already")
    elif superseded:
        yield Refusal("V17.3", "results_superseded")
    if proposer == voter:
        yield Refusal("V1.2", "results_own_proposal")
    if already:
        yield Refusal("V17.3", "results_voted_already")


@rule("V17.3", "V1.1")
def check_quorum(
    approvals: int, refusals: int, quorum: int, *, superseded: bool = False, proposer_decides: bool = False
) -> Iterator[Refusal]:
    """The line is decided when the quorum approved the latest proposal and more members approved than refused."""
    if proposer_decides:
        yield Refusal("V1.2", "results_own_proposal")
    if superseded:
        yield Refusal("V17.3", "results_superseded")
    if approvals < quorum:
        yield Refusal("V17.3", "results_no_quorum", {"approvals": approvals, "quorum": quorum})
    elif approvals <= refusals:
        yield Refusal("V17.3", "results_not_carried", {"approvals": approvals, "refusals": refusals})


@rule("V17.1.3", "V17.3")
def check_release(*, frozen: bool, decided: bool, same_scores: bool, untouched: bool) -> Iterator[Refusal]:
    """Results go out only from frozen scores, unaltered since, by a decided line on exactly those scores."""
    if not frozen:
        yield Refusal("V17.1.3", "results_not_frozen")
    elif not untouched:
        yield Refusal("V17.1.1", "results_scores_altered")
    if not decided:
        yield Refusal("V17.3", "results_no_line")
    elif frozen and not same_scores:
        yield Refusal("V17.3", "results_other_scores")


@rule("V17.4")
def check_recheck(accepted: bool) -> Iterator[Refusal]:
    """Requests to check a card again are not accepted, unless the programme says so."""
    if not accepted:
        yield Refusal("V17.4", "results_no_rechecks")


@rule("V17.2.1")
def check_register(*, released: bool, sent: bool) -> Iterator[Refusal]:
    """The register of passes is sent after the release, once."""
    if not released:
        yield Refusal("V17.2.1", "results_not_released")
    if sent:
        yield Refusal("V17.2.1", "results_register_sent")


@rule("V17.1.1")
def results_digest(results: Iterable[ResultLine]) -> str:
    """SHA-256 over the results in the order given (by registration): one changed digit changes it."""
    digest = hashlib.sha256()
    for line in results:
        digest.update(json.dumps(line, sort_keys=True, separators=(",", ":")).encode() + b"\n")
    return digest.hexdigest()


def plain_lines(lines: Lines) -> dict[str, dict[str, int]]:
    """{category: {level: points}}: how lines are stored."""
    found: dict[str, dict[str, int]] = {}
    for (category, level), points in sorted(lines.items()):
        found.setdefault(category, {})[level] = points
    return found


def lines_of(stored: Mapping[str, Mapping[str, int]]) -> dict[tuple[str, str], int]:
    """The lines again from how they are stored."""
    return {
        (category, level): points for category, levels in stored.items() for level, points in levels.items()
    }
