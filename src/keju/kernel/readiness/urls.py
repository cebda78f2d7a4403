from django.urls import path

from keju.kernel.readiness import pages

OFFICE = "office/<slug:exam>/readiness/"

urlpatterns = [
    path(OFFICE, pages.own, name="readiness-board"),
    path(OFFICE + "figures/", pages.figures, name="readiness-figures"),
    path(OFFICE + "<slug:code>/", pages.office, name="readiness-office"),
    path(OFFICE + "<slug:code>/export/", pages.export, name="readiness-export"),
    path(OFFICE + "<slug:site>/room/<int:room>/", pages.room, name="readiness-room"),
    path(OFFICE + "<slug:site>/override/", pages.override, name="readiness-override"),
    path("board/<slug:exam>/", pages.wall, name="readiness-wall"),
    path("board/<slug:exam>/<slug:code>/", pages.wall, name="readiness-wall-of"),
]
