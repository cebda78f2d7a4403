"""Addresses of the archive."""

from django.urls import path

from keju.stages.archive import pages

OFFICE = "office/<slug:exam>/archive/"

urlpatterns = [
    path(OFFICE, pages.home, name="archive-home"),
    path(OFFICE + "seal/", pages.seal, name="archive-seal"),
    path(OFFICE + "figures/", pages.figures, name="archive-figures"),
    path(OFFICE + "<int:bag_id>/check/", pages.check, name="archive-check"),
    path(OFFICE + "<int:bag_id>/download/", pages.download, name="archive-download"),
]
