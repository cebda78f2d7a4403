"""Reading files: only through a row that the viewer can see."""

import re

from keju.kernel.audit import NotPermitted
from keju.kernel.files import vault
from keju.kernel.files.models import StoredFile
from keju.kernel.offices import Actor, acting

FIRST = "SELECT * FROM files_file WHERE sha256 = %s ORDER BY id LIMIT 1"
SHA = re.compile(r"[0-9a-f]{64}")


def row(sha: str, *, viewer: Actor) -> StoredFile:
    """The viewer's naming of the file; `NotPermitted(hidden=True)` where they see none."""
    found = None
    if SHA.fullmatch(sha):
        with acting(viewer):
            found = next(iter(StoredFile.objects.raw(FIRST, [sha])), None)
    if found is None:
        raise NotPermitted(hidden=True)
    return found


def read(sha: str, *, viewer: Actor) -> bytes:
    """The content. Who sees no row that names the file gets `NotPermitted(hidden=True)`, as if it did not exist.

    Raises `vault.FileMissing` or `vault.FileDamaged` (both say what to do) where the disk lost it.
    """
    row(sha, viewer=viewer)
    return vault.get(sha)


def read_many(shas: list[str], *, viewer: Actor) -> dict[str, bytes]:
    """The contents of all of them by name, with one look at the table; as `read` where one is not to be seen."""
    wanted = set(shas)
    with acting(viewer):
        seen = set(StoredFile.objects.filter(sha256__in=wanted).values_list("sha256", flat=True))
    if wanted - seen:
        raise NotPermitted(hidden=True)
    return {sha: vault.get(sha) for sha in wanted}
