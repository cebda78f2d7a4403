"""Photos that prove what somebody saw: written anew and stored with the office, each with a small one to show."""

from collections.abc import Sequence
from datetime import datetime

from keju.kernel.files import scans
from keju.kernel.files.services import NewFile, store_many
from keju.kernel.offices import Actor

Photo = dict[str, str]
"""{"sha": …, "thumb": …, "type": …}; `thumb` is "" where none could be drawn."""


def keep(*, photos: Sequence[bytes], name: str, office_path: str, by: Actor, at: datetime) -> list[Photo]:
    """The photos are stored for the office under `name`, safe to show. ValidationError for one that cannot be read."""
    pages = [scans.prepare(data) for data in photos]
    files, places = [], []
    for page in pages:
        places.append(len(files))
        files.append(NewFile(page.data, f"{name}.jpg", page.content_type, office_path))
        if page.thumb:
            files.append(NewFile(page.thumb, "thumb.jpg", "image/jpeg", office_path))
    names = store_many(files=files, by=by, at=at) if files else []
    return [
        {"sha": names[place], "thumb": names[place + 1] if page.thumb else "", "type": page.content_type}
        for place, page in zip(places, pages, strict=True)
    ]
