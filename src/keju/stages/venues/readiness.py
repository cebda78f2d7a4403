"""Chapter 14 on the readiness board: rooms as they were entered, and what people looked at."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices.queries import path_of
from keju.kernel.readiness import AMBER, GREEN, GREY, MUST, PRINCIPLE, RED, Row, State, is_site, provides
from keju.rulebook import Refusal
from keju.rulebook.refusals import Strength
from keju.rulebook.words import Words, t
from keju.stages.venues import queries

STATES: dict[str, State] = {"late": RED, "soon": AMBER, "done": GREEN, "none": GREY}
FEW = 5
WANTING = t("查看时发现问题：{what}", "Found wanting: {what}")
UNSEEN = t("还没有查看：{what}", "Not looked at yet: {what}")
OF_ROOMS = t("{what}（{all}个房间中{n}个）", "{what} ({n} of {all:room|rooms})")
SHAPE = t("{n}个房间不合要求，如：{what}", "{n:room does|rooms do} not fit, such as: {what}")
SHORT = t("还差{n}个座位", "{n:place is|places are} lacking")


@provides("V14.1", "V14.4", "V14.5", "V14.7.4", "V15.1.2", "V15.1.6", "P2.1", strength=MUST)
def attested(exam: Exam, path: str, at: datetime) -> Iterator[Row]:
    """What people look at and answer for. Only what is enforced closes the gate."""
    clauses = exams.programme(exam).rules
    for found in queries.watched(exam, path, at):
        clause = clauses.get(found.item.rule)
        strength = MUST if clause is not None and clause.kind == "enforce" else PRINCIPLE
        rows = (
            _rooms(found, strength)
            if found.item.of == "room" and is_site(path)
            else [_whole(found, strength)]
        )
        yield from rows


@provides("V14.2", "V14.5", "V11.2.3", strength=MUST)
def entered(exam: Exam, path: str, at: datetime) -> Iterator[Row]:
    """Each room's desks and gaps as entered; spare rooms in proportion, a rest room, a seal room."""
    programme = exams.programme(exam)
    for found in queries.entered(exam, path, at):
        for n, room, refusal in found.shapes:
            words = SHAPE.format(n=n, what=refusal.words(programme))
            yield _entry(found, "V14.5", words, lacking=n, rooms=(room,))
        if not found.shapes:
            yield _entry(found, "V14.5")
        for rule in ("V14.2", "V11.2.3"):
            wanting = [refusal for refusal in found.support if refusal.rule == rule]
            yield _entry(found, rule, _joined(exam, wanting), lacking=len(wanting))


@provides("V14.7.1", strength=MUST)
def capacity(exam: Exam, path: str, at: datetime) -> Iterator[Row]:
    """Reported hosts still hold those assigned to them, however many were confirmed since."""
    hosts = {site.point_code for site in queries.sites_of_hosts(exam, path) if site.reported_at is not None}
    short = queries.short_hosts(exam, hosts)
    for point in sorted(hosts):
        n = short.get(point, 0)
        yield Row(
            path_of(point), RED if n else GREEN, SHORT.format(n=n) if n else None, "venues-home", lacking=n
        )


def _rooms(found: queries.Watched, strength: Strength) -> Iterator[Row]:
    for number, seen in found.seen.items():
        state = STATES[found.state(seen)]
        yield _row(found, state, seen, lacking=int(not seen), room=number, strength=strength)


def _whole(found: queries.Watched, strength: Strength) -> Row:
    wanting, unseen = found.things(False), found.things(None)
    concerned = wanting or unseen
    rooms = tuple(n for n in concerned[:FEW] if n is not None)
    worst = False if wanting else None if unseen else True
    return _row(
        found,
        STATES[found.state()],
        worst,
        lacking=len(wanting) + len(unseen),
        rooms=rooms,
        strength=strength,
    )


def _row(found: queries.Watched, state: State, seen: bool | None, *, lacking: int, **more: Any) -> Row:
    words: Words | None = None
    if state in (RED, AMBER):
        words = (UNSEEN if seen is None else WANTING).format(what=found.item.words)
        if found.item.of == "room" and "room" not in more:
            words = OF_ROOMS.format(what=words, n=lacking, all=len(found.seen))
    return Row(
        found.site.office_path,
        state,
        words,
        "venues-checklist",
        {"site": found.site.code},
        mends="venues:checklist:attest",
        lacking=lacking,
        rule=found.item.rule,
        **more,
    )


def _entry(found: queries.Entered, rule: str, words: Words | None = None, **more: Any) -> Row:
    return Row(
        found.site.office_path,
        GREEN if words is None else STATES[found.state],
        words,
        "venues-site",
        {"site": found.site.code},
        mends="venues:site:edit",
        rule=rule,
        **more,
    )


def _joined(exam: Exam, refusals: Iterable[Refusal]) -> Words | None:
    said = [refusal.words(exams.programme(exam)) for refusal in refusals]
    return t("".join(w.zh for w in said), " ".join(w.en for w in said)) if said else None
