"""Where a candidate stands in the wizard: the draft's answers, what is missing, and the submission they make."""

from dataclasses import dataclass, field
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from keju.kernel.audit import Stale
from keju.kernel.calendar import now
from keju.kernel.exams.access import Request, actor
from keju.rulebook.words import Words, t
from keju.stages.registration import queries, services
from keju.stages.registration.documents import FACTS_OF, NUMBERED
from keju.stages.registration.services import Submission

STEPS: dict[str, Words] = {
    "person": t("个人信息", "About you"),
    "category": t("类别和条件", "Category and route"),
    "route": t("报考资格", "Eligibility"),
    "point": t("报名考点", "Point"),
    "photo": t("照片", "Photo"),
    "pledge": t("承诺", "Pledge"),
}
REVIEW = t("核对并提交", "Check and submit")
#: where a step's answers stand in the draft
PARTS = {
    "person": "person",
    "category": "choice",
    "route": "facts",
    "point": "point",
    "photo": "photo",
    "pledge": "pledge",
}
ELSEWHERE = t(
    "您在另一个窗口里改过“{steps}”，两处填写的都已保存。",
    "You changed “{steps}” in another window; what you entered in both is saved.",
)


@dataclass
class Journey:
    """`answers` as saved, `version` of the draft (0: none yet), `own` the registration that counts, if any.

    The draft notes for each part of the answers at which version it was saved last, so that two windows at different steps
    do not stand in each other's way.
    """

    request: Request
    answers: dict[str, Any] = field(default_factory=dict)
    version: int = 0
    own: Any = None

    @classmethod
    def of(cls, request: Request) -> "Journey":
        exam, by = request.exam, actor(request)
        answers, version = queries.draft(viewer=by, exam=exam)
        return cls(request, answers, version, queries.own(viewer=by, exam=exam))

    @property
    def live(self) -> bool:
        return self.own is not None and self.own.state != "withdrawn"

    @property
    def editing(self) -> dict[str, int] | None:
        """The registration (id, version) that this draft changes."""
        found = self.answers.get("editing")
        return found if self.live and found == editing_of(self.own) else None

    @property
    def route(self) -> str:
        return self.answers.get("choice", {}).get("route", "")

    @property
    def has_no_facts(self) -> bool:
        """The route chosen asks for nothing here: papers at the counter prove it."""
        return bool(self.route) and self.route not in FACTS_OF

    def done(self, step: str) -> bool:
        a = self.answers
        return bool(
            {
                "person": a.get("person"),
                "category": a.get("choice"),
                "route": self.has_no_facts or (a.get("facts") and a.get("facts_route") == self.route),
                "point": a.get("point"),
                "photo": a.get("photo"),
                "pledge": a.get("pledge"),
            }[step]
        )

    @property
    def missing(self) -> list[str]:
        return [step for step in STEPS if not self.done(step)]

    def after(self, step: str) -> str:
        """The address to go on to: the next step, or the review once everything is there."""
        if not self.missing:
            return self.url("review")
        order = list(STEPS)
        later = order[order.index(step) + 1 :]
        return self.url(next((s for s in later if not self.done(s)), self.missing[0]))

    def url(self, step: str) -> str:
        return reverse("registration-step", kwargs={"exam": self.request.exam.slug, "step": step})

    def changed_since(self, version: object) -> list[str]:
        """The steps that another window saved after that version of the draft."""
        saved = self.answers.get("saved", {})
        try:
            seen = int(str(version))
        except ValueError:
            return list(STEPS)
        return [step for step, part in PARTS.items() if saved.get(part, 0) > seen]

    def save(self, step: str, **changes: Any) -> list[str]:
        """The step's answers are saved. Returns the steps that another window has saved since this page was opened.

        `Stale` where it saved this very step, or the route whose facts these are: one of the two has to be chosen.
        """
        seen = self.request.POST.get("version", "0")
        elsewhere = self.changed_since(seen)
        clash = {step} | ({"category"} if step == "route" else set())
        if clash & set(elsewhere) or not seen.isascii() or not seen.isdigit() or int(seen) > self.version:
            raise Stale
        saved = {**self.answers.get("saved", {}), PARTS[step]: self.version + 1}
        answers = {**self.answers, **changes, "saved": saved}
        self.version = services.save_draft(
            exam=self.request.exam,
            candidate_id=self.request.candidate.pk,
            answers=answers,
            version=self.version,
            by=actor(self.request),
            at=now(self.request.exam),
        )
        self.answers = answers
        return elsewhere

    def submission(self) -> Submission:
        """What would be submitted now; what is missing is empty and refused by its rule."""
        a, candidate = self.answers, self.request.candidate
        person, choice = a.get("person", {}), a.get("choice", {})
        return Submission(
            identity=candidate.identity,
            name=person.get("name", ""),
            phone=person.get("phone", ""),
            email=person.get("email", ""),
            address=person.get("address", ""),
            employer=person.get("employer", ""),
            category=choice.get("category", ""),
            route=choice.get("route", ""),
            route_facts=a.get("facts", {}) if self.done("route") and not self.has_no_facts else {},
            point_code=a.get("point", ""),
            photo_sha256=a.get("photo", ""),
            pledge=bool(a.get("pledge")),
            document_kind=candidate.document_kind,
            country=candidate.country,
            birth_on=person.get("birth_on", ""),
            sex=person.get("sex", ""),
        )

    def progress(self, here: str) -> list[dict[str, object]]:
        """The line of steps above every page of the wizard."""
        reached = True
        found: list[dict[str, object]] = []
        for step, title in (*STEPS.items(), ("review", REVIEW)):
            done = step != "review" and self.done(step)
            state = "current" if step == here else "done" if done else "later"
            link = self.url(step) if step != here and (done or reached) else ""
            found.append({"title": title, "state": state, "url": link})
            reached = reached and done
        return found


def answers_of(row: Any) -> dict[str, Any]:
    """A registration as the wizard's answers, to be changed."""
    return {
        "person": {
            "name": row.name,
            "phone": row.phone,
            "email": row.email,
            "address": row.address,
            "employer": row.employer,
            **stated_by_hand(row),
        },
        "choice": {"category": row.category, "route": row.route},
        "facts": dict(row.route_facts),
        "facts_route": row.route,
        "point": row.point_code,
        "photo": row.photo_sha256,
        "pledge": True,
        "editing": editing_of(row),
    }


def stated_by_hand(row: Any) -> dict[str, str]:
    """Birthday and sex where the identity document's number does not tell them."""
    return {} if row.document_kind in NUMBERED else {"birth_on": str(row.birth_on), "sex": row.sex}


def editing_of(row: Any) -> dict[str, int]:
    """What a draft notes of the registration that it changes: once that has moved on, the draft is out of date."""
    return {"id": row.pk, "version": row.version}


def titles(steps: list[str]) -> list[Words]:
    return [STEPS[step] for step in steps]


def enter(request: Request) -> Journey | HttpResponse:
    """The candidate's place in the wizard; or where they belong instead: their registration, or why it is closed."""
    journey = Journey.of(request)
    exam = request.exam
    if journey.live and (journey.editing is None or journey.own.state != "submitted"):
        return redirect(
            "registration-done" if request.method == "POST" else "registration-own", exam=exam.slug
        )
    refusals = queries.window_refusals(exam=exam, point_code=journey.answers.get("point", ""), at=now(exam))
    # Another point may still be open: choosing one stays possible as long as any calendar is.
    if refusals and queries.window_refusals(exam=exam, at=now(exam)):
        status = 409 if request.method == "POST" else 200
        return render(request, "registration/closed.html", {"refusals": refusals}, status=status)
    return journey
