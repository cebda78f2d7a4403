"""Files: sealed, atomic, seen only through a row."""

import io
import os
from datetime import datetime
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, transaction

from keju.kernel.audit import NotPermitted
from keju.kernel.calendar import CHINA
from keju.kernel.files import queries, responses, sealing, services, vault
from keju.kernel.files.models import StoredFile
from keju.kernel.files.responses import response
from keju.kernel.files.services import NewFile
from keju.kernel.offices import Actor, acting
from keju.kernel.offices.bulk import insert_rows

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 1, 9, tzinfo=CHINA)
BEIJING = Actor(
    ref="person:1", name="甲", role="region_officer", office_code="11", office_path="/11/", person_id=1
)
HEBEI = Actor(
    ref="person:2", name="乙", role="region_officer", office_code="13", office_path="/13/", person_id=2
)
CANDIDATE = Actor(ref="candidate:7", name="丙", role="candidate", candidate_id=7)
OTHER = Actor(ref="candidate:8", name="丁", role="candidate", candidate_id=8)


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    settings.FILES_ROOT = tmp_path / "files"


def store(data=b"clear text of a photo", by=BEIJING, **facts):
    facts = {
        "name": "照片.jpg",
        "content_type": "image/jpeg",
        "office_path": "/11/1101/",
        "candidate_id": 7,
    } | facts
    with acting(by):
        return services.store(data=data, by=by, at=AT, **facts)


def test_sealed_on_disk_and_the_same_when_read():
    data = os.urandom(1000) + b"clear text of a photo"
    sha = store(data)
    sealed = vault.place(sha).read_bytes()
    assert vault.place(sha).parent.name == sha[:2] and vault.place(sha).stat().st_mode & 0o777 == 0o600
    assert b"clear text" not in sealed
    assert queries.read(sha, viewer=BEIJING) == data


def test_every_file_has_its_own_nonce():
    nonces = {vault.place(store(bytes([n]))).read_bytes()[5:17] for n in range(20)}
    assert len(nonces) == 20


def test_who_sees_no_row_gets_not_even_its_existence():
    sha = store()
    assert queries.read(sha, viewer=CANDIDATE)
    for stranger in (HEBEI, OTHER, Actor.anybody()):
        for wanted in (sha, "0" * 64, "../../etc/passwd"):
            with pytest.raises(NotPermitted) as refused:
                queries.read(wanted, viewer=stranger)
            assert refused.value.hidden
    with pytest.raises(NotPermitted):
        queries.read_many([sha], viewer=HEBEI)


def test_the_same_content_of_two_offices_is_one_file_and_two_rows():
    sha = store(office_path="/11/1101/", candidate_id=None)
    assert store(office_path="/11/1101/", candidate_id=None) == sha
    assert store(office_path="/13/1301/", candidate_id=None, by=HEBEI) == sha
    with acting(Actor.system("test")):
        assert StoredFile.objects.filter(sha256=sha).count() == 2
    assert len([p for p in Path(settings.FILES_ROOT).rglob("*") if p.is_file()]) == 1


def test_nobody_stores_for_an_office_that_is_not_theirs():
    with pytest.raises(Exception, match="row-level security"), transaction.atomic():
        store(office_path="/13/1301/", candidate_id=None)


def test_a_flipped_bit_a_cut_and_a_swapped_file_are_damaged_and_a_lost_one_is_missing():
    sha, other = store(b"one"), store(b"two")
    path = vault.place(sha)
    good = path.read_bytes()
    for bad in (good[:-1] + bytes([good[-1] ^ 1]), good[:10], b"", vault.place(other).read_bytes()):
        path.write_bytes(bad)
        with pytest.raises(vault.FileDamaged, match="备份"):
            queries.read(sha, viewer=BEIJING)
    path.unlink()
    with pytest.raises(vault.FileMissing, match="找不到"):
        queries.read(sha, viewer=BEIJING)
    assert store(b"one") == sha and queries.read(sha, viewer=BEIJING) == b"one"


@pytest.fixture
def small_pieces(monkeypatch):
    monkeypatch.setattr(sealing, "PIECE", 100)
    return 100 + sealing.TAG


@pytest.mark.parametrize("size", [0, 1, 99, 100, 101, 200, 1234])
def test_an_open_file_of_any_size_is_sealed_in_pieces(small_pieces, size):
    data = os.urandom(size)
    file = io.BytesIO(data)
    file.seek(size // 2)
    sha = store(file)
    assert sha == vault.digest(data) and queries.read(sha, viewer=BEIJING) == data
    assert [len(piece) for piece in vault.pieces(sha)][:-1] == [100] * ((max(size, 1) - 1) // 100)
    with acting(BEIJING):
        assert StoredFile.objects.get(sha256=sha).size == size


def test_a_piece_changed_moved_left_out_cut_or_added_is_damaged(small_pieces):
    data = b"".join(bytes([n]) * 100 for n in range(5))
    sha = store(io.BytesIO(data))
    path, start = vault.place(sha), len(sealing.IN_PIECES) + sealing.SALT
    head, body = path.read_bytes()[:start], path.read_bytes()[start:]
    pieces = [body[n : n + small_pieces] for n in range(0, len(body), small_pieces)]
    flipped = [*pieces[:2], bytes([pieces[2][0] ^ 1]) + pieces[2][1:], *pieces[3:]]
    for bad in (
        flipped,
        pieces[:-1],
        pieces[1:],
        pieces[:2] + pieces[3:],
        [*pieces, pieces[-1]],
        pieces[::-1],
        [],
    ):
        path.write_bytes(head + b"".join(bad))
        with pytest.raises(vault.FileDamaged):
            vault.prove(sha)
        with pytest.raises(vault.FileDamaged):
            response(sha, BEIJING)
    path.write_bytes(head + body)
    assert vault.get(sha) == data


def test_files_sealed_in_one_as_at_first_still_open():
    data = b"of the first months"
    sha, nonce = store(data), os.urandom(sealing.NONCE)
    sealed = sealing._of_installation().encrypt(nonce, data, sha.encode())
    vault.place(sha).write_bytes(sealing.IN_ONE + nonce + sealed)
    assert vault.get(sha) == data


def test_a_large_file_is_sent_in_pieces_and_a_damaged_one_not_begun(monkeypatch, small_pieces):
    monkeypatch.setattr(responses, "LARGE", 100)
    data = os.urandom(1000)
    sha = store(io.BytesIO(data), name="list.xlsx", content_type="application/x")
    sent = response(sha, BEIJING)
    assert sent.streaming and b"".join(sent) == data
    assert sent.headers["Content-Length"] == "1000" and "list.xlsx" in sent.headers["Content-Disposition"]
    path = vault.place(sha)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(vault.FileDamaged):
        response(sha, BEIJING)


def test_the_content_is_there_before_the_row(monkeypatch):
    seen = []

    def spy(table, columns, rows, **kwargs):
        rows = list(rows)
        seen.extend(vault.get(row[columns.index("sha256")]) for row in rows)
        return insert_rows(table, columns, rows, **kwargs)

    monkeypatch.setattr(services, "insert_rows", spy)
    store(b"first the disk")
    assert seen == [b"first the disk"]


def test_a_full_disk_leaves_nothing(monkeypatch):
    def full(descriptor):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            store()
    assert [p for p in Path(settings.FILES_ROOT).rglob("*") if p.is_file()] == []
    with acting(BEIJING):
        assert not StoredFile.objects.exists()


def test_many_are_one_event():
    files = [NewFile(f"{n}".encode(), f"{n}.txt", "text/plain", "/11/1101/") for n in range(300)]
    with acting(BEIJING):
        names = services.store_many(files=files, by=BEIJING, at=AT)
    with acting(Actor.system("test")), connection.cursor() as cursor:
        cursor.execute("SELECT (data->>'count')::int FROM audit_event WHERE kind = 'files.file.stored'")
        assert cursor.fetchall() == [(300,)]
    assert queries.read_many(names[:3], viewer=BEIJING) == {names[n]: f"{n}".encode() for n in range(3)}


def test_a_download_is_never_run_by_the_browser():
    page = store(b"<script>", name="x.html", content_type="text/html")
    found = response(page, BEIJING, "名单.html", inline=True)
    assert (
        found.headers["Content-Disposition"].startswith("attachment")
        and "no-store" in found.headers["Cache-Control"]
    )
    photo = response(store(b"jpeg"), CANDIDATE, inline=True)
    assert photo.headers["Content-Disposition"].startswith("inline") and photo.content == b"jpeg"
