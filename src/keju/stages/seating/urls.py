"""Addresses of plans."""

from django.urls import path

from keju.stages.seating.pages import plans, versions

OFFICE = "office/<slug:exam>/seating/"

urlpatterns = [
    path(OFFICE, plans.home, name="seating-home"),
    path(OFFICE + "make/", plans.make, name="seating-make"),
    path(OFFICE + "figures/", plans.figures, name="seating-figures"),
    path(OFFICE + "<slug:site>/", plans.plan, name="seating-plan"),
    path(OFFICE + "<slug:site>/export/", plans.export, name="seating-export"),
    path(OFFICE + "<slug:site>/rooms/", versions.overview, name="seating-overview"),
    path(OFFICE + "<slug:site>/versions/", versions.compare, name="seating-versions"),
    path(OFFICE + "<slug:site>/rooms/<int:room_id>/", plans.room, name="seating-room"),
]
