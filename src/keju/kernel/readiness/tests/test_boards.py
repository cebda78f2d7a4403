"""Boards: what is wrong first, who mends it, one click down, and nobody sees beside their own offices."""

from collections.abc import Iterator
from datetime import datetime
from io import BytesIO

import pytest
from django.urls import reverse
from python_calamine import CalamineWorkbook

from keju.kernel.audit import NotPermitted
from keju.kernel.exams.models import Exam
from keju.kernel.notices.tests.year import AT, exam_of_2011, officer, signed_in
from keju.kernel.offices import acting
from keju.kernel.readiness import AMBER, GREEN, GREY, MUST, PRINCIPLE, RED, Row, is_site, provides
from keju.kernel.readiness import registry as registered
from keju.kernel.readiness.boards import board
from keju.kernel.readiness.showing import Board, Filters
from keju.rulebook.words import t

pytestmark = pytest.mark.django_db
SHORT = t("还差{n}人", "{n} missing")


@pytest.fixture
def exam(monkeypatch: pytest.MonkeyPatch, settings, tmp_path) -> Exam:
    """Three rules: one lacks people in two places, one waits in all, one lacks things in rooms."""
    settings.FILES_ROOT = settings.STATIC_ROOT = tmp_path
    monkeypatch.setattr(registered, "_providers", {})

    @provides("V2.4", strength=MUST, title=t("副主考", "Deputies"))
    def deputies(exam: Exam, path: str, at: datetime) -> Iterator[Row]:
        for point, n in (("/11/1101/", 0), ("/13/1301/", 2), ("/13/1302/", 1)):
            words = SHORT.format(n=n) if n else None
            yield Row(
                point, RED if n else GREEN, words, "duties-list", lacking=n, mends="readiness:gate:override"
            )

    @provides("V14.4", strength=PRINCIPLE)
    def cordon(exam: Exam, path: str, at: datetime) -> Iterator[Row]:
        yield Row("/13/1301/01/", GREY)

    @provides("V14.7.4", strength=PRINCIPLE)
    def rooms(exam: Exam, path: str, at: datetime) -> Iterator[Row]:
        if is_site(path):
            for number in (1, 2, 3):
                yield Row(
                    "/13/1301/01/", AMBER if number > 1 else GREEN, SHORT.format(n=1), room=number, lacking=1
                )
        else:
            yield Row("/13/1301/01/", AMBER, SHORT.format(n=2), lacking=2, rooms=(2, 3))

    return exam_of_2011()


def seen(exam: Exam, viewer: str, code: str, room: int | None = None, **filters: str) -> Board:
    with acting(officer(viewer)):
        return board(
            viewer=officer(viewer), exam=exam, code=code, at=AT, filters=Filters(**filters), room=room
        )


def lines(found: Board) -> list[tuple[str, str, int]]:
    return [(line.clause.id, line.state.value, len(line.places)) for _, some in found.groups for line in some]


def test_the_nation_says_what_is_wrong_first_and_where(exam: Exam) -> None:
    found = seen(exam, "centre", "centre")
    assert found.state == RED and [n for *_, n in found.figures] == [2, 1, 1, 1]
    assert lines(found) == [("V2.4", "red", 2), ("V14.7.4", "amber", 1), ("V14.4", "grey", 0)]
    (deputies,) = [line for _, some in found.groups for line in some if line.clause.id == "V2.4"]
    assert [(p.code, str(p.words)) for p in deputies.places] == [("1301", "还差2人"), ("1302", "还差1人")]
    assert [str(w) for w in deputies.places[0].mending.who] == ["考区领导"]  # nobody lower may
    assert [(b.code, b.state.value, b.red, b.amber) for b in found.below] == [
        ("13", "red", 2, 1),
        ("11", "green", 0, 0),
        ("44", "grey", 0, 0),
    ]
    assert {c.id for c in found.unwatched} >= {"V2.3", "V12.1"} and "V2.4" not in {
        c.id for c in found.unwatched
    }
    (desks,) = [line for _, some in found.groups for line in some if line.clause.id == "V14.7.4"]
    assert desks.places[0].rooms == (2, 3)  # one click from the nation to the room


def test_down_to_the_room(exam: Exam) -> None:
    assert [(b.code, b.state.value) for b in seen(exam, "13", "1301").below] == [("1301-01", "amber")]
    site = seen(exam, "13", "1301-01")
    assert [(b.room, b.state.value) for b in site.below] == [(2, "amber"), (3, "amber"), (1, "green")]
    assert [code for code, _ in site.above] == ["13", "1301"]
    assert lines(seen(exam, "1301", "1301-01", room=2)) == [("V14.7.4", "amber", 1)]


def test_filters_narrow_everything(exam: Exam) -> None:
    assert lines(seen(exam, "13", "13", state="red")) == [("V2.4", "red", 2)]
    assert lines(seen(exam, "13", "13", state="open", strength="in principle")) == [("V14.7.4", "amber", 1)]
    assert lines(seen(exam, "13", "13", stage="venues", state="red")) == []
    assert lines(seen(exam, "13", "13", rule="V14.4")) == [("V14.4", "grey", 0)]


def test_nobody_sees_beside_their_own_offices(exam: Exam) -> None:
    for viewer, code in (("13", "11"), ("1301", "1302"), ("1301", "13"), ("13", "centre")):
        with pytest.raises(NotPermitted):
            seen(exam, viewer, code)


def page(client, name: str, **more: object) -> str:
    query = more.pop("query", "")
    answer = client.get(reverse(name, kwargs={"exam": "vet-2011", **more}) + str(query))
    assert answer.status_code == 200, answer.content.decode()[:1500]
    return answer.content.decode()


def test_the_pages_keep_the_filter_and_name_the_clause(exam: Exam, client) -> None:
    signed_in(client, "13", "region_officer")
    found = page(client, "readiness-board", query="?state=red")
    assert "还差2人" in found and reverse("rule", kwargs={"clause": "V2.4"}) in found
    assert reverse("readiness-office", kwargs={"exam": "vet-2011", "code": "1301"}) + "?state=red" in found
    assert "考区领导" in found and "去办理" not in found  # this officer may not mend it
    assert "2项红" in page(client, "office-home") or "readiness/figures" in page(client, "office-home")
    assert "2项红" in page(client, "readiness-figures") or "1项红" in page(client, "readiness-figures")
    assert "2项缺项或逾期" in page(client, "readiness-wall")
    assert "Room 2" in page(client, "readiness-room", site="1301-01", room=2, query="?lang=en")
    assert (
        client.get(reverse("readiness-office", kwargs={"exam": "vet-2011", "code": "2301"})).status_code
        == 404
    )
    sheet = client.get(
        reverse("readiness-export", kwargs={"exam": "vet-2011", "code": "13"}) + "?state=red&lang=zh"
    )
    cells = CalamineWorkbook.from_filelike(BytesIO(sheet.content)).get_sheet_by_index(0).to_python()
    assert [row[0] for row in cells] == ["单位代码", "1301", "1302"]


def test_a_leader_who_may_mend_it_gets_the_link(exam: Exam, client) -> None:
    signed_in(client, "13", "region_leader")
    assert "去办理" in page(client, "readiness-board", query="?state=red")


def test_the_same_rows_over_the_api(exam: Exam, client) -> None:
    signed_in(client, "13", "region_officer")
    answer = client.get("/api/v1/readiness/vet-2011/13?state=red")
    assert [(row["rule"], row["office"], row["lacking"]) for row in answer.json()] == [
        ("V2.4", "1301", 2),
        ("V2.4", "1302", 1),
    ]
    assert client.get("/api/v1/readiness/vet-2011/11").status_code == 404
