"""The way to inspections, emergencies, devices and recordings, with what is late first."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from keju.kernel.calendar import CHINA, now
from keju.kernel.exams.access import Request, actor, office_page
from keju.rulebook.words import t
from keju.stages.security.queries import inspecting

CARDS = (
    (
        t("检查", "Inspections"),
        t("安排、逐项填写、打印检查记录", "Planned, answered, printed"),
        "security-inspections",
    ),
    (
        t("问题清单", "Findings"),
        t("责任人、期限、整改和复查", "Owner, term, mended, looked at again"),
        "security-findings",
    ),
    (
        t("责任书", "Letters of responsibility"),
        t("成批生成，逐级签订，未签的列到人", "Made in bulk, signed level by level; who has not is named"),
        "security-letters",
    ),
    (
        t("责任分工表", "Matrix of responsibility"),
        t(
            "第一责任人、直接责任人，每项任务落实到人",
            "First and directly responsible; who answers for each task",
        ),
        "security-matrix",
    ),
    (
        t("实施方案和漏洞清单", "Plans and gaps"),
        t(
            "本单位方案由负责人批准，漏洞限期整改",
            "Our plan, approved by the leader; gaps with owner and term",
        ),
        "security-plans",
    ),
    (
        t("应急预案", "Emergency plans"),
        t(
            "各类突发事件的预案、联系电话，领导批准",
            "A plan for each class, whom to call, approved by the leader",
        ),
        "security-emergencies",
    ),
    (
        t("演练", "Drills"),
        t("情景、计时、参加人员、观察和改进", "Scenario, clock, participants, observations, lessons"),
        "security-drills",
    ),
    (
        t("设备", "Devices"),
        t("台账、检测、分配到考场和入口，缺口", "Inventory, tests, where they stand, what is short"),
        "security-devices",
    ),
    (
        t("考场录像", "Recordings"),
        t(
            "存在哪里、谁保管、回放审看、按令销毁",
            "Where they are, who keeps them, reviews, disposal by order",
        ),
        "security-recordings",
    ),
)


@require_GET
@office_page("security:record:read")
def home(request: Request) -> HttpResponse:
    """Figures that need somebody, each with the list behind it, and a card for each part."""
    exam, by = request.exam, actor(request)
    n = inspecting.counts(exam, viewer=by, today=now(exam).astimezone(CHINA).date())
    looks, found = (
        reverse(name, kwargs={"exam": exam.slug}) for name in ("security-inspections", "security-findings")
    )
    figures = [
        (t("逾期问题", "Late findings"), n["late"], "late" if n["late"] else "", f"{found}?late=on"),
        (
            t("待复查", "To be looked at again"),
            n["mended"],
            "soon" if n["mended"] else "",
            f"{found}?state=mended",
        ),
        (t("整改中", "To be mended"), n["open"], "", f"{found}?state=open"),
        (t("逾期检查", "Late inspections"), n["overdue"], "late" if n["overdue"] else "", f"{looks}?late=on"),
        (t("待检查", "Planned"), n["planned"], "", f"{looks}?state=planned"),
        (t("已完成检查", "Done"), n["done"], "", f"{looks}?state=done"),
    ]
    cards = [(title, text, reverse(name, kwargs={"exam": exam.slug})) for title, text, name in CARDS]
    return render(request, "security/precautions.html", {"figures": figures, "cards": cards})
