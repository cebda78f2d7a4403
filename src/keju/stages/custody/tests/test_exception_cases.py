"""What a handover finds abnormal becomes a case with its containers; the case's end is the superior's instruction (V11.3.3)."""

from datetime import timedelta

import pytest
from django.test import Client

from keju.kernel.audit.models import Event
from keju.kernel.notices.tests.year import signed_in
from keju.kernel.offices import acting
from keju.rulebook import RuleRefused
from keju.stages.custody.models import Case, CustodyException
from keju.stages.custody.queries import alarms
from keju.stages.custody.rules.cases import STEPS
from keju.stages.custody.services import handovers, incidents
from keju.stages.custody.tests import hands
from keju.stages.custody.tests.hands import DAY, Cast, arranged, holding, on_the_way
from keju.stages.custody.tests.screens import text, url
from keju.stages.custody.tests.world import CENTRE_PAPERS, REGION_PAPERS, key

HOUR = timedelta(hours=1)


@pytest.mark.rule("V11.3.3", "V12.5")
def test_a_missing_box_becomes_an_incident_and_its_end_settles_the_exception(who: Cast) -> None:
    (box,) = on_the_way(who)
    row = arranged(who, "carrier_to_region_mail", [box], "mail_room:13", sides=hands.REGION_SIDES)
    with acting(REGION_PAPERS):
        handovers.finish_count(
            exam=who.exam, handover_id=row.pk, declare_missing=True, by=REGION_PAPERS, at=DAY + HOUR
        )
        found = CustodyException.objects.get()
        assert (found.kind, found.container_id, found.case_id) == ("missing", box, None)

    region = Client()
    signed_in(region, "13", "region_custody")
    assert f"?exception={found.pk}" in region.get(url("exceptions")).content.decode()
    form = region.get(url("case-report") + f"?exception={found.pk}")
    known = form.context["form"].initial
    assert known["sort"] == "missing" and known["codes"] == found.code
    elsewhere = Client()
    signed_in(elsewhere, "1301", "point_custody")
    assert elsewhere.get(url("case-report") + f"?exception={found.pk}").status_code == 404
    sent = {**known, "key": str(key("lost box")), "codes": ""}  # the exception carries its container
    assert region.post(url("case-report"), sent).status_code == 302

    def wrong() -> set[str]:
        with acting(hands.SYSTEM):
            kinds = {a.kind for a in alarms.alarms(who.exam, "/", Case.objects.get().reported_at)}
            return kinds & {"handover_short", "incident_open"}

    with acting(REGION_PAPERS):
        case = Case.objects.get()
        assert [c.container_id for c in case.containers.all()] == [box]
        assert CustodyException.objects.get().case_id == case.pk
        assert Event.objects.get(kind="custody.case.reported").data["exceptions"] == [found.pk]
    assert "已转为" in text(region.get(url("exceptions")))
    assert wrong() == {"handover_short", "incident_open"} and holding(box).frozen
    with acting(CENTRE_PAPERS):
        asked = {"exam": who.exam, "by": CENTRE_PAPERS, "at": case.reported_at + HOUR}
        with pytest.raises(RuleRefused, match="custody_case_has"):
            handovers.instruct(exception_id=found.pk, instruction="x", lifts=True, **asked)
        for step in STEPS:
            incidents.take_step(case_id=case.pk, step=step, **asked)
        close = {"case_id": case.pk, "version": 1, "findings": "已在车厢内找到，封条完好", "release": [box]}
        incidents.close_incident(**close, **asked)
        settled = CustodyException.objects.get()
        assert settled.lifts and settled.instructed_by == CENTRE_PAPERS.ref and "找到" in settled.instruction
        assert Event.objects.get(kind="custody.exception.instructed").rules == ["V11.3.3"]
    assert wrong() == set() and not holding(box).frozen
    again = {**sent, "key": str(key("again"))}
    assert region.post(url("case-report"), again).status_code == 409  # settled meanwhile
