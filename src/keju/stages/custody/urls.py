"""Addresses of custody: a block for each part."""

from django.urls import path

from keju.stages.custody.pages import closure, containers, home, making, quantities

OFFICE = "office/<slug:exam>/custody/"
QUANTITIES = OFFICE + "quantities/"

urlpatterns = [
    path(OFFICE, home.home, name="custody-home"),
    # containers
    path(OFFICE + "containers/", containers.listing, name="custody-containers"),
    path(OFFICE + "containers/export/", containers.export, name="custody-containers-export"),
    path(OFFICE + "unwatched/", containers.unwatched, name="custody-unwatched"),
    path(OFFICE + "containers/<slug:container>/", containers.container, name="custody-container"),
    path(OFFICE + "containers/<slug:container>/labels/", making.labels, name="custody-labels"),
    # making
    path(OFFICE + "making/", making.making_page, name="custody-making"),
    path(OFFICE + "making/all/", making.make_all, name="custody-make-all"),
    path(OFFICE + "making/<slug:region>/", making.make, name="custody-make"),
    path(OFFICE + "making/<slug:region>/labels/", making.region_labels, name="custody-region-labels"),
    # the account
    path(OFFICE + "closure/", closure.closure_page, name="custody-closure"),
    path(OFFICE + "closure/<slug:office>/", closure.closure_page, name="custody-closure-of"),
    path(OFFICE + "closure/<slug:office>/export/", closure.export, name="custody-closure-export"),
    # paper quantities
    path(QUANTITIES, quantities.home, name="custody-quantities"),
    path(QUANTITIES + "due/", quantities.due, name="custody-due"),
    path(QUANTITIES + "confirm/", quantities.confirm, name="custody-confirm"),
    path(QUANTITIES + "form/", quantities.print_form, name="custody-form"),
    path(QUANTITIES + "<slug:region>/", quantities.region, name="custody-region"),
    path(QUANTITIES + "<slug:region>/scan/", quantities.scan, name="custody-scan"),
    path(QUANTITIES + "<slug:region>/export/", quantities.export, name="custody-export"),
]
