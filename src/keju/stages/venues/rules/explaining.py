"""Why a point's candidates sit where they do, in a sentence each. Pure."""

from collections.abc import Callable, Mapping

from keju.algorithms.siting import kilometres
from keju.rulebook import rule
from keju.rulebook.words import Words, t
from keju.stages.venues.rules.hosting import per_host
from keju.stages.venues.rules.proposing import Question, distances

SENT = t(
    "考生{n:,}人，不足{minimum}人，到{host}考试，{km}公里。",
    "{n:,} candidates, below {minimum}: they go to {host}, {km} km.",
)
SENT_AS_SETTLED = t(
    "考生{n:,}人，按考区指定到{host}考试，{km}公里。",
    "{n:,} candidates go to {host}, {km} km, as the region settled.",
)
SENT_FOR_PLACES = t(
    "考生{n:,}人，本地只有{seats:,}个座位，到{host}考试，{km}公里。",
    "{n:,} candidates, but places for {seats:,} only: they go to {host}, {km} km.",
)
SENT_FOR_FEWER = t(
    "考生{n:,}人，到{host}考试，{km}公里：路程短，不必多设一个考点。",
    "{n:,} candidates go to {host}, {km} km: too short a way to be worth one more host.",
)
SENT_ANYWAY = t("考生{n:,}人，到{host}考试，{km}公里。", "{n:,} candidates go to {host}, {km} km.")
ALONE = t("考生{n:,}人，在本地考试。", "{n:,} candidates, who stay here.")
HOST = t(
    "承考{all:,}人，来自{points}个考点，平均{average}公里。",
    "Hosts {all:,} candidates of {points:point|points}, who travel {average} km on average.",
)
SMALL_LONE = t(
    "承考{all:,}人，不足{minimum}人；考区没有其他承考考点。",
    "Hosts {all:,}, below {minimum}: the region has no other host.",
)
SMALL_FAR = t(
    "承考{all:,}人，不足{minimum}人；最近的其他承考考点是{other}，{km}公里。",
    "Hosts {all:,}, below {minimum}; the nearest other host is {other}, {km} km away.",
)
NOBODY = t("没有考生。", "No candidates.")


@rule("V6.1")
def explain(
    question: Question, assignment: Mapping[str, str], name: Callable[[str], Words]
) -> dict[str, Words]:
    """Point → why its candidates sit where the assignment says, proposed or made by hand; `name` of a code."""
    km = distances(question, assignment)
    sizes = per_host(assignment, question.counts)
    said = {}
    for point in question.points:
        host = assignment.get(point.code)
        if host is None or host not in sizes:
            continue
        own = host == point.code
        said[point.code] = (
            _host(question, assignment, point.code, sizes, km, name)
            if own
            else _guest(question, point.code, km.get(point.code, 0)).format(host=name(host))
        )
    return said


def _guest(question: Question, code: str, km: int) -> Words:
    n, seats, minimum = question.counts[code], question.seats.get(code), question.terms.minimum
    facts = {"n": n, "km": km, "minimum": minimum, "seats": seats}
    if n == 0:
        return NOBODY
    if code in question.wishes.sent or code in question.wishes.barred:
        return SENT_AS_SETTLED.format(**facts)
    if n < minimum:
        return SENT.format(**facts)
    if seats is not None and seats < n:
        return SENT_FOR_PLACES.format(**facts)
    worth_less = n * km <= question.terms.host_km
    return (SENT_FOR_FEWER if worth_less else SENT_ANYWAY).format(**facts)


def _host(
    question: Question,
    assignment: Mapping[str, str],
    code: str,
    sizes: Mapping[str, int],
    km: Mapping[str, int],
    name: Callable[[str], Words],
) -> Words:
    received = [p for p, to in assignment.items() if to == code and question.counts.get(p)]
    everybody, minimum = sizes[code], question.terms.minimum
    if everybody < minimum:
        facts = {"all": everybody, "minimum": minimum}
        others = [h for h in sizes if h != code]
        if not others:
            return SMALL_LONE.format(**facts)
        away, other = min((_between(question, code, h), h) for h in others)
        return SMALL_FAR.format(**facts, other=name(other), km=away)
    if received == [code]:
        return ALONE.format(n=everybody)
    travelled = sum(question.counts[p] * km[p] for p in received)
    average = f"{travelled / everybody:.0f}" if everybody else "0"
    return HOST.format(all=everybody, points=len(received), average=average)


def _between(question: Question, one: str, other: str) -> int:
    place = {p.code: n for n, p in enumerate(question.points)}
    return int(kilometres(question.points)[place[one], place[other]])
