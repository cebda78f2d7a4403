"""Paper quantities over the API."""

from ninja import Router, Schema

from keju.kernel.exams.access import Request, actor, office_api
from keju.stages.custody import queries

router = Router(tags=["custody"])


class LineOut(Schema):
    site: str
    session: int
    category: str
    bags: int
    copies: int
    spare_bags: int
    spare_copies: int


@router.get("/{exam}/quantities/{region}", response=list[LineOut], operation_id="custody_quantities")
@office_api("custody:quantities:read")
def quantities(request: Request, exam: str, region: str) -> object:
    """What every site of the region needs of every paper, as the seats of now have it (V9.1)."""
    by = actor(request)
    queries.own_region(by, region)
    return queries.quantities(request.exam, region, viewer=by).lines
