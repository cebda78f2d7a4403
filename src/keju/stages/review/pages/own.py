"""What a candidate sees of their own review."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from keju.kernel.exams.access import Request, actor, candidate_page
from keju.stages.review import queries


@require_safe
@candidate_page
def own(request: Request) -> HttpResponse:
    """Each step with its state, when, and why; corrections asked for, and the way to ask."""
    found = queries.standing(viewer=actor(request), exam=request.exam)
    if found is None:
        return redirect("my-exams")
    return render(request, "review/own.html", {"standing": found})


@require_safe
@candidate_page
def step(request: Request) -> HttpResponse:
    """The same in short, for the candidate's first page."""
    found = queries.standing(viewer=actor(request), exam=request.exam)
    return render(request, "review/step.html", {"standing": found})
