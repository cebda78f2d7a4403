"""What several pages of the registry and the posts need."""

from datetime import datetime

from django.http import HttpRequest
from django.urls import reverse

from keju.kernel.exams.models import Exam
from keju.kernel.files.services import store
from keju.kernel.offices import Actor
from keju.kernel.offices.queries import office
from keju.kernel.sheets import XLSX


def link_base(request: HttpRequest, exam: Exam) -> str:
    """What a token is added to for the whole address of its page."""
    there = request.build_absolute_uri(reverse("staffing-invited", kwargs={"exam": exam.slug, "token": "-"}))
    return there.removesuffix("-/")


def kind_of(by: Actor) -> str:
    """The kind of the office that is acted for."""
    return str(office(by.office_code).kind) if by.office_code else ""


def kept(workbook: bytes, by: Actor, at: datetime) -> str:
    """A workbook of wrong rows kept for its reader; the SHA-256 by which it is fetched."""
    return store(
        data=workbook, name="errors.xlsx", content_type=XLSX, office_path=by.office_path, by=by, at=at
    )
