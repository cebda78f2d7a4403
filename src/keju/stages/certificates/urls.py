"""Addresses of certificates."""

from django.urls import path

from keju.stages.certificates.pages import counter, office, own, reissues

OFFICE = "office/<slug:exam>/certificates/"

urlpatterns = [
    path("my/<slug:exam>/certificate/", own.mine, name="certificates-mine"),
    path("my/<slug:exam>/certificate/step/", own.step, name="certificates-step"),
    path("my/<slug:exam>/certificate/reissue/", own.ask, name="certificates-ask"),
    path("verify/certificate/", own.verify, name="certificates-verify"),
    path("exams/<slug:exam>/certificate/", own.verify, name="certificates-verify-exam"),
    path(OFFICE, office.home, name="certificates-home"),
    path(OFFICE + "grant/", office.grant, name="certificates-grant"),
    path(OFFICE + "points/<slug:point>/print/", office.print_point, name="certificates-print-point"),
    path(OFFICE + "points/<slug:point>/deliver/", office.deliver, name="certificates-deliver"),
    path(OFFICE + "receive/", office.receive, name="certificates-receive"),
    path(OFFICE + "list/", office.listing, name="certificates-list"),
    path(OFFICE + "export/", office.export, name="certificates-export"),
    path(OFFICE + "figures/", office.figures, name="certificates-figures"),
    path(OFFICE + "badge/", office.badge, name="certificates-badge"),
    path(OFFICE + "find/", counter.find, name="certificates-find"),
    path(OFFICE + "reissues/", reissues.listing, name="certificates-reissues"),
    path(OFFICE + "reissues/ask/", reissues.ask, name="certificates-reissue-ask"),
    path(OFFICE + "reissues/<int:request_id>/", reissues.decide, name="certificates-reissue-decide"),
    path(OFFICE + "<int:certificate_id>/", counter.detail, name="certificates-detail"),
    path(OFFICE + "<int:certificate_id>/print/", office.print_one, name="certificates-print"),
]
