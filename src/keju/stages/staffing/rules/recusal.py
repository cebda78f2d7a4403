"""Recusal (V2.9, P1.2, V10.2.6): what a declaration must say, and when a hit may be decided how. Pure."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from keju.algorithms.identity import (
    DOCUMENT_KINDS,
    REASONS,
    Document,
    IdentityRefused,
    check_document,
)
from keju.rulebook import Refusal, rule
from keju.rulebook.words import Words, t

CLAUSES = ("V2.9", "P1.2", "V10.2.6")
MOST_RELATIVES = 40
LINK, PAPER = "link", "paper"
RELATIONS: dict[str, Words] = {
    "spouse": t("配偶", "Spouse"),
    "child": t("子女", "Child"),
    "parent": t("父母", "Parent"),
    "grandchild": t("孙子女、外孙子女", "Grandchild"),
    "grandparent": t("祖父母、外祖父母", "Grandparent"),
    "sibling": t("兄弟姐妹", "Brother or sister"),
    "in_law": t("配偶的父母、子女的配偶", "Spouse's parent, child's spouse"),
    "interested": t("其他利害关系人", "Another interested party"),
}
OWN_WORDS = t("本人", "In person")
RELATION_WORDS: dict[str, Words] = {"self": OWN_WORDS, **RELATIONS}
STATEMENT = t(
    "本人知悉：接收、运送、保管试卷以及参加考试实施的人员，本人不得参加本年度考试，配偶、直系亲属也不得参加。"
    "本人承诺以上申报真实、完整；申报后情况有变化的，立即报告；需要回避的，主动回避。",
    "I know that whoever receives, transports or keeps papers or runs the exam day may not sit this year's exam, nor"
    " have a spouse or direct relative sitting it. What I declare is true and complete; I report every change at once,"
    " and step back where I must.",
)
MISTAKEN, ENDED, WITHDRAWN = "mistaken", "ended", "withdrawn"
CAUSES: dict[str, Words] = {
    MISTAKEN: t("经核实不是同一人，或证件号码有误", "Looked into: another person, or a wrong number"),
    ENDED: t("该人员已不担任任何岗位", "The member holds no post any more"),
    WITHDRAWN: t("考生已退出或未通过审核", "The candidate withdrew or was refused"),
}


def statement_hash() -> str:
    """Which text is signed: SHA-256 of both its languages."""
    return hashlib.sha256(f"{STATEMENT.zh}\n{STATEMENT.en}".encode()).hexdigest()


@dataclass(frozen=True)
class NewRelative:
    """A relative as typed."""

    relation: str
    name: str
    identity: str
    document_kind: str = "resident"
    country: str = "CHN"


@dataclass(frozen=True)
class NewDeclaration:
    """What one member declares. `nobody`: the statement that there is no such relative; `address`: where they live, compared and
    not kept. The services fill in `way` and `scan`, the SHA-256 of the signed paper."""

    member_id: int
    nobody: bool
    relatives: tuple[NewRelative, ...] = ()
    pledge: bool = False
    address: str = ""
    way: str = LINK
    scan: str = ""


def document_of(relative: NewRelative, today: date | None = None) -> Document | IdentityRefused:
    """The document that is meant, or why there can be none of that number."""
    if relative.document_kind not in DOCUMENT_KINDS:
        return IdentityRefused("characters")
    try:
        return check_document(relative.document_kind, relative.identity, relative.country, today=today)
    except IdentityRefused as refused:
        return refused


@rule("V2.9", "P1.2", "V10.2.6")
def check_declaration(new: NewDeclaration, own_number: str, today: date) -> Iterator[Refusal]:
    """Each relative is named with relation and a number that exists, once, or it is stated that there is none; signed."""
    if new.nobody == bool(new.relatives):
        yield Refusal("V2.9", "recusal_both" if new.nobody else "recusal_unsaid", field="nobody")
    if len(new.relatives) > MOST_RELATIVES:
        yield Refusal("V2.9", "recusal_too_many", {"most": MOST_RELATIVES})
        return
    seen: set[tuple[str, str, str]] = set()
    for row, relative in enumerate(new.relatives, start=1):
        yield from _check_relative(row, relative, own_number, today, seen)
    if not new.pledge:
        yield Refusal("V2.9", "recusal_unsigned", field="pledge")
    if new.way not in (LINK, PAPER) or (new.way == PAPER) != bool(new.scan):
        yield Refusal("V2.9", "recusal_no_scan", field="scan")


def _check_relative(
    row: int, relative: NewRelative, own: str, today: date, seen: set[tuple[str, str, str]]
) -> Iterator[Refusal]:
    if relative.relation not in RELATIONS:
        yield Refusal("V2.9", "recusal_relation", {"row": row}, field=f"relation_{row}")
    if not relative.name.strip():
        yield Refusal("V2.9", "recusal_name", {"row": row}, field=f"name_{row}")
    document = document_of(relative, today)
    field = f"identity_{row}"
    if isinstance(document, IdentityRefused):
        yield Refusal("V2.9", "recusal_number", {"row": row, "why": t(*REASONS[document.code])}, field=field)
        return
    key = (document.kind, document.country, document.number)
    if document.is_numbered and document.number == own:
        yield Refusal("V2.9", "recusal_oneself", {"row": row}, field=field)
    elif key in seen:
        yield Refusal("V2.9", "recusal_twice", {"row": row}, field=field)
    seen.add(key)


@dataclass(frozen=True)
class Standing:
    """How a hit stands when somebody decides: where the member belongs, living posts, whether the candidate still sits.

    `entries`: the ids by which the member is known as a person.
    """

    office_path: str
    entries: frozenset[int]
    posts: int
    sits: bool


@rule("V2.9", "P1.2")
def check_decider(standing: Standing, office_path: str, person_id: int | None) -> Iterator[Refusal]:
    """Somebody above decides, never the member; where nobody is above, the nation."""
    above = standing.office_path.startswith(office_path or "-") and standing.office_path != office_path
    if not above and office_path != "/":
        yield Refusal("V2.9", "recusal_not_above")
    if person_id in standing.entries:
        yield Refusal("V2.9", "recusal_own_case")


@rule("V2.9", "P1.2")
def check_decision(standing: Standing, *, uphold: bool, cause: str, reason: str) -> Iterator[Refusal]:
    """A release names a cause that is true now; every decision says why."""
    if not reason.strip():
        yield Refusal("V2.9", "recusal_no_reason", field="reason")
    if uphold:
        return
    if cause not in CAUSES:
        yield Refusal("V2.9", "recusal_no_cause", field="cause")
    elif cause == ENDED and standing.posts:
        yield Refusal("V2.9", "recusal_not_ended", {"count": standing.posts}, field="cause")
    elif cause == WITHDRAWN and standing.sits:
        yield Refusal("V2.9", "recusal_still_sits", field="cause")


@rule("V2.9", "P1.2", "V10.2.6")
def check_declared(names: Sequence[str]) -> Iterator[Refusal]:
    """Nobody takes up a post that wants recusal without having declared: `names` of those who have not."""
    if names:
        yield Refusal("V2.9", "recusal_undeclared", {"count": len(names), "names": "、".join(names[:5])})


@rule("P3.1", "P6.2")
def check_accountability(known: bool, rule_: str, what: str, measure: str) -> Iterator[Refusal]:
    """Who is held to account, for what, by which clause, with what following from it."""
    if not known:
        yield Refusal("P3.1", "accountability_rule", {"rule_": rule_}, field="rule")
    if not what.strip():
        yield Refusal("P3.1", "accountability_what", field="what")
    if not measure.strip():
        yield Refusal("P3.1", "accountability_measure", field="measure")
