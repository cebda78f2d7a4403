"""V5.5 through the services: everything is in the bag, the bag validates, and a changed byte is found."""

import csv
import hashlib
import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction

from keju.algorithms import bagit, merkle
from keju.kernel.accounts.queries import identity_index
from keju.kernel.audit import NotPermitted
from keju.kernel.audit.models import Event
from keju.kernel.audit.sequencing import sequence_and_sign, signer
from keju.kernel.exams.models import Exam
from keju.kernel.offices import acting
from keju.rulebook import RuleRefused
from keju.stages.archive import queries, rules, services
from keju.stages.archive.models import Bag
from keju.stages.archive.params import Params
from keju.stages.results import services as results
from keju.stages.results.tests.year import (
    AT,
    BEIJING,
    CENTRE,
    OFFICE,
    PEOPLE,
    SYSTEM,
    identity,
    released_exam,
)


@pytest.fixture
def exam(db: None) -> Exam:
    return released_exam()


def sealed(exam: Exam, folder: Path) -> services.Sealed:
    with acting(CENTRE):
        return services.seal(exam=exam, folder=folder, by=CENTRE, at=AT)


def lines(folder: Path, path: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / "data" / path).read_bytes().splitlines()]


@pytest.mark.rule("V5.5")
def test_the_bag_validates_and_its_digest_is_in_the_log(exam: Exam, tmp_path: Path) -> None:
    done = sealed(exam, tmp_path / "bag")
    assert bagit.validate(done.path, digest=done.digest) == []
    with acting(SYSTEM):
        event = Event.objects.get(kind="archive.bag.sealed")
        assert event.data["digest"] == done.digest == Bag.objects.get().digest
    assert not (tmp_path / "bag.part").exists()


@pytest.mark.rule("V5.5")
def test_the_catalogue_names_every_file_with_checksum_rows_and_term(exam: Exam, tmp_path: Path) -> None:
    data = sealed(exam, tmp_path / "bag").path / "data"
    listed = {row["file"]: row for row in csv.DictReader((data / "catalogue.csv").read_text().splitlines())}
    there = {str(p.relative_to(data)) for p in data.rglob("*") if p.is_file()}
    assert set(listed) == there - {"catalogue.csv"}
    for path, row in listed.items():
        content = (data / path).read_bytes()
        assert row["sha256"] == hashlib.sha256(content).hexdigest()
        assert row["retention"] in rules.CLASSES
        if path.endswith(".jsonl"):
            assert int(row["rows"]) == len(content.splitlines())
    assert listed["results/results_result.jsonl"]["keep_until"] == ""
    assert listed["registration/registration_registration.jsonl"]["keep_until"] == "2041-12-31"
    assert int(listed["results/results_result.jsonl"]["rows"]) == len(PEOPLE)


@pytest.mark.rule("V5.5")
def test_every_table_of_every_stage_goes_into_the_archive(db: None) -> None:
    """A new stage cannot forget itself: its tables are found in the database, not in a list."""
    labels = [
        c.label for c in apps.get_app_configs() if c.name.startswith("keju.stages.") and c.label != "archive"
    ]
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        found = {name for (name,) in cursor.fetchall() if name.split("_")[0] in labels}
    outside = {name for name in queries.OUTSIDE if name.split("_")[0] in labels}
    assert found == {t.name for t in queries.tables() if t.stage in labels} | outside
    assert len(labels) >= 11


@pytest.mark.rule("V5.5")
def test_sealed_numbers_leave_masked_with_their_index(exam: Exam, tmp_path: Path) -> None:
    folder = sealed(exam, tmp_path / "bag").path
    first = lines(folder, "registration/registration_registration.jsonl")[0]
    number = identity(1)
    assert first["identity"]["index"] == identity_index(number).hex() == first["identity_index"]  # type: ignore[index]
    for path in (folder / "data").rglob("*.jsonl"):
        content = path.read_text()
        assert number not in content and "13800000000" not in content


@pytest.mark.rule("V5.5")
def test_only_the_exams_own_rows_are_in_it(exam: Exam, tmp_path: Path) -> None:
    from datetime import date

    from keju.kernel.exams import services as exams

    with acting(SYSTEM):
        exams.make(
            slug="vet-2012", programme="veterinarian", year=2012, exam_day=date(2012, 10, 14),
            rules_as_of=date(2012, 6, 1), is_rehearsal=True, by=SYSTEM, at=AT,
        )  # fmt: skip
    folder = sealed(exam, tmp_path / "bag").path
    assert [e["slug"] for e in lines(folder, "exams/exams_exam.jsonl")] == [exam.slug]
    assert {s["exam_id"] for s in lines(folder, "exams/exams_session.jsonl")} == {exam.pk}
    assert {e["event"]["exam"] for e in lines(folder, "audit/events.jsonl")} == {exam.slug}  # type: ignore[index]


@pytest.mark.rule("V5.5")
def test_the_audit_material_proves_itself_without_this_program(exam: Exam, tmp_path: Path) -> None:
    with acting(SYSTEM):
        sequence_and_sign(AT)
    folder = sealed(exam, tmp_path / "bag").path
    leaves = (folder / "data/audit/leaves.txt").read_text().split()
    frontier = merkle.Frontier()
    for leaf in leaves:
        frontier.append(bytes.fromhex(leaf))
    note = (folder / "data/audit/checkpoint.txt").read_text()
    assert merkle.open_checkpoint(note, [signer().verifier]).root == frontier.root()
    found = lines(folder, "audit/events.jsonl")
    assert len(found) > 10
    for one in found:
        body = json.dumps(one["event"], sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        digest = hashlib.sha256(b"\0" + body).hexdigest()
        assert digest == one["hash"] == leaves[one["leaf"]]  # type: ignore[index, call-overload]


@pytest.mark.rule("V5.5")
def test_the_same_records_give_the_same_bag(exam: Exam, tmp_path: Path) -> None:
    """Nothing but the records and the day goes in: sealed twice in one state, the payload is the same bytes."""
    digests = []
    for name in ("a", "b"):
        try:
            with acting(CENTRE):
                digests.append(services.seal(exam=exam, folder=tmp_path / name, by=CENTRE, at=AT).digest)
                raise InterruptedError  # the first sealing itself must not be part of the second
        except InterruptedError:
            pass
    assert digests[0] == digests[1]


@pytest.mark.rule("V5.5", "V17.2.1")
def test_the_registers_that_were_sent_lie_in_it(exam: Exam, tmp_path: Path) -> None:
    with acting(OFFICE):
        results.send_register(exam=exam, region_code="11", by=OFFICE, at=AT)
    folder = sealed(exam, tmp_path / "bag").path
    assert (folder / "data/results/registers/11.pdf").read_bytes().startswith(b"%PDF")
    assert (folder / "data/results/registers/11.xlsx").read_bytes().startswith(b"PK")


@pytest.mark.rule("V5.5")
def test_a_changed_byte_and_a_bag_sealed_anew_are_found(exam: Exam, tmp_path: Path) -> None:
    done = sealed(exam, tmp_path / "bag")

    def checked() -> set[str]:
        with acting(CENTRE):
            row = services.check(exam=exam, bag_id=done.bag_id, by=CENTRE, at=AT + timedelta(days=1))
        return {p["kind"] for p in row.problems}

    assert checked() == set()
    target = done.path / "data/results/results_result.jsonl"
    target.write_bytes(target.read_bytes().replace(b'"level":""', b'"level":"licensed"', 1))
    assert "altered" in checked()
    for name in ("manifest-sha256.txt", "tagmanifest-sha256.txt", "bag-info.txt", "bagit.txt"):
        (done.path / name).unlink()
    bagit.seal(done.path, [("Source-Organization", "Keju")])
    assert bagit.validate(done.path) == []
    assert checked() == {"digest"}


def test_a_folder_with_something_in_it_is_left_alone(exam: Exam, tmp_path: Path) -> None:
    (tmp_path / "bag").mkdir()
    (tmp_path / "bag" / "mine.txt").write_text("x")
    with pytest.raises(RuleRefused):
        sealed(exam, tmp_path / "bag")
    assert (tmp_path / "bag" / "mine.txt").read_text() == "x"
    with acting(SYSTEM):
        assert not Bag.objects.exists()


def test_a_failure_leaves_neither_bag_nor_row(
    exam: Exam, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(rules, "catalogue", broken)
    with pytest.raises(OSError, match="No space"):
        sealed(exam, tmp_path / "bag")
    assert list(tmp_path.iterdir()) == []
    with acting(SYSTEM):
        assert not Bag.objects.exists() and not Event.objects.filter(kind="archive.bag.sealed").exists()


def test_only_the_centre_seals_and_bags_only_grow(exam: Exam, tmp_path: Path) -> None:
    with acting(BEIJING), pytest.raises(NotPermitted):
        services.seal(exam=exam, folder=tmp_path / "bag", by=BEIJING, at=AT)
    sealed(exam, tmp_path / "bag")
    with acting(BEIJING):
        assert not Bag.objects.exists()
    with acting(SYSTEM), pytest.raises(DatabaseError), transaction.atomic():
        Bag.objects.update(digest="0" * 64)


@pytest.mark.rule("V5.5")
def test_terms_count_from_the_end_of_the_exam_year() -> None:
    params = Params(long_years=30, short_years=10)
    assert [rules.keep_until(rules.retention_of(s), 2011, params) for s in ("results", "fees", "venues")] == [
        "", "2041-12-31", "2021-12-31",
    ]  # fmt: skip
