"""Addresses of the review stage."""

from django.urls import path

from keju.stages.review.pages import counter, home, second, summary

OFFICE = "office/<slug:exam>/review/"
ONE = OFFICE + "desk/<int:registration_id>/"
POINT = OFFICE + "summary/<slug:point>/"

urlpatterns = [
    path(OFFICE, home.home, name="review-home"),
    path(OFFICE + "batch/", home.set_batch, name="review-batch"),
    path(OFFICE + "figures/", home.figures, name="review-figures"),
    path(OFFICE + "badge/", home.badge, name="review-badge"),
    path(OFFICE + "counter/", counter.counter, name="review-counter"),
    path(ONE, counter.desk, name="review-desk"),
    path(ONE + "photo/", counter.photo, name="review-photo"),
    path(ONE + "photo/accept/", counter.accept_photo, name="review-photo-accept"),
    path(ONE + "form/", counter.form, name="review-form"),
    path(OFFICE + "second/", second.queue, name="review-second"),
    path(OFFICE + "second/sheet/", second.sheet, name="review-second-sheet"),
    path(OFFICE + "second/<int:registration_id>/", second.item, name="review-second-item"),
    path(POINT, summary.summary, name="review-summary"),
    path(POINT + "send/", summary.send, name="review-summary-send"),
    path(POINT + "receive/", summary.receive, name="review-summary-receive"),
    path(POINT + "print/", summary.printed, name="review-summary-print"),
    path(POINT + "sheet/", summary.sheet, name="review-summary-sheet"),
]
