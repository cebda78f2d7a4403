"""What is missing where, and the next step."""

from collections import defaultdict
from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from keju.kernel.calendar import now
from keju.kernel.exams import queries as exams
from keju.kernel.exams.access import Request, actor, office_page
from keju.kernel.files.responses import answer
from keju.kernel.sheets import XLSX, Column, write_table
from keju.rulebook.model import Post
from keju.rulebook.words import t
from keju.stages.staffing import queries, services
from keju.stages.staffing.forms import GapFilter
from keju.stages.staffing.forms.posting import STATES
from keju.stages.staffing.pages.shared import kind_of
from keju.stages.staffing.queries import Gap, MemberFilters
from keju.stages.staffing.rules import MAY_APPOINT

MOST = 300
COLUMNS = (
    Column("rule", t("条款", "Clause")),
    Column("post", t("岗位", "Post")),
    Column("place", t("地点代码", "Place code")),
    Column("building", t("楼栋", "Building")),
    Column("floor", t("楼层", "Floor"), kind="int"),
    Column("least", t("至少", "At least"), kind="int"),
    Column("most", t("至多", "At most"), kind="int"),
    Column("accepted", t("在岗", "In force"), kind="int"),
    Column("asked", t("待接受", "Asked"), kind="int"),
    Column("barred", t("被回避", "Barred"), kind="int"),
    Column("missing", t("缺", "Missing"), kind="int"),
    Column("over", t("超出", "Too many"), kind="int"),
)


@dataclass(frozen=True)
class PostLine:
    """A post over all places of the viewer."""

    post: Post
    least: int
    accepted: int
    asked: int
    barred: int
    missing: int
    over: int
    mine: bool


@dataclass(frozen=True)
class PlaceLine:
    """A region, point or site with what it lacks."""

    code: str
    missing: int
    asked: int
    over: int


@require_GET
@office_page("staffing:people:read")
def home(request: Request) -> HttpResponse:
    """How complete the staff is by post and by place, what to do next, and the way to everything else."""
    exam, by = request.exam, actor(request)
    found = queries.gaps(exam, by.office_path)
    kind = kind_of(by)
    states = queries.state_counts(exam, by.office_path)
    people = queries.member_total(viewer=by, exam=exam, filters=MemberFilters())
    lacking = sum(queries.lacking_counts(exam, by.office_path).values())
    return render(
        request,
        "staffing/home.html",
        {
            "posts": _by_post(found, kind),
            "places": _by_place(found, by.office_path),
            "people": people,
            "lacking": lacking,
            "states": [
                (state, STATES[state], states.get(state, 0)) for state in ("proposed", "invited", "accepted")
            ],
            "declined": states.get("declined", 0),
            "missing": sum(g.missing for g in found),
            "over": sum(g.over for g in found),
            "needed": sum(g.least for g in found),
            "unreceived": queries.unreceived(exam, viewer=by),
            "mine_missing": sum(max(0, g.missing - g.counted.asked) for g in found if _mine(g.post, kind)),
            "may_appoint": by.may("staffing:appointment:make"),
            "may_edit": by.may("staffing:people:edit"),
            "short_notice": services.short_notice(exam, by.office_path, now(exam)),
        },
    )


@require_GET
@office_page("staffing:people:read")
def gaps(request: Request) -> HttpResponse:
    """Post by post and place by place: how many it needs, who is there, how many are missing."""
    by = actor(request)
    form, found = _asked(request)
    kind = kind_of(by)
    return render(
        request,
        "staffing/gaps.html",
        {
            "filters": form,
            "rows": [(g, by.may("staffing:appointment:make") and _mine(g.post, kind)) for g in found[:MOST]],
            "total": len(found),
            "most": MOST,
        },
    )


@require_GET
@office_page("staffing:people:read")
def gaps_export(request: Request) -> HttpResponse:
    """Exactly what the filters show, all of it."""
    exam = request.exam
    _, found = _asked(request)
    rows = (
        (
            g.post.rule, str(g.post.name), g.place.office_code, g.place.building, g.place.floor, g.least, g.most,
            g.counted.accepted, g.counted.asked, g.counted.barred, g.missing, g.over,
        )
        for g in found
    )  # fmt: skip
    return answer(write_table(COLUMNS, rows), XLSX, f"{exam.slug}-posts.xlsx")


def _asked(request: Request) -> tuple[GapFilter, list[Gap]]:
    exam, by = request.exam, actor(request)
    form = GapFilter(request.GET, programme=exams.programme(exam))
    asked = form.asked()
    posts = [asked["post"]] if asked["post"] else []
    found = queries.gaps(exam, by.office_path, posts=posts)
    place = asked["place"].strip()
    return form, [
        g for g in found if (asked["all"] or not g.settled) and g.place.office_code.startswith(place)
    ]


def _mine(post: Post, kind: str) -> bool:
    return kind in MAY_APPOINT.get(post.appointed_by, (post.appointed_by,))


def _by_post(found: list[Gap], kind: str) -> list[PostLine]:
    together: dict[str, list[Gap]] = defaultdict(list)
    for gap in found:
        together[gap.post.code].append(gap)
    return [
        PostLine(
            gaps[0].post,
            sum(g.least for g in gaps),
            sum(g.counted.accepted for g in gaps),
            sum(g.counted.asked for g in gaps),
            sum(g.counted.barred for g in gaps),
            sum(g.missing for g in gaps),
            sum(g.over for g in gaps),
            _mine(gaps[0].post, kind),
        )
        for gaps in together.values()
    ]


def _by_place(found: list[Gap], path: str) -> list[PlaceLine]:
    """One level below the viewer: regions for the nation, points for a region, sites for a point; those that lack first."""
    depth = path.count("/")
    together: dict[str, list[Gap]] = defaultdict(list)
    for gap in found:
        parts = gap.place.office_path.split("/")
        together["/".join(parts[: depth + 1]) + "/"].append(gap)
    lines = [
        PlaceLine(
            services.code_of(where),
            sum(g.missing for g in gaps),
            sum(g.counted.asked for g in gaps),
            sum(g.over for g in gaps),
        )
        for where, gaps in together.items()
    ]
    return sorted(lines, key=lambda line: (-line.missing, line.code))
