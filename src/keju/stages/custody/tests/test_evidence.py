"""Evidence files: who may have one made, what is in it, and that anybody can tell a true one from any other."""

import io
import json
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from keju.kernel.audit import NotPermitted
from keju.kernel.audit import queries as audit
from keju.kernel.audit.sequencing import sequence_and_sign
from keju.kernel.exams.models import Exam
from keju.kernel.files import queries as files
from keju.kernel.jobs import services as jobs
from keju.kernel.offices import Actor, acting
from keju.stages.custody.models import Container
from keju.stages.custody.queries.evidence import NotYet
from keju.stages.custody.rules.chain import Act, Change, Counts
from keju.stages.custody.rules.evidence import check_package, read_keys
from keju.stages.custody.rules.evidence.package import SIGNATURE, Checked
from keju.stages.custody.services import carry_out
from keju.stages.custody.services import evidence as services
from keju.stages.custody.tests import hands
from keju.stages.custody.tests.hands import DAY, SYSTEM
from keju.stages.custody.tests.world import CENTRE_PAPERS, POINT_PAPERS, REGION_PAPERS, key, papers
from keju.stages.venues.tests.year import staff

LATER = DAY + timedelta(hours=30)
WHY = "纪检组来函〔2011〕12号"


@pytest.fixture
def bag(exam: Exam) -> Container:
    """A bag that came to the region's mail room in a box by two handovers, was taken out there, opened and counted."""
    papers(exam)
    who = hands.cast(exam)
    ids = hands.on_the_way(who)
    hands.done(
        who,
        "carrier_to_region_mail",
        ids,
        "mail_room:13",
        sides=hands.REGION_SIDES,
        by=REGION_PAPERS,
        at=LATER,
    )
    common = {"exam": exam, "office_path": "/13/", "by": SYSTEM, "at": LATER}
    with acting(SYSTEM):
        row = Container.objects.select_related("holding").filter(exam=exam, kind="bag").order_by("code")[0]
        out = Change(parent_id=None, place="mail_room:13", place_path="/13/", custodian="13")
        carry_out(key=key("cut"), act=Act.OPENED, changes=dict.fromkeys(ids, Change(seal="")), **common)
        carry_out(key=key("out"), act=Act.UNPACKED, changes={row.pk: out}, **common)
        carry_out(key=key("open"), act=Act.OPENED, changes={row.pk: Change(seal="")}, **common)
        counts = Counts(inside=row.copies - 1, missing=1)
        carry_out(key=key("count"), act=Act.COUNTED, changes={row.pk: Change(counts=counts)}, **common)
    return row


def keys() -> str:
    return "\n".join(str(k) for k in services.public_keys())


def made(bag: Container, by: Actor = CENTRE_PAPERS, kind: str = "container") -> bytes:
    sequence_and_sign(LATER)
    with acting(by):
        code = bag.code if kind == "container" else bag.site_code
        return services.make_evidence(
            exam=bag.exam, kind=kind, code=code, reason=WHY, by=by, at=LATER
        ).archive


def judged(archive: bytes, folder: Path, pinned: str = "") -> Checked:
    path = folder / "evidence.zip"
    path.write_bytes(archive)
    return check_package(path, read_keys(pinned or keys()))


def opened(archive: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(archive)) as found:
        return {name: found.read(name) for name in found.namelist()}


def zipped(contents: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in contents.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def _each_file_is_bound(bag: Container, archive: bytes, tmp_path: Path) -> None:
    contents = opened(archive)
    assert judged(zipped(contents), tmp_path).sound
    for name, data in contents.items():
        at = len(data) // 2
        changed = {**contents, name: data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]}
        assert not judged(zipped(changed), tmp_path).sound, name
        assert not judged(zipped({n: d for n, d in contents.items() if n != name}), tmp_path).sound, name
    assert not judged(zipped({**contents, f"evidence-{bag.code}/data/more.txt": b"x"}), tmp_path).sound
    assert not judged(zipped({**contents, "../out.txt": b"x"}), tmp_path).sound
    assert not judged(archive[: len(archive) // 2], tmp_path).sound


def _another_key_is_noticed(archive: bytes, tmp_path: Path) -> None:
    log, own = services.public_keys()
    other = type(own)(own.name, bytes(31) + b"\7")
    wrong = judged(archive, tmp_path, f"{log}\n{other}\n")
    assert [f.words for f in wrong.findings] == [SIGNATURE]
    foreign = type(log)(log.name, own.public)
    assert not judged(archive, tmp_path, f"{foreign}\n{own}\n").sound
    assert judged(archive, tmp_path, f"# pinned on paper\n{keys()}").sound


def _signatures_are_those_of_the_people_named(told: dict[str, Any]) -> None:
    """Whoever signs at a handover was named for it before."""
    signed = {d["proposal"]: {s["name"] for s in d["signatures"]} for d in told["documents"]}
    for handover in told["handovers"]:
        signers = signed[handover["proposal"]]
        assert signers and signers <= {p["name"] for p in handover["people"]}


@pytest.mark.rule("V12.2.0", "V12.5")
def test_it_holds_the_whole_life_and_is_proved_without_the_database(bag: Container, tmp_path: Path) -> None:
    with pytest.raises(NotYet):
        with acting(CENTRE_PAPERS):
            services.make_evidence(
                exam=bag.exam, kind="container", code=bag.code, reason=WHY, by=CENTRE_PAPERS, at=LATER
            )
    archive = made(bag)
    found = judged(archive, tmp_path)
    assert found.findings == () and found.steps == 5 + 5 and found.containers == 2
    inside = opened(archive)
    told = json.loads(inside[f"evidence-{bag.code}/data/evidence.json"])
    mine = [m for m in told["life"] if m["code"] == bag.code]
    assert [m["act"] for m in mine] == ["made", "packed", "unpacked", "opened", "counted"]
    assert mine[-1]["counts"]["missing"] == 1 and mine[1]["inside_code"].startswith("X")
    assert [h["state"] for h in told["handovers"]] == ["closed", "closed"]
    _signatures_are_those_of_the_people_named(told)
    assert inside[f"evidence-{bag.code}/data/evidence.pdf"].startswith(b"%PDF")
    with acting(SYSTEM):
        (event,) = audit.events(kind="custody.evidence.made", exam=bag.exam.slug)
    assert (event.data["reason"], event.data["steps"]) == (WHY, 10)
    _each_file_is_bound(bag, archive, tmp_path)
    _another_key_is_noticed(archive, tmp_path)


@pytest.mark.rule("V12.2.0")
def test_a_sites_file_holds_every_container_of_it(bag: Container, tmp_path: Path) -> None:
    archive = made(bag, kind="site", by=REGION_PAPERS)
    found = judged(archive, tmp_path)
    with acting(SYSTEM):
        papers_ = Container.objects.filter(exam=bag.exam, site_code=bag.site_code).count()
    assert (
        found.findings == () and found.containers > papers_ and found.about.endswith(f"site/{bag.site_code}")
    )
    told = json.loads(opened(archive)[f"evidence-{bag.site_code}/data/evidence.json"])
    (handover,) = told["handovers"]  # the centre's own one to its courier is not the region's to show
    assert handover["from"]["en"] == "National examination centre"
    _signatures_are_those_of_the_people_named(told)
    _who_may_not_gets_none(bag)


def _who_may_not_gets_none(bag: Container) -> None:
    exam = bag.exam
    asked = {"exam": exam, "kind": "container", "code": bag.code, "reason": WHY, "at": LATER}
    for role, office in (("point_custody", "1301"), ("region_leader", "13"), ("centre_exam", "centre")):
        with acting(by := staff(role, office)), pytest.raises(NotPermitted):
            services.ask_evidence(**asked, by=by)
    with acting(far := staff("region_custody", "23")), pytest.raises(NotPermitted):
        services.ask_evidence(**asked, by=far)
    with acting(far), pytest.raises(NotPermitted):
        services.ask_evidence(**{**asked, "kind": "site", "code": bag.site_code}, by=far)
    with acting(REGION_PAPERS), pytest.raises(ValidationError):
        services.ask_evidence(**{**asked, "reason": "  "}, by=REGION_PAPERS)
    assert not POINT_PAPERS.may("custody:evidence:make")
    with acting(SYSTEM):
        assert audit.events(kind="custody.evidence.asked", exam=exam.slug) == []


def test_asking_is_on_record_and_a_worker_makes_it(bag: Container, tmp_path: Path) -> None:
    with acting(REGION_PAPERS):
        job = services.ask_evidence(
            exam=bag.exam,
            kind="container",
            code=bag.code,
            reason=WHY,
            language="en",
            by=REGION_PAPERS,
            at=DAY,
        )
    done = jobs.run_now(job)
    assert (done.state, done.note_zh[:8]) == ("done", "证据文件已签名：")
    archive = files.read(done.result, viewer=REGION_PAPERS)
    assert judged(archive, tmp_path).sound
    told = json.loads(opened(archive)[f"evidence-{bag.code}/data/evidence.json"])
    assert any("custody.evidence.asked" in one["event"] and WHY in one["event"] for one in told["events"])
    with acting(SYSTEM):
        (asked,) = audit.events(kind="custody.evidence.asked", exam=bag.exam.slug)
    assert (asked.actor, asked.data["reason"]) == (REGION_PAPERS.ref, WHY)
