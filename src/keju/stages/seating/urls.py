"""Addresses of plans."""

from django.urls import path

from keju.stages.seating import pages

OFFICE = "office/<slug:exam>/seating/"

urlpatterns = [
    path(OFFICE, pages.home, name="seating-home"),
    path(OFFICE + "make/", pages.make, name="seating-make"),
    path(OFFICE + "figures/", pages.figures, name="seating-figures"),
    path(OFFICE + "<slug:site>/", pages.plan, name="seating-plan"),
    path(OFFICE + "<slug:site>/export/", pages.export, name="seating-export"),
    path(OFFICE + "<slug:site>/rooms/<int:room_id>/", pages.room, name="seating-room"),
]
