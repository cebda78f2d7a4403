"""Addresses of hosts, sites and rooms."""

from django.urls import path

from keju.stages.venues.pages import choosing, hosting, siting

OFFICE = "office/<slug:exam>/venues/"
SITE = OFFICE + "sites/<slug:site>/"

urlpatterns = [
    path(OFFICE, hosting.home, name="venues-home"),
    path(OFFICE + "decide/", choosing.decide, name="venues-decide"),
    path(OFFICE + "keep/", choosing.keep, name="venues-keep"),
    path(OFFICE + "propose/", choosing.propose, name="venues-propose"),
    path(OFFICE + "export/", hosting.export, name="venues-export"),
    path(OFFICE + "figures/", hosting.figures, name="venues-figures"),
    path(OFFICE + "sites/add/", siting.add_site, name="venues-site-add"),
    path(OFFICE + "template/", siting.template, name="venues-template"),
    path(OFFICE + "errors/<slug:sha>/", siting.import_errors, name="venues-import-errors"),
    path(OFFICE + "rooms/<int:room_id>/", siting.edit_room, name="venues-room"),
    path(OFFICE + "rooms/<int:room_id>/remove/", siting.remove_room, name="venues-room-remove"),
    path(SITE, siting.site, name="venues-site"),
    path(SITE + "edit/", siting.edit_site, name="venues-site-edit"),
    path(SITE + "rooms/add/", siting.add_room, name="venues-room-add"),
    path(SITE + "rooms/import/", siting.bring_in, name="venues-import"),
    path(SITE + "rooms/export/", siting.export, name="venues-rooms-export"),
    path(SITE + "report/", siting.report, name="venues-report"),
    path(SITE + "reopen/", siting.reopen, name="venues-reopen"),
]
