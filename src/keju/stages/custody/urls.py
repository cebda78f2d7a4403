"""Addresses of custody: a block for each part."""

from django.urls import path

from keju.stages.custody.pages import home, quantities

OFFICE = "office/<slug:exam>/custody/"
QUANTITIES = OFFICE + "quantities/"

urlpatterns = [
    path(OFFICE, home.home, name="custody-home"),
    # paper quantities
    path(QUANTITIES, quantities.home, name="custody-quantities"),
    path(QUANTITIES + "due/", quantities.due, name="custody-due"),
    path(QUANTITIES + "confirm/", quantities.confirm, name="custody-confirm"),
    path(QUANTITIES + "form/", quantities.print_form, name="custody-form"),
    path(QUANTITIES + "<slug:region>/", quantities.region, name="custody-region"),
    path(QUANTITIES + "<slug:region>/scan/", quantities.scan, name="custody-scan"),
    path(QUANTITIES + "<slug:region>/export/", quantities.export, name="custody-export"),
]
