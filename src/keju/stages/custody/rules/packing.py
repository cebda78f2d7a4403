"""Opening boxes in the store, counting, and repacking by point (V11.2.2). Pure."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date

from keju.rulebook import Refusal, rule
from keju.stages.custody.rules.chain import State
from keju.stages.custody.rules.places import Spot, read

NAMED = 5


@rule("V11.2.2")
def check_boxes(boxes: Mapping[str, State], office: str) -> Iterator[Refusal]:
    """Boxes (code → as it stands) are opened in a store, by the office in whose custody they are there."""
    if not boxes:
        yield Refusal("V11.2.2", "custody_pack_nothing", field="boxes")
    elsewhere = [
        code
        for code, state in boxes.items()
        if state.custodian != office or not state.place or read(state.place).spot != Spot.STORE
    ]
    if elsewhere:
        yield Refusal("V11.2.2", "custody_open_elsewhere", {"containers": _named(elsewhere)}, field="boxes")


@rule("V11.2.2")
def check_scanned(expected: Collection[str], scanned: Sequence[str]) -> Iterator[Refusal]:
    """Exactly what the boxes hold was scanned, each once."""
    for code, wrong in (
        ("custody_scan_missing", set(expected) - set(scanned)),
        ("custody_scan_unknown", set(scanned) - set(expected)),
        ("custody_scan_twice", {one for one, times in Counter(scanned).items() if times > 1}),
    ):
        if wrong:
            yield Refusal("V11.2.2", code, {"containers": _named(wrong)}, field="scanned")


@rule("V11.2.2", "V11.2.3")
def check_hands(
    receivers: Sequence[int],
    officer: int | None,
    able: Collection[int],
    officers: Collection[int],
    least: int,
) -> Iterator[Refusal]:
    """Who unpacks and repacks are the receivers whom the rule names, so many of them, and a confidential officer who only
    watches. `able`, `officers`: who holds such a post in force, trained."""
    different = set(receivers)
    if len(different & set(able)) < least or different - set(able):
        facts = {"min": least, "n": len(different & set(able))}
        yield Refusal("V11.2.2", "custody_pack_receivers", facts, field="receiver_1")
    if officer is None or officer not in officers or officer in different:
        yield Refusal("V11.2.2", "custody_pack_officer", field="officer")


@rule("V11.2.3")
def check_day(kind: str, on: date, exam_days: Collection[date]) -> Iterator[Refusal]:
    """At a point packs are opened and packed anew before the exam; on its days they are opened in the seal room alone."""
    if kind == "point" and on in exam_days:
        yield Refusal("V11.2.3", "custody_pack_exam_day", field="boxes")


@rule("V11.2.2", "V15.2")
def by_half_day(bags: Mapping[int, tuple[str, int]]) -> dict[tuple[str, int], list[int]]:
    """Bag → (site, session), as (site, session) → its bags, in order: a pack goes to one point, and is drawn for one
    half-day of one of its sites without touching another's."""
    found: dict[tuple[str, int], list[int]] = {}
    for pk, serves in sorted(bags.items(), key=lambda pair: (pair[1], pair[0])):
        found.setdefault(serves, []).append(pk)
    return found


def _named(codes: Collection[str]) -> str:
    shown = "、".join(sorted(codes)[:NAMED])
    return f"{shown} … ({len(codes)})" if len(codes) > NAMED else shown
