"""Addresses of paper quantities."""

from django.urls import path

from keju.stages.custody.pages import quantities

OFFICE = "office/<slug:exam>/custody/"

urlpatterns = [
    path(OFFICE, quantities.home, name="custody-home"),
    path(OFFICE + "due/", quantities.due, name="custody-due"),
    path(OFFICE + "confirm/", quantities.confirm, name="custody-confirm"),
    path(OFFICE + "form/", quantities.print_form, name="custody-form"),
    path(OFFICE + "<slug:region>/", quantities.region, name="custody-region"),
    path(OFFICE + "<slug:region>/scan/", quantities.scan, name="custody-scan"),
    path(OFFICE + "<slug:region>/export/", quantities.export, name="custody-export"),
]
