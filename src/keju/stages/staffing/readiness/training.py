"""Chapter 4 on the readiness board: who is trained, what was rehearsed, which handbooks are out."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from keju.kernel.calendar import CHINA
from keju.kernel.exams import clearing
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import acting
from keju.kernel.offices.queries import path_of
from keju.kernel.readiness import AMBER, GREEN, GREY, MUST, PRINCIPLE, RED, Gate, Row, State, provides
from keju.rulebook.words import t
from keju.stages.staffing.queries import training
from keju.stages.staffing.queries.handbooks import NATION
from keju.stages.staffing.services.training import hosts

REVIEWERS = t("{n}名负责审核的人员没有通过培训", "{n:reviewer has|reviewers have} not passed the training")
STAFF = t("{all}人中{n}人没有通过岗位培训", "{n} of {all} have not passed what their post needs")
INVIGILATORS = t(
    "{all}名监考、巡考人员中{n}名没有通过培训", "{n} of {all} invigilators and patrols are not trained"
)
NO_INVIGILATORS = t("还没有人担任监考、巡考", "Nobody is appointed to invigilate or patrol yet")
NOT_REHEARSED = t("还没有进行考试演练", "The exam has not been rehearsed")
PLEDGES = t(
    "{n}人没有通过纪律教育或没有签承诺书", "{n:person lacks|persons lack} the discipline module or its pledge"
)
NO_HANDBOOK = t("{n}本手册没有批准的版本", "{n:handbook has|handbooks have} no approved version")
NOT_SENT = t("{n}本手册没有下发", "{n:handbook was|handbooks were} not sent out")
UNACKNOWLEDGED = t("{n}本手册没有确认收到", "{n:handbook is|handbooks are} not acknowledged")
IN_ROOMS = "invigilation"
REHEARSAL_OPENS, EVE = timedelta(days=60), timedelta(days=1)


@provides("V4.1", strength=MUST, title=t("培训与演练", "Training and rehearsal"))
def taught_and_rehearsed(exam: Exam, path: str, at: datetime) -> Iterator[Row]:
    """Reviewers before registration opens; at hosts a rehearsal of the exam and trained invigilators by the eve."""
    opens = exams.milestone(exam, "registration_opens", path)
    lacking: dict[str, int] = {}
    for holder in clearing.reviewers(exam, path, at.astimezone(CHINA).date()):
        lacking[holder.office_path] = lacking.get(holder.office_path, 0) + bool(holder.lacking)
    for where, n in sorted(lacking.items()):
        state = _state(n, RED if opens is not None and at >= opens else AMBER)
        words = REVIEWERS.format(n=n) if n else None
        yield Row(where, state, words, "training-lacking", lacking=n, gate=Gate.REGISTRATION)
    rehearsed, people, mine = training.rehearsed(exam), _invigilators(exam, path), hosts(exam, path)
    open_now = _by_the_eve(exam, [path_of(code) for code in mine], at)
    for code in sorted(mine):
        where, late = path_of(code), open_now[path_of(code)]
        state = GREEN if code in rehearsed else late
        words = None if code in rehearsed else NOT_REHEARSED
        yield Row(where, state, words, "training-courses", lacking=int(state != GREEN))
        all_, n = people.get(code, (0, 0))
        said = INVIGILATORS.format(n=n, all=all_) if n else None if all_ else NO_INVIGILATORS
        state = _state(n, late) if all_ else late
        yield Row(where, state, said, "training-lacking", lacking=n if all_ else 1)


@provides("V4.2", strength=PRINCIPLE, title=t("培训手册", "Handbooks approved"))
def handbooks_approved(exam: Exam, path: str, at: datetime) -> Iterator[Row]:
    """The nation has an approved version of every handbook, so that courses can cite it."""
    if path == "/":
        wanted = exams.programme(exam).teaching.handbooks
        n = len(wanted) - len(training.approved(exam))
        yield Row(
            "/", _state(n, AMBER), NO_HANDBOOK.format(n=n) if n else None, "training-handbooks", lacking=n
        )


@provides("V4.3", strength=MUST, title=t("不培训不上岗", "No training, no duty"))
def trained(exam: Exam, path: str, at: datetime) -> Iterator[Row]:
    """Everybody with a post in force has passed what it needs."""
    found = training.tally(exam, path, at)
    late = _by_the_eve(exam, found, at)
    for where, (all_, n) in sorted(found.items()):
        words = STAFF.format(n=n, all=all_) if n else None
        yield Row(where, _state(n, late[where]), words, "training-lacking", lacking=n)


@provides("V4.4", strength=PRINCIPLE, title=t("手册下发", "Handbooks handed down"))
def handbooks_out(exam: Exam, path: str, at: datetime) -> Iterator[Row]:
    """The nation sent them out; every region and point has acknowledged."""
    with acting(NATION):
        current = list(training.approved(exam).values())
        reaches = [training.reach(exam, row, path) for row in current if row.notice_id]
    if path == "/":
        n = sum(row.notice_id is None for row in current)
        yield Row("/", _state(n, AMBER), NOT_SENT.format(n=n) if n else None, "training-handbooks", lacking=n)
    waiting: dict[str, int] = defaultdict(int)
    for reach in reaches:
        for code, _, _ in reach.waiting:
            waiting[path_of(code)] += 1
    for opening in exams.openings_under(exam, path):
        n = waiting.get(opening.office_path, 0)
        if reaches:
            words = UNACKNOWLEDGED.format(n=n) if n else None
            yield Row(opening.office_path, _state(n, AMBER), words, "training-handbooks", lacking=n)


@provides("P8.1", strength=PRINCIPLE, title=t("纪律教育和承诺", "Discipline and pledge"))
def disciplined(exam: Exam, path: str, at: datetime) -> Iterator[Row]:
    """Everybody with a post was taught discipline and signed."""
    missing: dict[str, int] = defaultdict(int)
    pledged = {m.code for m in exams.programme(exam).teaching.modules if m.pledge is not None}
    for one in training.counted(exam, path, pledged):
        missing[one.office_path] += one.lacking
    late = _by_the_eve(exam, missing, at)
    for where, n in sorted(missing.items()):
        words = PLEDGES.format(n=n) if n else None
        yield Row(where, _state(n, late[where]), words, "training-lacking", lacking=n)


def _invigilators(exam: Exam, path: str) -> dict[str, tuple[int, int]]:
    """Point → how many hold a post that asks for the module of the rooms, and how many of them lack it."""
    found: dict[str, tuple[int, int]] = {}
    for one in training.counted(exam, path, (IN_ROOMS,)):
        code = one.office_path.strip("/").split("/")[1] if one.office_path.count("/") > 2 else ""
        all_, n = found.get(code, (0, 0))
        found[code] = (all_ + one.people, n + one.lacking)
    return found


def _by_the_eve(exam: Exam, paths: Iterable[str], at: datetime) -> dict[str, State]:
    """Office → how something open stands there: grey long before the exam, amber until its eve, red from then on."""
    found: dict[str, State] = dict.fromkeys(paths, GREY)
    for where, day in exams.milestone_by_office(exam, "exam_day", list(found)).items():
        if at >= day - REHEARSAL_OPENS:
            found[where] = RED if at >= day - EVE else AMBER
    return found


def _state(n: int, otherwise: State) -> State:
    return otherwise if n else GREEN
