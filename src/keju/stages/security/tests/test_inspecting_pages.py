"""Inspections in the browser's terms: one item at a time on a phone, a finding with its photo, papers, the board."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from keju.kernel.calendar import CHINA, now
from keju.kernel.documents.models import Print
from keju.kernel.exams.models import Exam
from keju.kernel.jobs.tests.office import signed_in
from keju.kernel.offices import acting
from keju.kernel.readiness import AMBER, GREEN, RED
from keju.stages.security.models import Finding, Inspection
from keju.stages.security.queries import inspecting as queries
from keju.stages.security.queries import people
from keju.stages.security.readiness import inspecting as board
from keju.stages.security.services import inspecting as services
from keju.stages.security.tests.test_inspecting import close, mend, plan, raised
from keju.stages.security.tests.year import AT, MANAGER, OFFICER, make_year, on, person, picture
from keju.stages.venues.tests.year import SYSTEM

HOME = "/office/exam-2012/security/"


@pytest.fixture
def exam(db: None, settings: object, tmp_path: object) -> Exam:
    settings.FILES_ROOT = tmp_path  # type: ignore[attr-defined]
    return make_year()


@pytest.fixture
def client(exam: Exam, client: Client) -> Client:
    signed_in(client, "1301", "point_manager")
    return client


def test_the_home_leads_to_every_part(exam: Exam, client: Client) -> None:
    page = client.get(HOME).content.decode()
    parts = (
        "inspections",
        "findings",
        "letters",
        "matrix",
        "plans",
        "emergencies",
        "drills",
        "devices",
        "recordings",
    )
    for part in parts:
        assert f'href="{HOME}{part}/"' in page
        assert client.get(f"{HOME}{part}/").status_code == 200


@pytest.mark.rule("P2.4", "P7.3")
def test_on_a_phone_item_by_item_with_a_photo(exam: Exam, client: Client) -> None:
    (row,) = plan(exam, "before", "1301-01")
    owner = person("1301-01", "赵校长")
    page = client.get(f"{HOME}inspections/{row.pk}/")
    assert "屏蔽器" in page.content.decode() and "0" in page.content.decode()
    assert 'href="&lt;' not in page.content.decode()  # a form is no address to go back to
    there = f"{HOME}inspections/{row.pk}/items/devices/"
    wrong = {
        "outcome": "wrong",
        "words": "屏蔽器不通电",
        "severity": "major",
        "owner_code": "1301-01",
        "owner": "",
        "due_on": "2012-01-01",
    }
    refused = client.post(there, wrong)
    assert refused.status_code == 409 and "屏蔽器不通电" in refused.content.decode()
    today = now(exam).astimezone(CHINA).date()
    photo = SimpleUploadedFile("a.jpg", picture(), "image/jpeg")
    done = client.post(there, {**wrong, "owner": owner, "due_on": "", "photos": photo})
    assert done.status_code == 302, done.content.decode()
    with acting(SYSTEM):
        (found,) = Finding.objects.all()
    assert found.due_on == queries.latest_due(exam, "major", today)  # left empty: the last that it may be
    shown = client.get(f"{HOME}photos/{found.photos[0]['thumb']}/")
    assert (shown.status_code, shown["Content-Type"]) == (200, "image/jpeg")
    assert client.post(f"{HOME}inspections/{row.pk}/rest/").status_code == 302
    assert client.post(f"{HOME}inspections/{row.pk}/finish/", {"version": 1}).status_code == 302
    for address in (
        "",
        "inspections/",
        "inspections/export/",
        "findings/?late=on",
        "findings/export/",
        f"findings/{found.pk}/",
    ):
        assert client.get(HOME + address).status_code == 200, address
    paper = client.post(f"{HOME}inspections/{row.pk}/paper/")
    assert paper.content.startswith(b"%PDF-")
    with acting(SYSTEM):
        assert Print.objects.get(kind="inspection").subject == f"inspection:{row.pk}"


@pytest.mark.rule("P7.3")
def test_who_mended_it_is_refused_on_the_page_when_closing(exam: Exam, client: Client) -> None:
    row = raised(exam)
    there = f"{HOME}findings/{row.pk}/"
    assert client.post(there + "mend/", {"version": 1, "note": "已换锁"}).status_code == 302
    refused = client.post(there + "close/", {"version": 2, "note": "看过"})
    assert refused.status_code == 409 and "另一人" in refused.content.decode()
    assert (
        client.post(there + "extend/", {"version": 1, "note": "x", "due_on": "2012-08-09"}).status_code == 409
    ), "stale"


@pytest.mark.rule("P2.4", "P6.1", "P7.3")
def test_the_board_follows_inspections_and_findings(exam: Exam) -> None:
    def states(provider: object, path: str = "/13/", at: object = AT) -> dict[str, list[object]]:
        found: dict[str, list[object]] = {}
        with acting(SYSTEM):
            for row in provider(exam, path, at):  # type: ignore[operator]
                found.setdefault(row.office_path, []).append(row.state)
        return found

    assert states(board.secrecy) == {"/13/": [AMBER], "/13/1301/": [AMBER, AMBER]}
    assert states(board.checks, at=on(15, 9)) == {"/13/1301/01/": [RED]}
    assert states(board.findings) == {"/13/1301/": [GREEN], "/13/1301/01/": [GREEN]}
    (row,) = plan(exam)
    with acting(OFFICER):
        services.rest_is_right(exam=exam, inspection_id=row.pk, by=OFFICER, at=AT)
        services.finish(exam=exam, inspection_id=row.pk, version=1, by=OFFICER, at=AT)
    assert states(board.secrecy)["/13/1301/"] == [GREEN, AMBER]
    finding = raised(exam)
    assert states(board.findings)["/13/1301/"] == [AMBER]
    assert states(board.findings, at=on(3))["/13/1301/"] == [RED]
    close(exam, mend(exam, finding, by=MANAGER))
    assert states(board.findings, "/13/1301/", on(3))["/13/1301/"] == [GREEN]


def test_a_team_is_found_by_name_or_employer_and_what_was_typed_and_chosen_stays(
    exam: Exam, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people, "LISTED", 2)
    first, _, _ = (person("1301", f"人员{n}") for n in range(3))
    wanted = person("1301-01", "赵校长")
    there = f"{HOME}inspections/plan/"
    assert f'value="{wanted}"' not in client.get(there).content.decode()  # the list is full before it
    typed = {"note": "带封条", "team": str(first), "like": "校长", "find": "yes"}
    found = client.post(there, typed)
    page = found.content.decode()
    assert found.status_code == 200 and "带封条" in page and "has-error" not in page
    assert f'value="{wanted}">' in page and f'value="{first}" selected' in page
    with acting(SYSTEM):
        assert not Inspection.objects.exists()
