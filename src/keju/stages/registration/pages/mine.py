"""A candidate's first page: every exam with the steps of the year, the present one open."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_safe

from keju.kernel.calendar import CHINA, now
from keju.kernel.exams import queries as exams
from keju.kernel.exams.access import Request, actor, candidate_page
from keju.kernel.exams.models import Exam
from keju.kernel.notices.queries import messages
from keju.kernel.offices import Actor
from keju.rulebook.words import Words, t
from keju.stages.registration import documents, queries


@dataclass
class Step:
    """As the part `stepper` shows it; `fragment`: where the stage itself says more."""

    title: Words
    state: str = "later"
    detail: object = ""
    at: datetime | None = None
    until: datetime | None = None
    bring: list[Words] = field(default_factory=list)
    place: Any = None
    url: str = ""
    action: Words | str = ""
    fragment: str = ""


@require_safe
@candidate_page
def mine(request: Request) -> HttpResponse:
    """The exams of the candidate, and those they could register for."""
    by = actor(request)
    found = []
    for exam in exams.exams():
        own = queries.own(viewer=by, exam=exam)
        _, draft = queries.draft(viewer=by, exam=exam)
        closed = queries.window_refusals(exam=exam, at=now(exam))
        if own is None and not draft and closed and found:
            continue  # past years that one had no part in
        told = messages(viewer=by, exam=exam)
        found.append(
            {
                "exam": exam,
                "own": own,
                "number": queries.number_of(exam, own.pk) if own else "",
                "steps": steps(exam, own, bool(draft), by),
                "messages": told[:3],
                "unread": sum(1 for m in told if m.read_at is None),
            }
        )
    return render(request, "registration/mine.html", {"found": found})


def steps(exam: Exam, own: Any, draft: bool, by: Actor) -> list[Step]:
    """Register, confirm, reviewed, ticket, result, certificate; exactly one is current unless it ended badly."""
    live = own is not None and own.state != "withdrawn"
    known = exams.milestones(exam, own.office_path if own else "/")
    at = now(exam)
    passed = {key for key, when in known.items() if when <= at}
    register = _register(exam, own if live else None, draft, known, at)
    later = [
        Step(t("现场确认", "Confirm in person"), until=known.get("confirmation_ends")),
        Step(t("资格审核", "Reviewed")),
        Step(t("准考证", "Ticket")),
        Step(t("成绩", "Result")),
        Step(t("资格证书", "Certificate")),
    ]
    confirm, review, ticket, result, certificate = later
    if not live:
        confirm.until = None
        return [register, *later]
    for step, stage in zip(later[1:], ("review", "tickets", "results", "certificates"), strict=True):
        if own.state == "confirmed" or (own.state == "rejected" and stage == "review"):
            step.fragment = _address(f"{stage}-step", exam)
    if own.state == "submitted":
        _confirm(exam, own, confirm, known)
        return [register, *later]
    confirm.state, confirm.until = "done", None
    confirm.at = own.decided_at if own.state == "confirmed" else None
    if own.state == "rejected":
        review.state, review.at = "late", own.decided_at
        review.detail = t(
            "未通过：{why}。有疑问的，请向确认考点询问；已缴费的，在“我的报名”里点“缴费和退费”查看退费。",
            "Refused: {why}. If you think that is wrong, ask the point where you confirmed. If you paid, “Fee and"
            " refund” in “My registration” tells about your money.",
        ).format(why=own.reason.rstrip("。. "))
        return [register, *later]
    review.state = "done" if "tickets_generated" in passed else "current"
    if review.state == "current":
        review.detail = t(
            "考区正在复核，结果会发到这里的消息里。您现在不用做什么。",
            "The region is reviewing. The outcome comes as a message; there is nothing for you to do now.",
        )
    _later(exam, passed, known, (ticket, result, certificate))
    return [register, *later]


def _register(exam: Exam, own: Any, draft: bool, known: dict[str, datetime], at: datetime) -> Step:
    step = Step(t("网上报名", "Register online"))
    if own is not None:
        step.state, step.at = "done", own.submitted_at
        step.detail = t("报名号 {n}", "Registration number {n}").format(n=queries.number_of(exam, own.pk))
        step.url, step.action = _address("registration-own", exam), t("查看我的报名", "See my registration")
        return step
    closed = queries.window_refusals(exam=exam, at=at)
    step.state = "current"
    if closed:
        step.detail = closed[0].words(exams.programme(exam))
        return step
    step.until = known.get("registration_closes")
    last = exams.public_calendar(exam).get("registration_closes")
    if step.until is None and last:
        step.detail = t(
            "各考区截止时间不同，最晚的是{last}。", "Each region closes on its own day, the last on {last}."
        ).format(last=last.astimezone(CHINA))
    step.url = _address("registration-start", exam)
    step.action = t("继续填写", "Go on") if draft else t("开始报名", "Register")
    if draft:
        saved = t("您填写的内容已保存，还没有提交。", "What you entered is saved and not yet submitted.")
        step.detail = t("{saved}{more}", "{saved} {more}").format(saved=saved, more=step.detail)
    return step


def _confirm(exam: Exam, own: Any, step: Step, known: dict[str, datetime]) -> None:
    step.state = "current"
    step.detail = t(
        "本人带齐材料到所选考点确认，并缴纳考务费。逾期不确认，报名无效。",
        "Go to your point yourself with the papers and pay the fee. A registration that is not confirmed in time lapses.",
    )
    opens = known.get("confirmation_opens")
    if opens:
        step.detail = t("{what}（{opens}起）", "{what} (from {opens})").format(
            what=step.detail, opens=opens.astimezone(CHINA)
        )
    step.place = exams.opening(exam, own.point_code)
    step.bring = documents.materials(exams.programme(exam), own.route)
    step.url, step.action = _address("fees-mine", exam), t("怎样缴费", "How to pay")


def _later(exam: Exam, passed: set[str], known: dict[str, datetime], steps: tuple[Step, Step, Step]) -> None:
    """The stages after the review: by the year's milestones, with links where the stage has a page."""
    marks = ("tickets_opened", "results_released", "certificates_granted")
    pages = ("tickets-mine", "results-mine", "certificates-mine")
    actions = (
        t("打印准考证", "Print my ticket"),
        t("查询成绩", "See my result"),
        t("查看证书", "My certificate"),
    )
    reached = [mark in passed for mark in marks]
    for n, (step, mark) in enumerate(zip(steps, marks, strict=True)):
        if reached[n]:
            step.state = "done" if any(reached[n + 1 :]) else "current"
            step.at = known[mark]
            step.url, step.action = _address(pages[n], exam), actions[n]


def _address(name: str, exam: Exam) -> str:
    try:
        return reverse(name, kwargs={"exam": exam.slug})
    except NoReverseMatch:
        return ""
