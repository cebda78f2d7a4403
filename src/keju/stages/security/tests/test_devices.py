"""Devices: in the inventory, tested, at one place at a time; what is broken does not count."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client

from keju.kernel.audit.models import Event
from keju.kernel.exams.models import Exam
from keju.kernel.jobs.tests.office import signed_in
from keju.kernel.offices import acting
from keju.kernel.readiness import AMBER, GREEN
from keju.kernel.sheets import write_csv
from keju.rulebook import RuleRefused
from keju.stages.security.models import Device, DeviceUse
from keju.stages.security.queries import devices as queries
from keju.stages.security.readiness import devices as board
from keju.stages.security.rules import devices as rules
from keju.stages.security.services import devices as services
from keju.stages.security.services.devices import NewDevice, Placing
from keju.stages.security.tests.year import AT, MANAGER, make_year
from keju.stages.venues.tests.year import SYSTEM

HOME = "/office/exam-2012/security/"


@pytest.fixture
def exam(db: None, settings: object, tmp_path: object) -> Exam:
    settings.FILES_ROOT = tmp_path  # type: ignore[attr-defined]
    return make_year()


def added(exam: Exam, *kinds: str, passed: bool | None = True) -> list[int]:
    """Devices of these kinds, each tested unless `passed` is None."""
    with acting(MANAGER):
        n = Device.objects.count()
        new = [NewDevice(kind, f"A{n + i}") for i, kind in enumerate(kinds)]
        ids = [
            d.pk for d in services.add_devices(exam=exam, office_code="1301", devices=new, by=MANAGER, at=AT)
        ]
        if passed is not None:
            services.test_devices(exam=exam, device_ids=ids, passed=passed, note="试机", by=MANAGER, at=AT)
    return ids


def place(exam: Exam, ids: list[int], **where: int) -> None:
    span = queries.span(exam)
    assert span
    with acting(MANAGER):
        services.place_devices(
            exam=exam, site_code="1301-01", placings=[Placing(pk, **where) for pk in ids], from_at=span[0], until_at=span[1],
            by=MANAGER, at=AT,
        )  # fmt: skip


def lacking(exam: Exam) -> dict[str, int]:
    with acting(MANAGER):
        return {need.kind.code: need.lacking for need in queries.needs(exam, "/13/1301/")}


@pytest.mark.rule("P2.3")
@pytest.mark.parametrize(
    ("things", "per", "wanted"), [(0, 1, 0), (3, 1, 3), (3, 2, 2), (20, 10, 2), (21, 10, 3), (5, 0, 0)]
)
def test_one_device_serves_so_many(things: int, per: int, wanted: int) -> None:
    assert rules.needed(things, per) == wanted
    assert rules.shortfall(wanted, wanted + 1) == 0


@pytest.mark.rule("P2.3")
def test_broken_and_untested_devices_do_not_count(exam: Exam) -> None:
    assert lacking(exam) == {"radio": 1, "jammer": 2, "metal_detector": 1, "identity_reader": 1}
    good, new = added(exam, "jammer"), added(exam, "jammer", passed=None)
    place(exam, good, room=1)
    place(exam, new, room=2)
    assert lacking(exam)["jammer"] == 1
    with acting(MANAGER):
        services.test_devices(exam=exam, device_ids=new, passed=True, by=MANAGER, at=AT)
        assert lacking(exam)["jammer"] == 0
        services.test_devices(exam=exam, device_ids=good, passed=False, note="不通电", by=MANAGER, at=AT)
        assert lacking(exam)["jammer"] == 1
        assert Event.objects.filter(kind="security.devices.tested", rules=["P2.3"]).count() == 3
        with pytest.raises(RuleRefused) as refused:
            services.test_devices(exam=exam, device_ids=good, passed=False, by=MANAGER, at=AT)
    assert [r.code for r in refused.value.refusals] == ["security_no_evidence"]


def test_of_many_tested_none_is_left_out_in_silence(exam: Exam) -> None:
    ids = added(exam, *["radio"] * 25, passed=None)
    with acting(MANAGER):
        with pytest.raises(Device.DoesNotExist):
            services.test_devices(
                exam=exam, device_ids=[*ids, ids[-1] + 1000], passed=True, by=MANAGER, at=AT
            )
        assert not Device.objects.filter(passed=True).exists()
        assert services.test_devices(exam=exam, device_ids=ids, passed=True, by=MANAGER, at=AT) == 25


@pytest.mark.rule("P2.3")
def test_a_device_is_at_one_place_at_a_time(exam: Exam) -> None:
    (one,) = added(exam, "radio")
    place(exam, [one])
    with pytest.raises(RuleRefused) as refused:
        place(exam, [one], room=1)
    assert [r.code for r in refused.value.refusals] == ["security_device_taken"]
    with acting(SYSTEM), pytest.raises(IntegrityError, match="one_at_a_time"), transaction.atomic():
        use = DeviceUse.objects.get()
        use.pk, use.from_at = None, use.from_at + timedelta(hours=1)
        use.save(force_insert=True)
    with acting(MANAGER):
        services.take_back(
            exam=exam, site_code="1301-01", use_ids=[DeviceUse.objects.get().pk], by=MANAGER, at=AT
        )
    place(exam, [one], room=1)
    with pytest.raises(RuleRefused) as nowhere:
        place(exam, added(exam, "radio"), room=99)
    assert [r.code for r in nowhere.value.refusals] == ["security_strange_room"]


@pytest.mark.rule("P2.3")
def test_an_entrance_has_a_name(exam: Exam) -> None:
    with acting(MANAGER):
        with pytest.raises(RuleRefused) as refused:
            services.add_entrance(exam=exam, site_code="1301-01", name=" ", by=MANAGER, at=AT)
        assert [r.code for r in refused.value.refusals] == ["security_no_entrance"]
        assert not queries.entrances(exam, "1301-01")
        services.add_entrance(exam=exam, site_code="1301-01", name="东门 ", by=MANAGER, at=AT)
        assert [row.name for row in queries.entrances(exam, "1301-01")] == ["东门"]


@pytest.mark.rule("P2.3")
def test_the_board_shows_what_a_site_lacks(exam: Exam) -> None:
    def state() -> dict[str, object]:
        with acting(SYSTEM):
            return {row.office_path: (row.state, row.lacking) for row in board.devices(exam, "/13/", AT)}

    assert state() == {"/13/1301/01/": (AMBER, 5)}
    place(exam, added(exam, "radio", "jammer", "jammer", "metal_detector", "identity_reader"))
    assert state() == {"/13/1301/01/": (GREEN, 0)}


@pytest.mark.rule("P2.3")
def test_devices_from_a_spreadsheet_all_or_none(exam: Exam, client: Client) -> None:
    signed_in(client, "1301", "point_manager")

    def sent(*rows: tuple[str, str, str]) -> int:
        file = SimpleUploadedFile("d.csv", write_csv(services.COLUMNS, rows), "text/csv")
        return int(client.post(f"{HOME}devices/import/", {"file": file}).status_code)

    assert sent(("B1", "屏蔽器", "PX-2"), ("B2", "无人机", "")) == 409
    with acting(SYSTEM):
        assert not Device.objects.exists()
    assert sent(("B1", "屏蔽器", "PX-2"), ("B2", "Handheld radio", "")) == 302
    assert sent(("B1", "屏蔽器", "")) == 409
    with acting(SYSTEM):
        row = Device.objects.get(tag="B1")
    assert client.post(f"{HOME}devices/{row.pk}/test/", {"passed": "0", "note": ""}).status_code == 409
    assert f'name="device" value="{row.pk}"' in client.get(f"{HOME}devices/").content.decode()
    assert client.post(f"{HOME}devices/sound/", {"device": ["x"]}).status_code == 422
    assert client.post(f"{HOME}devices/sound/", {"device": [row.pk]}).status_code == 302
    assert f'name="device" value="{row.pk}"' not in client.get(f"{HOME}devices/").content.decode()
    assert client.post(f"{HOME}sites/1301-01/entrances/", {"name": "东门"}).status_code == 302
    there = f"{HOME}sites/1301-01/devices/"
    span = {"from_at": "2012-09-15T08:00", "until_at": "2012-09-16T18:00"}
    assert client.post(there, {"place": "room-1", "devices": [row.pk], **span}).status_code == 302
    assert client.post(there, {"place": "site", "devices": [row.pk], **span}).status_code == 409
    for address in (
        "devices/",
        "devices/?state=fit&kind=jammer",
        "devices/export/",
        "devices/template/",
        f"devices/{row.pk}/",
    ):
        assert client.get(HOME + address).status_code == 200, address
    assert "东门" in client.get(there).content.decode()


@pytest.mark.rule("P2.3")
def test_a_test_of_another_year_does_not_count(exam: Exam) -> None:
    old = added(exam, "radio")
    with acting(MANAGER):
        Device.objects.filter(pk__in=old).update(tested_at=AT - timedelta(days=365))
    place(exam, old)
    assert lacking(exam)["radio"] == 1
    with acting(MANAGER):
        services.test_devices(exam=exam, device_ids=old, passed=True, by=MANAGER, at=AT)
    assert lacking(exam)["radio"] == 0
