"""A zip of photos, opened with bounds: a hostile one costs a refusal, not the server's memory."""

import io
import zipfile
from pathlib import PurePosixPath

from django.core.exceptions import ValidationError

from keju.rulebook.words import Words, t

MAX_ZIP = 60 * 1024 * 1024
MAX_PHOTOS = 500
MAX_PHOTO = 1024 * 1024
MAX_ALL = 120 * 1024 * 1024

TOO_LARGE = t("照片压缩包超过 {n} MB，请分批上传。", "The zip of photos is larger than {n} MB. Split it.")
BROKEN = t(
    "照片压缩包打不开，请重新打包成 zip（不加密码）再上传。",
    "The zip of photos cannot be opened. Pack it again as a zip without a password.",
)
TOO_MANY = t(
    "照片压缩包里超过 {n} 个文件，请分批上传。",
    "The zip holds more than {n} files. Split it and upload the parts.",
)
BOMB = t(
    "照片压缩包里的“{name}”展开后太大，整个压缩包没有读取。每张照片应在20至40KB之间。",
    "“{name}” in the zip would unpack too large; the zip was not read. A photo has 20 to 40 KB.",
)
TWICE = t("照片压缩包里有两张“{name}”。", "There are two photos “{name}” in the zip.")
_NOISE = ("__MACOSX/", ".DS_Store", "Thumbs.db")


def photos_of(data: bytes) -> dict[str, bytes]:
    """Photos by the name of their file without ending, in capitals ("11010119850304001X"). No zip: no photos.

    Sizes are bounded as declared and again while reading; a `ValidationError` says what is wrong with the file.
    """
    if not data:
        return {}
    if len(data) > MAX_ZIP:
        raise _refused(TOO_LARGE, n=MAX_ZIP // 1024 // 1024)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _read(archive)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, OSError, ValueError) as error:
        if isinstance(error, ValidationError):
            raise
        raise _refused(BROKEN) from error


def _read(archive: zipfile.ZipFile) -> dict[str, bytes]:
    entries = [e for e in archive.infolist() if not e.is_dir() and not any(n in e.filename for n in _NOISE)]
    if len(entries) > MAX_PHOTOS:
        raise _refused(TOO_MANY, n=MAX_PHOTOS)
    found: dict[str, bytes] = {}
    total = 0
    for entry in entries:
        name = PurePosixPath(entry.filename).stem.strip().upper()
        with archive.open(entry) as stream:
            data = stream.read(MAX_PHOTO + 1)
        total += len(data)
        if len(data) > MAX_PHOTO or total > MAX_ALL:
            raise _refused(BOMB, name=entry.filename[-60:])
        if name in found:
            raise _refused(TWICE, name=entry.filename[-60:])
        found[name] = data
    return found


def _refused(words: Words, **facts: object) -> ValidationError:
    return ValidationError(str(words.format(**facts)))
