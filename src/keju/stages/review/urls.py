"""Addresses of the review stage."""

from django.urls import path

from keju.stages.review.pages import bulk, corrections, counter, home, own, paper, second, summary

OFFICE = "office/<slug:exam>/review/"
ONE = OFFICE + "desk/<int:registration_id>/"
SCAN = ONE + "scans/<int:scan_id>/"
CORRECTION = OFFICE + "corrections/<int:correction_id>/"
BULK = OFFICE + "bulk/<int:bulk_id>/"
POINT = OFFICE + "summary/<slug:point>/"
OWN = "my/<slug:exam>/review/"

urlpatterns = [
    path(OFFICE, home.home, name="review-home"),
    path(OFFICE + "batch/", home.set_batch, name="review-batch"),
    path(OFFICE + "figures/", home.figures, name="review-figures"),
    path(OFFICE + "badge/", home.badge, name="review-badge"),
    path(OFFICE + "counter/", counter.counter, name="review-counter"),
    path(ONE, counter.desk, name="review-desk"),
    path(ONE + "photo/", counter.photo, name="review-photo"),
    path(ONE + "photo/accept/", counter.accept_photo, name="review-photo-accept"),
    path(ONE + "form/", paper.form, name="review-form"),
    path(ONE + "prints/", paper.prints, name="review-prints"),
    path(ONE + "scans/", paper.add_scan, name="review-scan-add"),
    path(SCAN, paper.scan, name="review-scan"),
    path(SCAN + "small/", paper.thumb, name="review-scan-small"),
    path(SCAN + "remove/", paper.remove_scan, name="review-scan-remove"),
    path(ONE + "change/", corrections.change, name="review-change"),
    path(OFFICE + "corrections/", corrections.listing, name="review-corrections"),
    path(CORRECTION, corrections.one, name="review-correction"),
    path(CORRECTION + "decide/", corrections.decide, name="review-correction-decide"),
    path(CORRECTION + "signed/", corrections.signed, name="review-correction-signed"),
    path(OFFICE + "second/", second.queue, name="review-second"),
    path(OFFICE + "second/sheet/", second.sheet, name="review-second-sheet"),
    path(OFFICE + "second/<int:registration_id>/", second.item, name="review-second-item"),
    path(BULK, bulk.bulk, name="review-bulk"),
    path(BULK + "sheet/", bulk.bulk_sheet, name="review-bulk-sheet"),
    path(POINT, summary.summary, name="review-summary"),
    path(POINT + "send/", summary.send, name="review-summary-send"),
    path(POINT + "receive/", summary.receive, name="review-summary-receive"),
    path(POINT + "print/", summary.printed, name="review-summary-print"),
    path(POINT + "consignment/", summary.consignment, name="review-consignment-print"),
    path(POINT + "sheet/", summary.sheet, name="review-summary-sheet"),
    path(OWN, own.own, name="review-own"),
    path(OWN + "step/", own.step, name="review-step"),
    path(OWN + "correction/", corrections.ask, name="review-ask"),
]
