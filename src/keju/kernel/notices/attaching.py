"""A file that a person attaches: a scan or a document, judged by its bytes and not by its name."""

from dataclasses import dataclass
from datetime import datetime

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from keju.kernel.files import services as files
from keju.kernel.offices import Actor
from keju.rulebook.words import t

LIMIT = 10 * 1024 * 1024
BEGINNINGS = {
    b"%PDF-": "application/pdf",
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG\r\n\x1a\n": "image/png",
}
TOO_BIG = t("文件超过10 MB，请压缩后再传。", "The file is larger than 10 MB. Make it smaller and try again.")
UNKNOWN = t("只收PDF、JPEG或PNG文件。", "Attach a PDF, JPEG or PNG file.")


@dataclass(frozen=True)
class Attached:
    data: bytes
    name: str
    content_type: str


class AttachmentField(forms.FileField):
    """Optional. Cleans to `Attached`, or None."""

    def __init__(self, label: object) -> None:
        super().__init__(
            required=False,
            label=label,
            help_text=t("PDF、JPEG或PNG，不超过10 MB。", "PDF, JPEG or PNG, at most 10 MB."),
            widget=forms.FileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png"}),
        )

    def clean(self, data: UploadedFile | None, initial: object = None) -> Attached | None:
        given = super().clean(data, initial)
        if not given:
            return None
        if given.size > LIMIT:
            raise ValidationError(str(TOO_BIG))
        content = given.read()
        kind = next((kind for start, kind in BEGINNINGS.items() if content.startswith(start)), None)
        if kind is None:
            raise ValidationError(str(UNKNOWN))
        return Attached(content, given.name, kind)


def keep(attached: Attached | None, *, office_path: str, by: Actor, at: datetime) -> str | None:
    """The attachment is stored for that office; its SHA-256, or None if there was none."""
    if attached is None:
        return None
    return files.store(
        data=attached.data,
        name=attached.name,
        content_type=attached.content_type,
        office_path=office_path,
        by=by,
        at=at,
    )
