"""Handovers in the browser and over the API: from preparing to the last signature, on one telephone."""

import json
import re
import uuid

import pytest
from django.test import Client

from keju.kernel.accounts.services import signing
from keju.kernel.notices.tests.year import signed_in
from keju.kernel.offices import acting
from keju.kernel.offices.queries import office
from keju.stages.custody.forms.handovers import KindForm
from keju.stages.custody.models import CustodyException, Handover, HandoverScan
from keju.stages.custody.queries import destinations
from keju.stages.custody.tests import hands
from keju.stages.custody.tests.hands import Cast, arranged, boxes, holding


@pytest.fixture
def client() -> Client:
    """A papers officer of the centre, signed in."""
    made = Client()
    signed_in(made, "centre", "centre_custody")
    return made


def test_prepared_counted_and_signed_on_one_telephone(who: Cast, client: Client) -> None:
    base = f"/office/{who.exam.slug}/custody/"
    assert "没有这样的交接" in client.get(base + "handovers/").content.decode()
    way = {"kind": "centre_to_carrier", "sender": "centre", "receiver": "centre", "place": "journey:1"}
    page = client.get(base + "handovers/new/", way)
    assert page.status_code == 200
    people: dict[str, list[int]] = {}
    for p in who.people("centre_to_carrier", "centre", "centre"):
        people.setdefault(f"p-{p.side}-{p.role}", []).append(p.person_id)
    with acting(hands.SYSTEM):
        code = hands.Container.objects.get(pk=boxes(who.exam)[0]).code
    data = {**way, **people, "codes": code, "key": str(uuid.uuid4())}
    few = client.post(base + "handovers/new/", {**data, "p-receiver-escort": []})
    assert few.status_code == 422 and "V11.1" in few.content.decode()
    kept = re.findall(r'name="(p-[a-z-_]+)" value="(\d+)" checked', few.content.decode())
    wanted = [(role, str(pk)) for role, ids in people.items() for pk in ids if role != "p-receiver-escort"]
    assert sorted(kept) == sorted(wanted)  # a person is ticked in the part chosen, in no other
    for wrong, said in (
        (
            {"codes": f"{code} B0"},
            "有1个编号不认识，或不在本单位：B0。",
        ),  # a code misread is named, and nothing is handed over without it
        ({"codes": ""}, "还没有写明移交哪些箱袋"),
        ({"place": ""}, "请选择交到哪里"),
        ({"place": "store:x"}, "不能交到这里"),
    ):
        refused = client.post(base + "handovers/new/", {**data, **wrong})
        assert refused.status_code == 422 and said in refused.content.decode()
    assert client.post(base + "handovers/new/", data).status_code == 302
    with acting(hands.SYSTEM):
        row = Handover.objects.get()
    one = f"{base}handovers/{row.pk}/"
    batch = {"key": str(uuid.uuid4()), "scans": json.dumps([[code, 1_800_000_000_000], ["B0", 1]])}
    for _ in range(2):
        sent = client.post(one + "scan/", batch)
        assert [f[1] for f in sent.json()["found"]] == ["expected", "misread"]
    assert client.post(one + "scan/", {**batch, "scans": "nonsense"}).status_code == 422
    with acting(hands.SYSTEM):
        assert HandoverScan.objects.filter(handover=row).count() == 2
    assert client.post(one + "finish/").status_code == 302
    with acting(hands.SYSTEM):
        row.refresh_from_db()
        assert row.proposal is not None
        content = row.proposal.content_hash
        named = list(row.people.values_list("person_id", flat=True))
    wrong = client.post(one + "sign/", {"person": named[-1], "code": "00X", "content": content})
    assert wrong.status_code == 422 and "签名码" in wrong.content.decode()
    with acting(hands.SYSTEM):
        signing.SigningSheet.objects.update(failures=0, failed_at=None)
    for person in named:
        form = {"person": person, "code": who.code(person), "content": content}
        assert client.post(one + "sign/", form).status_code == 302
    assert holding(boxes(who.exam)[0]).place == "journey:1"
    assert client.get(one).status_code == 200
    assert client.post(one + "sheet/").content.startswith(b"%PDF")


def test_where_it_goes_is_chosen_by_name_and_what_stands_ready_is_filled_in(
    who: Cast, client: Client
) -> None:
    base = f"/office/{who.exam.slug}/custody/"
    with acting(hands.SYSTEM):
        codes = set(hands.Container.objects.filter(pk__in=boxes(who.exam)).values_list("code", flat=True))
    way = {"kind": "carrier_to_region_mail", "sender": "centre", "receiver": "13"}
    mail = client.get(base + "handovers/new/", way).content.decode()
    assert 'value="mail_room:13"' in mail and "机要收发室 河北省" in mail and not codes & set(mail.split())
    way = {"kind": "centre_to_carrier", "sender": "centre", "receiver": "centre"}
    page = client.get(base + "handovers/new/", way).content.decode()
    assert "还没有可以交到的地方" in page and all(code in page for code in codes)
    only = client.get(base + "handovers/new/", {"kind": "carrier_to_region_mail"}).content.decode()
    assert 'value="mail_room:13"' in only  # there is no other region to choose
    own, regions = office("centre"), [office("13"), office("51")]
    kinds = destinations.kinds_of(who.exam, own)
    form = KindForm(own, kinds, regions, {"kind": "carrier_to_region_mail"})
    assert not form.is_valid() and list(form.errors) == ["other"]
    form = KindForm(own, kinds, regions, {"kind": "carrier_to_region_mail", "other": "51"})
    assert form.is_valid() and (form.cleaned_data["sender"], form.cleaned_data["receiver"]) == (
        "centre",
        "51",
    )
    first = client.get(base + "handovers/new/").content.decode()
    assert (
        "centre_to_carrier" in first
        and "point_store_to_seal_room" not in first
        and "region_to_carrier" not in first
    )


def test_typed_codes_missing_ones_and_the_list_of_exceptions(who: Cast, client: Client) -> None:
    row = arranged(who, "centre_to_carrier", boxes(who.exam), "journey:1")
    one = f"/office/{who.exam.slug}/custody/handovers/{row.pk}/"
    with acting(hands.SYSTEM):
        code = row.items.get().code
    typed = {"key": str(uuid.uuid4()), "codes": "B12\nB13", "state": "intact"}
    assert client.post(one + "scan/", typed).status_code == 302
    bare = client.post(one + "scan/", {"key": str(uuid.uuid4()), "codes": code, "state": "broken"})
    assert bare.status_code == 422
    assert client.post(one + "finish/").status_code == 422
    assert client.post(one + "finish/", {"missing": "yes"}).status_code == 302
    with acting(hands.SYSTEM):
        wrong = CustodyException.objects.get()
    page = client.get(f"/office/{who.exam.slug}/custody/exceptions/?open=yes").content.decode()
    assert code in page
    said = {"instruction": "查找", "lifts": ""}
    answer = client.post(f"/office/{who.exam.slug}/custody/exceptions/{wrong.pk}/instruct/", said)
    assert answer.status_code == 422 and "V11.3.3" in answer.content.decode()
    assert client.post(one + "reopen/", {"reason": "再找"}).status_code == 302
    assert client.post(one + "stop/", {"reason": "改期"}).status_code == 302


def test_the_same_over_the_api(who: Cast, client: Client) -> None:
    row = arranged(who, "centre_to_carrier", boxes(who.exam), "journey:1")
    base = f"/api/v1/custody/{who.exam.slug}/handovers"
    assert [h["id"] for h in client.get(base).json()] == [row.pk]
    (item,) = client.get(f"{base}/{row.pk}/items").json()
    body = {"key": str(uuid.uuid4()), "scans": [{"code": item["code"]}]}
    sent = client.post(f"{base}/{row.pk}/scans", json.dumps(body), content_type="application/json")
    assert sent.json() == [{"code": item["code"], "verdict": "expected", "seen": "intact"}]
    assert client.get(f"/api/v1/custody/{who.exam.slug}/exceptions").json() == []
