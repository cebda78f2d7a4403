"""What people upload: scanned images, one by one or packed; unpacked within bounds, then read here or by a job."""

import io
import zipfile
import zlib
from collections.abc import Sequence
from datetime import datetime

from django.core.exceptions import ValidationError

from keju.kernel.audit import record, write
from keju.kernel.exams.models import Exam
from keju.kernel.files.services import NewFile, store_many
from keju.kernel.jobs.models import Job
from keju.kernel.jobs.services import start
from keju.kernel.offices import Actor
from keju.rulebook.words import t
from keju.stages.marking import events, queries

READ_JOB, PRACTICE_JOB = "marking.read", "marking.practice"
MB = 1024 * 1024
MAX_IMAGES, MAX_IMAGE, MAX_ALL = 500, 25 * MB, 400 * MB

BROKEN = t("压缩包打不开，请重新打包后上传。", "The archive cannot be opened. Pack it again.")
LOCKED = t("压缩包加了密码，请去掉密码后上传。", "The archive has a password. Pack it without one.")
MANY = t(
    "一次最多上传{n}张图像，请分几次上传。", "At most {n} images at a time. Upload them in several parts."
)
LARGE = t(
    "有图像超过{n}MB，或全部超过上限，没有读取。",
    "An image is above {n} MB, or all together are too large. None was read.",
)
EMPTY = t("没有找到图像。", "There is no image in it.")


def unpacked(uploads: Sequence[bytes]) -> list[bytes]:
    """The images of the uploads in order, archives unpacked. Raises `ValidationError` in words beyond the bounds.

    Sizes are counted while reading: an archive that lies about them is refused all the same.
    """
    images: list[bytes] = []
    total = 0
    for data in uploads:
        for image in _entries(data) if data.startswith(b"PK\x03\x04") else [data]:
            total += len(image)
            if len(image) > MAX_IMAGE or total > MAX_ALL:
                raise ValidationError(str(LARGE.format(n=MAX_IMAGE // MB)))
            images.append(image)
            if len(images) > MAX_IMAGES:
                raise ValidationError(str(MANY.format(n=MAX_IMAGES)))
    if not images:
        raise ValidationError(str(EMPTY))
    return images


def _entries(data: bytes) -> list[bytes]:
    found = []
    total = 0
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = [
                i for i in archive.infolist() if not i.is_dir() and not i.filename.startswith("__MACOSX/")
            ]
            if len(names) > MAX_IMAGES:
                raise ValidationError(str(MANY.format(n=MAX_IMAGES)))
            if any(i.flag_bits & 1 for i in names):
                raise ValidationError(str(LOCKED))
            for info in names:
                with archive.open(info) as stream:
                    image = stream.read(MAX_IMAGE + 1)
                total += len(image)
                if len(image) > MAX_IMAGE or total > MAX_ALL:
                    raise ValidationError(str(LARGE.format(n=MAX_IMAGE // MB)))
                found.append(image)
    except (
        zipfile.BadZipFile,
        NotImplementedError,
        OSError,
        EOFError,
        ValueError,
        RuntimeError,
        zlib.error,
    ) as error:
        raise ValidationError(str(BROKEN)) from error
    return found


@write("marking:batch:scan")
def queue_images(*, exam: Exam, batch_id: int, images: Sequence[bytes], by: Actor, at: datetime) -> Job:
    """The images are kept and a job will read them into the batch."""
    batch = queries.batch(viewer=by, exam=exam, batch_id=batch_id)
    files = [NewFile(data, "card", "application/octet-stream", "/") for data in images]
    shas = store_many(files=files, by=by, at=at)
    job = start(READ_JOB, by=by, at=at, exam=exam, batch_id=batch.pk, shas=list(dict.fromkeys(shas)))
    _record(events.IMAGES_QUEUED, exam, batch.pk, len(images), by, at)
    return job


@write("marking:batch:scan")
def queue_practice(*, exam: Exam, batch_ids: Sequence[int], by: Actor, at: datetime) -> Job:
    """A job will fill in and read the bags' cards, in a rehearsal."""
    job = start(PRACTICE_JOB, by=by, at=at, exam=exam, batch_ids=sorted(batch_ids))
    _record(events.PRACTICE_QUEUED, exam, 0, len(batch_ids), by, at)
    return job


def _record(kind: str, exam: Exam, batch_id: int, count: int, by: Actor, at: datetime) -> None:
    record(
        kind,
        by=by,
        at=at,
        subject=f"batch:{batch_id}",
        exam=exam.slug,
        office_path="/",
        rules=["V17.1.0"],
        data={"count": count},
    )
