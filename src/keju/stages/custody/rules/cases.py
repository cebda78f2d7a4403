"""Damage, theft, leak: what is told to whom, who treats it and how, and who is kept apart (V12.5, V12.6). Pure."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum

from keju.rulebook import Refusal, rule
from keju.rulebook.words import Words, t


class CaseKind(StrEnum):
    """`damage`: an unsealed or damaged bag (V12.6.1). `incident`: theft, destruction or leak (V12.5). `key`: a key of a store is
    lost, and its lock opens to whoever finds it (V12.2.4)."""

    DAMAGE = "damage"
    INCIDENT = "incident"
    KEY = "key"


class Sort(StrEnum):
    """What happened."""

    UNSEALED = "unsealed"
    DAMAGED = "damaged"
    THEFT = "theft"
    LOSS = "loss"
    LEAK = "leak"
    MISSING = "missing"
    KEY_LOST = "key_lost"


SORTS: Mapping[CaseKind, tuple[Sort, ...]] = {
    CaseKind.DAMAGE: (Sort.UNSEALED, Sort.DAMAGED),
    CaseKind.INCIDENT: (Sort.MISSING, Sort.THEFT, Sort.LOSS, Sort.LEAK),
    CaseKind.KEY: (Sort.KEY_LOST,),
}
STEPS: Mapping[str, Words] = {  # of an incident, in the order of the clause; each at once
    "local_authority": t("报告当地政府", "Local authority told"),
    "secrecy_authority": t("报告保密部门", "Secrecy authority told"),
    "emergency_plan": t("启动本级应急预案", "Emergency plan of this level started"),
    "scene": t("保护现场", "Scene protected"),
    "police": t("报警", "Police called"),
}
KEY_STEPS: Mapping[
    str, Words
] = {  # of a lost key; the lock stands open to whoever finds it until it is another one
    "watched": t("换锁前门口不离人", "The door under watch until the lock is another one"),
    "checked": t("核对试卷和封条", "Papers and seals checked"),
    "lock_changed": t("换锁", "Lock changed"),
}
STEPS_OF: Mapping[CaseKind, Mapping[str, Words]] = {
    CaseKind.DAMAGE: {},
    CaseKind.INCIDENT: STEPS,
    CaseKind.KEY: KEY_STEPS,
}


def sort_of(flaw: str) -> str:
    """What a case about an exception of a handover most likely is; "" where only a person can say."""
    return {"missing": Sort.MISSING, "broken": Sort.UNSEALED, "other_seal": Sort.UNSEALED}.get(flaw, "")


@rule("V12.6.1", "V12.6.2", "V12.5")
def check_report(
    kind: CaseKind, sort: Sort, words: str, containers: int, photos: int, inside: Sequence[str]
) -> Iterator[Refusal]:
    """Whether a case says what it has to. `inside`: codes of containers that lie in another."""
    if sort not in SORTS[kind]:
        raise ValueError(f"{sort} is no {kind}")
    clause = {CaseKind.DAMAGE: "V12.6.1", CaseKind.INCIDENT: "V12.5", CaseKind.KEY: "V12.2.4"}[kind]
    if not words.strip():
        yield Refusal(clause, "custody_case_words", field="words")
    if kind is CaseKind.DAMAGE:
        if not containers:
            yield Refusal(clause, "custody_case_containers", field="codes")
        if not photos:
            yield Refusal("V12.6.2", "custody_case_photo_before", field="photos")
        if inside:
            yield Refusal("V12.6.1", "custody_case_inside", {"containers": "、".join(inside)}, field="codes")


@rule("V12.5")
def check_repeat(before: int | None) -> Iterator[Refusal]:
    """An incident is told once. `before`: the number of the case in which the same person told the very same just now."""
    if before is not None:
        yield Refusal("V12.5", "custody_case_told", {"case": str(before)}, field="words")


@rule("V12.6.1", "V11.3.3")
def check_instruct(case_path: str, by_path: str, is_own: bool, instruction: str) -> Iterator[Refusal]:
    """The superior instructs, not the office itself; at the top, somebody other than who reported."""
    superior = case_path != by_path and case_path.startswith(by_path)
    if not superior and not (case_path == by_path == "/" and not is_own):
        yield Refusal("V12.6.1", "custody_case_superior")
    if not instruction.strip():
        yield Refusal("V12.6.1", "custody_case_instruction", field="instruction")


@rule("V12.6.1", "V12.6.2")
def check_treatment(
    *,
    approved: bool,
    words: str,
    people: Collection[int],
    least: int,
    unappointed: Sequence[str],
    photos: int,
    stamped: bool,
    seals: Mapping[str, tuple[str, str]],
) -> Iterator[Refusal]:
    """Whether a case may be treated so. `seals`: container's code → (the broken seal, the new one)."""
    if not approved:
        yield Refusal("V12.6.1", "custody_case_unapproved")
    if not words.strip():
        yield Refusal("V12.6.1", "custody_case_words", field="words")
    if len(set(people)) < least:
        yield Refusal("V12.6.1", "custody_case_people", {"n": len(set(people)), "min": least}, field="people")
    if unappointed:
        yield Refusal(
            "V12.6.1", "custody_case_unappointed", {"names": "、".join(unappointed)}, field="people"
        )
    if not photos:
        yield Refusal("V12.6.2", "custody_case_photo_after", field="photos")
    if not stamped:
        yield Refusal("V12.6.2", "custody_case_stamp", field="stamped")
    new = [after.strip() for _, after in seals.values()]
    bad = [code for code, (before, after) in seals.items() if not after.strip() or after.strip() == before]
    if bad or len(set(new)) < len(new):
        yield Refusal(
            "V12.6.2", "custody_case_seal", {"containers": "、".join(bad or sorted(seals))}, field="seals"
        )


@rule("V12.6.1")
def check_closing(treated: bool, cause: str, handling: str) -> Iterator[Refusal]:
    """The region reports cause and handling to the centre, once it is treated."""
    if not treated:
        yield Refusal("V12.6.1", "custody_case_untreated")
    if not cause.strip() or not handling.strip():
        yield Refusal("V12.6.1", "custody_case_cause", field="handling" if cause.strip() else "cause")


@rule("V12.5", "V12.2.4")
def check_findings(
    kind: CaseKind, missing: Sequence[str], findings: str, *, has_new_key: bool = True
) -> Iterator[Refusal]:
    """An incident is closed with findings after every step was taken; a lost key when its lock has another one, too."""
    clause = "V12.2.4" if kind is CaseKind.KEY else "V12.5"
    if missing:
        yield Refusal(clause, "custody_case_steps", {"steps": step_names(kind, missing)})
    if kind is CaseKind.KEY and not has_new_key:
        yield Refusal(clause, "custody_case_new_key")
    if not findings.strip():
        yield Refusal(clause, "custody_case_findings", field="findings")


def step_names(kind: CaseKind, steps: Sequence[str]) -> Words:
    """What these steps are called, in a row."""
    names = [STEPS_OF[kind][step] for step in steps]
    return t("、".join(n.zh for n in names), ", ".join(n.en for n in names))


@rule("V12.5", "V12.2.4")
def check_taken(kind: CaseKind, words: str, happened_at: datetime, at: datetime) -> Iterator[Refusal]:
    """A step was taken before it is entered; of a lost key it says who did it."""
    clause = "V12.2.4" if kind is CaseKind.KEY else "V12.5"
    if happened_at > at:
        yield Refusal(clause, "custody_case_later", field="happened_at")
    if kind is CaseKind.KEY and not words.strip():
        yield Refusal(clause, "custody_case_who", field="words")


@rule("V12.6.3")
def check_isolation(name: str, companion: str, place: str, devices: str) -> Iterator[Refusal]:
    """Who saw questions is housed, accompanied by a discipline officer, and has handed in what transmits. `companion`: their
    name, "" where nobody of the register holds such a post in force."""
    if not name.strip():
        yield Refusal("V12.6.3", "custody_isolation_name", field="name")
    if not companion.strip() or companion.strip() == name.strip():
        yield Refusal("V12.6.3", "custody_isolation_companion", field="companion_id")
    if not place.strip():
        yield Refusal("V12.6.3", "custody_isolation_place", field="place")
    if not devices.strip():
        yield Refusal("V12.6.3", "custody_isolation_devices", field="devices")


@rule("V12.6.3")
def check_isolation_end(at: datetime, last_session_ends: datetime | None) -> Iterator[Refusal]:
    """Not before the last session ends."""
    if last_session_ends is None or at < last_session_ends:
        yield Refusal("V12.6.3", "custody_isolation_early", {"ends": last_session_ends or "—"})
