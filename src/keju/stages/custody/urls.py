"""Addresses of paper quantities."""

from django.urls import path

from keju.stages.custody import pages

OFFICE = "office/<slug:exam>/custody/"

urlpatterns = [
    path(OFFICE, pages.home, name="custody-home"),
    path(OFFICE + "due/", pages.due, name="custody-due"),
    path(OFFICE + "confirm/", pages.confirm, name="custody-confirm"),
    path(OFFICE + "form/", pages.print_form, name="custody-form"),
    path(OFFICE + "<slug:region>/", pages.region, name="custody-region"),
    path(OFFICE + "<slug:region>/scan/", pages.scan, name="custody-scan"),
    path(OFFICE + "<slug:region>/export/", pages.export, name="custody-export"),
]
