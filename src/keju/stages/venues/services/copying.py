"""A site of an earlier year set up again; and the picture of a site."""

from dataclasses import dataclass
from datetime import datetime

from keju.kernel.audit import NotPermitted, record, write
from keju.kernel.exams.models import Exam
from keju.kernel.files import queries as files
from keju.kernel.files import scans
from keju.kernel.files.services import store
from keju.kernel.offices import Actor
from keju.rulebook import Refusal, RuleRefused
from keju.stages.venues import events, queries
from keju.stages.venues.models import Site
from keju.stages.venues.services.siting import add_rooms, add_site, held

COPIED = (
    *("name_zh", "name_en", "address", "contact", "phone", "standard"),
    *("transport", "food", "lodging", "surroundings"),
)


@dataclass(frozen=True)
class Copied:
    """The new site, how many rooms it has, and the numbers of the rooms that this year's rules do not allow."""

    site: Site
    rooms: int
    left_out: list[int]


@write("venues:site:edit")
def copy_site(*, exam: Exam, site_id: int, by: Actor, at: datetime) -> Copied:
    """The host has one more site, like its own of an earlier exam: the same school with the same rooms and picture.

    Neither checklist nor report come along: what was looked at then says nothing of this year. Rooms that the rules of
    this exam refuse are left out and named. Hidden unless `queries.earlier_sites` offers it.
    """
    plan = queries.copy_plan(exam, site_id, viewer=by)
    if plan is None:
        raise NotPermitted("venues:site:edit", hidden=True)
    former = plan.site
    site = add_site(
        exam=exam,
        point_code=former.point_code,
        **{name: getattr(former, name) for name in COPIED},
        by=by,
        at=at,
    )
    if plan.fit:
        add_rooms(exam=exam, site_code=site.code, rooms=plan.fit, by=by, at=at)
    if former.picture:
        # Named anew, for the officer of this site may not see the files of the number that the school had then.
        name, data = f"{site.code}.jpg", files.read(former.picture, viewer=by)
        site.picture = store(
            data=data, name=name, content_type="image/jpeg", office_path=site.office_path, by=by, at=at
        )
        site.save(update_fields=["picture"])
    left_out = sorted({int(str(r.facts["room"])) for r in plan.refusals})
    record(
        events.SITE_COPIED,
        by=by,
        at=at,
        subject=f"site:{site.code}",
        exam=exam.slug,
        office_path=site.office_path,
        rules=["V6.3", "V14.5"],
        data={
            "from": f"{former.exam.slug}/{former.code}",
            "rooms": len(plan.fit),
            "left_out": left_out,
        },
    )
    return Copied(site, len(plan.fit), left_out)


@write("venues:site:edit")
def set_picture(*, exam: Exam, site_code: str, data: bytes, by: Actor, at: datetime) -> Site:
    """Candidates see this picture or plan of the site; an earlier one is no longer shown.

    ValidationError for what is no picture; a PDF is refused.
    """
    site = held(exam, site_code, by, "venues:site:edit")
    page = scans.prepare(data)
    if page.content_type != "image/jpeg":
        raise RuleRefused([Refusal("V14.3", "venues_picture_pdf", field="file")])
    name = f"{site.code}.jpg"
    site.picture = store(
        data=page.data, name=name, content_type=page.content_type, office_path=site.office_path, by=by, at=at
    )
    site.version += 1
    site.save(update_fields=["picture", "version"])
    record(
        events.PICTURE_SET,
        by=by,
        at=at,
        subject=f"site:{site.code}",
        exam=exam.slug,
        office_path=site.office_path,
        rules=["V14.3"],
        data={"sha256": site.picture},
    )
    return site
