"""Addresses of the announcement."""

from django.urls import path

from keju.stages.announcement.pages import announcing as pages
from keju.stages.announcement.pages import founding, media, offices

urlpatterns = [
    path("exams/<slug:exam>/", pages.public, name="announcement-public"),
    path("exams/<slug:exam>/notices/<int:notice_id>/", pages.public_notice, name="announcement-notice"),
    path("exams/<slug:exam>/regions/<slug:region>/", pages.public_region, name="announcement-region"),
    path("office/<slug:exam>/announcement/", pages.home, name="announcement-home"),
    path("office/<slug:exam>/announcement/draft/", pages.draft, name="announcement-draft"),
    path("office/<slug:exam>/announcement/<int:notice_id>/", pages.notice, name="announcement-detail"),
    path("office/<slug:exam>/announcement/<int:notice_id>/decide/", pages.decide, name="announcement-decide"),
    path(
        "office/<slug:exam>/announcement/<int:notice_id>/publish/", pages.publish, name="announcement-publish"
    ),
    path("office/<slug:exam>/announcement/windows/", pages.windows, name="announcement-windows"),
    path("office/<slug:exam>/announcement/region/", pages.region_page, name="announcement-region-form"),
    path("office/<slug:exam>/announcement/media/", media.media, name="announcement-media"),
    path(
        "office/<slug:exam>/announcement/media/<int:publication_id>/evidence/",
        media.evidence,
        name="announcement-evidence",
    ),
    path(
        "office/<slug:exam>/announcement/media/<int:publication_id>/strike/",
        media.strike,
        name="announcement-strike",
    ),
    path("office/<slug:exam>/announcement/answers/", media.answers, name="announcement-answers"),
    path("office/<slug:exam>/announcement/answers/new/", media.answer_new, name="announcement-answer-new"),
    path(
        "office/<slug:exam>/announcement/answers/<int:answer_id>/", media.answer, name="announcement-answer"
    ),
    path("office/exams/new/", founding.new, name="announcement-exam-new"),
    path("office/<slug:exam>/announcement/offices/", offices.offices, name="announcement-offices"),
    path("office/<slug:exam>/announcement/offices/<slug:code>/", offices.office, name="announcement-office"),
    path(
        "office/<slug:exam>/announcement/offices/<slug:code>/defer/", offices.defer, name="announcement-defer"
    ),
]
