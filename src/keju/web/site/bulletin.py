"""What offices have published, by day: put together from the published things themselves, edited nowhere."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from keju.kernel.calendar import CHINA, now
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import queries as offices
from keju.rulebook.words import Words, t
from keju.stages.announcement import queries as announcement
from keju.stages.fees import queries as fees

#: moments of the year that are news for the public, and the page that belongs to them
NEWS = {
    "registration_opens": "announcement-public",
    "confirmation_opens": "points",
    "tickets_opened": "tickets-mine",
    "results_released": "results-lookup",
    "certificates_granted": "certificates-verify-exam",
}
NATION = t("全国", "Nation")


@dataclass(frozen=True)
class Item:
    """One line: when, by whom, what, and where it stands."""

    at: datetime
    office: Words
    title: Words
    url: str

    @property
    def day(self) -> object:
        return self.at.astimezone(CHINA).date()


def items(exam: Exam) -> list[Item]:
    """Everything published by now, the newest first."""
    names = {o.code: o.name for o in offices.regions()}
    found = [*_notices(exam), *_regions(exam, names), *_tariffs(exam, names), *_moments(exam, names)]
    here = now(exam)
    return sorted((i for i in found if i.at <= here), key=lambda i: (i.at, i.office.en), reverse=True)


def _notices(exam: Exam) -> Iterator[Item]:
    for notice in announcement.published(exam):
        url = reverse("announcement-notice", kwargs={"exam": exam.slug, "notice_id": notice.pk})
        yield Item(notice.published_at, NATION, notice.title, url)


def _regions(exam: Exam, names: dict[str, Words]) -> Iterator[Item]:
    said = t("发布报名时间、要求和确认地点", "Published periods, requirements and confirmation places")
    for page in announcement.region_pages(exam):
        url = reverse("announcement-region", kwargs={"exam": exam.slug, "region": page.region_code})
        yield Item(page.published_at, names[page.region_code], said, url)


def _tariffs(exam: Exam, names: dict[str, Words]) -> Iterator[Item]:
    url = reverse("fees-tariffs", kwargs={"exam": exam.slug})
    for code, tariff in fees.tariffs(exam).items():
        said = t("公布收费标准（{approval}）", "Published the fees ({approval})").format(
            approval=tariff.approval
        )
        yield Item(tariff.set_at, names[code], said, url)


def _moments(exam: Exam, names: dict[str, Words]) -> Iterator[Item]:
    """A moment that several regions share is one line."""
    named = {m.key: m.name for m in exams.programme(exam).milestones}
    for (key, at), paths in exams.moments(exam).items():
        if key not in NEWS or key not in named:
            continue
        codes = [path.strip("/") for path in paths]
        if "" in codes or len(codes) == len(names):
            office = NATION
        elif len(codes) == 1:
            office = names[codes[0]]
        else:
            office = t("{n}个考区", "{n} regions").format(n=len(codes))
        yield Item(at, office, named[key], _address(NEWS[key], exam))


def _address(name: str, exam: Exam) -> str:
    return reverse(name, kwargs={"exam": exam.slug})
