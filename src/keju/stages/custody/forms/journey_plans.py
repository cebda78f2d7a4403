"""What is typed of a journey before it leaves: its plan, and what comes of it."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from django import forms

from keju.kernel.exams.choosing import offer
from keju.rulebook.words import Words, t
from keju.stages.custody.forms.journeys import MODES, long_text
from keju.stages.custody.rules.journeys import (
    ACCOMPANYING,
    PAPERS,
    Crew,
    Duty,
    Leg,
    Mode,
    Plan,
    Vehicle,
)
from keju.stages.custody.rules.places import read

MOMENT = {"type": "datetime-local"}


AT = "%Y-%m-%dT%H:%M"
VEHICLES = 3


Choices = Sequence[tuple[Any, Any]]


class PlanForm(forms.Form):
    """The plan of a leg. `ends` is "13>1301>store:5"; once it is `settled` people are chosen from those of its two offices
    appointed to posts with papers."""

    ends = forms.ChoiceField(label=t("由哪里到哪里", "From where to where"))
    mode = forms.ChoiceField(label=t("方式", "By"), choices=list(MODES.items()))
    depart_at = forms.DateTimeField(
        label=t("计划出发", "Planned to leave"), widget=forms.DateTimeInput(attrs=MOMENT, format=AT)
    )
    arrive_at = forms.DateTimeField(
        label=t("计划到达", "Planned to arrive"), widget=forms.DateTimeInput(attrs=MOMENT, format=AT)
    )
    responsible_id = forms.TypedChoiceField(
        label=t("发出方负责人", "Answers for it at the sender"), coerce=int, empty_value=None, required=False
    )
    receiver_id = forms.TypedChoiceField(
        label=t("接收方负责人", "Answers for it at the receiver"),
        coerce=int,
        empty_value=None,
        required=False,
    )
    conditions = long_text(t("重量、包装、防潮的安排", "How weight, packing and damp are met"))
    route = long_text(t("路线", "Route"), help_text=t("出发后不得变更", "It is not changed on the way"))
    road = long_text(t("路况和天气", "Road and weather"))
    police = forms.CharField(
        label=t("公安部门联系人（到考场必填）", "Police (to a site: must)"), required=False, max_length=200
    )
    secrecy = forms.CharField(
        label=t("保密部门联系人（到考场必填）", "Secrecy authority (to a site: must)"),
        required=False,
        max_length=200,
    )
    carrier = forms.CharField(
        label=t("承运单位（机要寄递必填）", "Carrier (by post: must)"), required=False, max_length=120
    )
    terms = long_text(t("与承运单位的约定（机要寄递必填）", "Terms agreed with the carrier (by post: must)"))
    exception = forms.CharField(
        label=t("例外的理由", "Why an exception"), required=False, max_length=300,
        help_text=t("空运，或不在考前两天到达的，写明原因报批", "By air, or arriving on another day: say why"),
    )  # fmt: skip
    leader = forms.TypedChoiceField(
        label=t("押运负责人", "Leads the escort"), coerce=int, empty_value=None, required=False
    )

    def __init__(
        self, *args: Any, ends: Choices, people: Choices, settled: bool = True, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.settled, self.known_ends = settled, dict(ends)
        nobody = [("", t("请选择", "Choose"))]
        offer(self, "ends", ends)
        for name in ("responsible_id", "receiver_id", "leader"):
            offer(self, name, [*nobody, *people])
        for n in range(1, VEHICLES + 1):
            self._vehicle(n, people)

    def _vehicle(self, n: int, people: Choices) -> None:
        def label(words: Words) -> Words:
            return t("车辆{n}：{w}", "Vehicle {n}: {w}").format(n=n, w=words)

        self.fields[f"plate{n}"] = forms.CharField(
            label=label(t("车牌", "plate")), required=False, max_length=12
        )
        kinds = [(PAPERS, t("装运试卷", "carries papers")), (ACCOMPANYING, t("护送车", "drives along"))]
        self.fields[f"kind{n}"] = forms.ChoiceField(
            label=label(t("用途", "what for")), choices=kinds, required=False
        )
        for name, words in (
            ("sealed", t("封闭厢式车", "closed van")),
            ("serviced", t("已检修", "serviced")),
            ("exempt", t("已办免检通行", "exempted from checks")),
        ):
            self.fields[f"{name}{n}"] = forms.BooleanField(label=label(words), required=False)
        self.fields[f"escorts{n}"] = forms.TypedMultipleChoiceField(
            label=label(t("押运员（火车、空运填在车辆1）", "escorts (train, air: under vehicle 1)")), coerce=int, choices=people,
            required=False, widget=forms.SelectMultiple(attrs={"size": 4}),
        )  # fmt: skip
        driver = forms.TypedChoiceField(
            label=label(t("驾驶员", "driver")), coerce=int, empty_value=None, required=False
        )
        driver.choices = [("", t("请选择", "Choose")), *people]
        self.fields[f"driver{n}"] = driver

    def vehicle_groups(self) -> list[tuple[int, list[forms.BoundField], bool]]:
        """(number, its fields, whether something stands in it)."""
        names = ("plate", "kind", "sealed", "serviced", "exempt", "escorts", "driver")
        groups = [(n, [self[f"{name}{n}"] for name in names]) for n in range(1, VEHICLES + 1)]
        return [
            (n, fields, n == 1 or bool(fields[0].value()) or any(f.errors for f in fields))
            for n, fields in groups
        ]

    def plain_fields(self) -> list[forms.BoundField]:
        """Those that belong to no vehicle, but for the ends."""
        return [self[name] for name in self.fields if not name[-1].isdigit() and name != "ends"]

    def from_to(self) -> object:
        """The chosen ends in words."""
        return self.known_ends.get(self["ends"].value(), "")

    def parts(self) -> tuple[str, str, Plan]:
        """Sender, receiver, plan; the leg follows from the ends."""
        data = self.cleaned_data
        sender, receiver, place = data["ends"].split(">")
        vehicles: list[Vehicle] = []
        crew: dict[int, Crew] = {}
        for n in range(1, VEHICLES + 1):
            plate = data[f"plate{n}"].strip()
            seat = len(vehicles) + 1 if plate else 0
            if plate:
                flags = {name: data[f"{name}{n}"] for name in ("sealed", "serviced", "exempt")}
                vehicles.append(Vehicle(plate, data[f"kind{n}"] or PAPERS, **flags))
            for person in data[f"escorts{n}"]:
                crew.setdefault(person, Crew(person, Duty.ESCORT, seat))
            if data[f"driver{n}"]:
                crew.setdefault(data[f"driver{n}"], Crew(data[f"driver{n}"], Duty.DRIVER, seat))
        leader = data["leader"]
        if leader:
            crew[leader] = Crew(
                leader, Duty.LEADER, crew[leader].vehicle if leader in crew else min(1, len(vehicles))
            )
        names = ("depart_at", "arrive_at", "responsible_id", "receiver_id", "conditions", "route", "road", "police", "secrecy",
                 "carrier", "terms", "exception")  # fmt: skip
        plan = Plan(leg=Leg.TO_POINT, mode=Mode(data["mode"]), to_place=str(read(place)), vehicles=vehicles,
                    crew=list(crew.values()), **{name: data[name] for name in names})  # fmt: skip
        return sender, receiver, plan


def typed_plan(plan: Plan, ends: str) -> dict[str, Any]:
    """What the form of a plan shows when it is changed. `ends` as in `PlanForm`."""
    names = ("depart_at", "arrive_at", "responsible_id", "receiver_id", "conditions", "route", "road", "police", "secrecy",
             "carrier", "terms", "exception")  # fmt: skip
    shown: dict[str, Any] = {name: getattr(plan, name) for name in names}
    shown |= {"ends": ends, "mode": plan.mode}
    shown["leader"] = next((c.person_id for c in plan.crew if c.duty is Duty.LEADER), None)
    for n in range(1, VEHICLES + 1):
        if n <= len(plan.vehicles):
            shown |= {f"{name}{n}": value for name, value in asdict(plan.vehicles[n - 1]).items()}
        mine = [c for c in plan.crew if max(c.vehicle, 1) == n]
        shown[f"escorts{n}"] = [c.person_id for c in mine if c.duty is not Duty.DRIVER]
        shown[f"driver{n}"] = next((c.person_id for c in mine if c.duty is Duty.DRIVER), None)
    return shown


class SubmitForm(forms.Form):
    reason = forms.CharField(
        label=t("理由（不符合原则性要求时）", "Reason, where something holds only in principle"),
        required=False,
        max_length=300,
    )


class CancelForm(forms.Form):
    reason = forms.CharField(
        label=t("取消的原因", "Why it does not take place"), max_length=300, required=False
    )
