"""The archive of an exam: sealing, fetching, checking."""

import zipfile
from collections.abc import Iterator
from pathlib import Path

from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_POST, require_safe

from keju.kernel.audit import NotPermitted
from keju.kernel.calendar import now
from keju.kernel.exams.access import Request, actor, office_page
from keju.kernel.jobs import services as jobs
from keju.rulebook.words import t
from keju.stages.archive import queries, services
from keju.stages.archive.jobs import SEAL

CHUNK = 1024 * 1024
THEN = (1980, 1, 1, 0, 0, 0)


@require_safe
@office_page("archive:bundle:read")
def home(request: Request) -> HttpResponse:
    """Every bag of the exam with its digest and its last check."""
    exam, by = request.exam, actor(request)
    checks = queries.checks(viewer=by, exam=exam)
    rows = [
        {"bag": bag, "check": checks.get(bag.pk), "here": queries.folder_of(bag).is_dir()}
        for bag in queries.bags(viewer=by, exam=exam)
    ]
    return render(request, "archive/home.html", {"rows": rows})


@require_POST
@office_page("archive:bundle:seal")
def seal(request: Request) -> HttpResponse:
    """The sealing waits for a worker."""
    exam, by = request.exam, actor(request)
    job = jobs.start(SEAL, by=by, at=now(exam), exam=exam)
    return redirect("jobs-job", exam=exam.slug, job=job.public)


@require_POST
@office_page("archive:bundle:seal")
def check(request: Request, bag_id: int) -> HttpResponse:
    """The bag is compared with its manifests and the digest of its sealing."""
    exam = request.exam
    found = services.check(exam=exam, bag_id=bag_id, by=actor(request), at=now(exam))
    if found.problem_count:
        words = t("档案包有{n}处问题，见下表。", "The bag has {n:problem|problems}, listed below.")
        messages.error(request, str(words.format(n=found.problem_count)))
    else:
        messages.success(request, str(t("档案包完整，未被改动。", "The bag is complete and unaltered.")))
    return redirect("archive-home", exam=exam.slug)


@require_safe
@office_page("archive:bundle:seal")
def download(request: Request, bag_id: int) -> HttpResponse:
    """The bag as one zip, streamed: nothing is held in memory or written beside it."""
    exam = request.exam
    bag = queries.bag(viewer=actor(request), exam=exam, bag_id=bag_id)
    folder = queries.folder_of(bag)
    if not folder.is_dir():
        raise NotPermitted(hidden=True)
    answer = StreamingHttpResponse(zipped(folder), content_type="application/zip")
    answer.headers["Content-Disposition"] = (
        content_disposition_header(True, f"{folder.name}.zip") or "attachment"
    )
    answer.headers["Cache-Control"] = "private, no-store"
    return answer  # type: ignore[return-value]


@require_safe
@office_page("archive:bundle:read")
def figures(request: Request) -> HttpResponse:
    """For the home of the office."""
    exam = request.exam
    bags = queries.bags(viewer=actor(request), exam=exam)
    return render(request, "archive/figures.html", {"bags": bags[:1], "count": len(bags)})


class _Pipe:
    """What the zip is written into: handed on and forgotten. Without seek, so that the zip writes forward only."""

    def __init__(self) -> None:
        self.waiting: list[bytes] = []

    def write(self, data: bytes) -> int:
        self.waiting.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing is kept back."""

    def take(self) -> bytes:
        data, self.waiting = b"".join(self.waiting), []
        return data


def zipped(folder: Path) -> Iterator[bytes]:
    """The folder's files in order as a zip, in pieces; the same folder gives the same bytes."""
    pipe = _Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(p for p in folder.rglob("*") if p.is_file()):
            entry = zipfile.ZipInfo(f"{folder.name}/{path.relative_to(folder).as_posix()}", THEN)
            entry.compress_type = zipfile.ZIP_DEFLATED
            with path.open("rb") as source, archive.open(entry, "w", force_zip64=True) as target:
                while piece := source.read(CHUNK):
                    target.write(piece)
                    yield pipe.take()
    yield pipe.take()
