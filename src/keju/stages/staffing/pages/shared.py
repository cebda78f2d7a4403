"""What several pages of the registry and the posts need."""

from datetime import datetime

from django.http import HttpRequest
from django.urls import reverse

from keju.kernel.audit import NotPermitted
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.files.services import store
from keju.kernel.offices import Actor
from keju.kernel.offices.queries import office
from keju.kernel.sheets import XLSX
from keju.rulebook.model import Post
from keju.stages.staffing import queries
from keju.stages.staffing.queries import MemberFilters

OFFERED = 20


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


def known_post(exam: Exam, code: str) -> Post:
    """The post of that code; `NotPermitted` (hidden) if the programme has none."""
    found = exams.programme(exam).post(code)
    if found is None:
        raise NotPermitted(hidden=True)
    return found


def offered(exam: Exam, by: Actor, post: Post, asked: str) -> list[tuple[int, str]]:
    """Those of the registry who fit what is searched for; without a search, some who hold no post yet. Nobody barred."""
    filters = MemberFilters(text=asked) if asked.strip() else MemberFilters(state="unposted")
    found = queries.member_rows(viewer=by, exam=exam, filters=filters, size=OFFERED)
    names = {p.code: str(p.name) for p in exams.programme(exam).posts}
    barred = set(queries.barred_members(exam))
    rows = []
    for row in found:
        if (post.needs.sector_ban and row.in_sector) or row.id in barred:
            continue
        held = "、".join(f"{names.get(h.post, h.post)} {h.office_code}" for h in row.held)
        rows.append(
            (row.id, " · ".join(part for part in (row.name, row.employer, row.identity_masked, held) if part))
        )
    return rows
