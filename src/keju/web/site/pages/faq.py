"""What candidates ask: the programme's answers with the figures of this exam's law, and each region's own."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from keju.kernel.exams import queries as exams
from keju.kernel.exams.access import Request, public_page
from keju.kernel.exams.models import Exam
from keju.kernel.offices import queries as offices
from keju.rulebook.words import Words
from keju.stages.announcement import queries as announcement


@dataclass(frozen=True)
class Answered:
    """A question as the page shows it; `rule` is the clause that it rests on, "" for a region's own."""

    code: str
    question: Words
    answer: Words
    rule: str = ""


@require_GET
@public_page
def faq(request: Request) -> HttpResponse:
    exam: Exam = request.exam
    asked = request.GET.get("q", "").strip()
    names = {o.code: o.name for o in offices.regions()}
    regional: dict[str, list[Answered]] = {}
    for row in announcement.answers(exam):
        answered = Answered(f"answer-{row.pk}", row.question, row.answer)
        if _fits(answered, asked):
            regional.setdefault(row.region_code, []).append(answered)
    facts = {
        "national": [a for a in national(exam) if _fits(a, asked)],
        "regional": [(names[code], found) for code, found in sorted(regional.items())],
        "asked": asked,
    }
    return render(request, "site/faq.html", facts)


def national(exam: Exam) -> list[Answered]:
    """The programme's answers, with the law's figures as they stood on the exam's `rules_as_of`."""
    return [
        Answered(q.code, q.question, exams.with_figures(exam, q.answer), q.rule)
        for q in exams.programme(exam).faq
    ]


def _fits(a: Answered, asked: str) -> bool:
    text = " ".join((a.question.zh, a.question.en, a.answer.zh, a.answer.en)).casefold()
    return all(word in text for word in asked.casefold().split())
