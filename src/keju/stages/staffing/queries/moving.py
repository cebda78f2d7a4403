"""What later stages ask before papers move and rooms are drawn (V2.6, V2.7)."""

from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices.queries import office
from keju.rulebook import Refusal
from keju.stages.staffing import rules
from keju.stages.staffing.params import Params
from keju.stages.staffing.queries.appointed import appointments_in_force, confidential_officers
from keju.stages.staffing.queries.needs import gaps


def check_confidential_officer(exam: Exam, office_code: str) -> list[Refusal]:
    """What stands against the office opening a movement of papers: that it has no confidential officer in force."""
    body = office(office_code)
    officers = confidential_officers(exam, office_code, body.path)
    least = exams.params(exam, Params).confidential_officers_min
    return list(rules.check_confidential_officer(body.name, officers, least))


def check_invigilators(exam: Exam, site_code: str) -> list[Refusal]:
    """What stands against drawing the site's rooms: too few invigilators in force, or too many."""
    path, params = office(site_code).path, exams.params(exam, Params)
    posts = [p.code for p in exams.programme(exam).posts if p.quota is not None and p.quota.per == "room"]
    rooms = max((gap.place.units for gap in gaps(exam, path, posts=posts)), default=0)
    found = appointments_in_force(exam, path).filter(post__in=posts, substitute=False).count()
    least, most = params.invigilators_per_room_min, params.invigilators_per_room_max
    return list(rules.check_invigilators(site_code, rooms, found, least, most))
