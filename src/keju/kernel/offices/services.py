"""Writing the tree."""

from datetime import datetime

from keju.kernel.audit import record, write
from keju.kernel.offices import divisions
from keju.kernel.offices.actors import Actor
from keju.kernel.offices.models import Kind, Office

NATIONAL = (
    ("committee", Kind.COMMITTEE, "全国考试委员会", "National examination committee"),
    ("office", Kind.OFFICE, "考试管理办公室", "Examination office"),
    ("centre", Kind.CENTRE, "国家考试中心", "National examination centre"),
)


@write("offices:tree:load")
def load_tree(*, by: Actor, at: datetime) -> int:
    """The three national bodies, 31 regions and their points exist; offices already there are left as they are.

    Returns how many were added.
    """
    offices = [
        Office(code=code, path="/", kind=kind, name_zh=zh, name_en=en) for code, kind, zh, en in NATIONAL
    ]
    for d in divisions.regions():
        offices.append(_office(d, f"/{d.code}/", Kind.REGION, "centre"))
    for d in divisions.points():
        offices.append(_office(d, f"/{d.parent}/{d.code}/", Kind.POINT, d.parent))
    before = Office.objects.count()
    Office.objects.bulk_create(offices, ignore_conflicts=True)
    added = Office.objects.count() - before
    record(
        "offices.tree.loaded",
        by=by,
        at=at,
        subject="offices",
        data={"edition": divisions.EDITION, "added": added},
    )
    return added


def _office(division: divisions.Division, path: str, kind: Kind, parent: str) -> Office:
    return Office(
        code=division.code,
        path=path,
        kind=kind,
        name_zh=division.name_zh,
        name_en=division.name_en,
        parent_id=parent,
    )
