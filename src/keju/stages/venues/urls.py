"""Addresses of hosts, sites and rooms."""

from django.urls import path

from keju.stages.venues.pages import checking, choosing, copying, hosting, public, sheets, siting

OFFICE = "office/<slug:exam>/venues/"
SITE = OFFICE + "sites/<slug:site>/"

urlpatterns = [
    path("exams/<slug:exam>/sites/", public.places, name="venues-places"),
    path("exams/<slug:exam>/sites/<slug:site>/", public.place, name="venues-place"),
    path("exams/<slug:exam>/sites/<slug:site>/picture/", public.picture, name="venues-place-picture"),
    path(OFFICE + "sites/copy/", copying.copy, name="venues-site-copy"),
    path(OFFICE, hosting.home, name="venues-home"),
    path(OFFICE + "decide/", choosing.decide, name="venues-decide"),
    path(OFFICE + "keep/", choosing.keep, name="venues-keep"),
    path(OFFICE + "propose/", choosing.propose, name="venues-propose"),
    path(OFFICE + "export/", hosting.export, name="venues-export"),
    path(OFFICE + "figures/", hosting.figures, name="venues-figures"),
    path(OFFICE + "board/", checking.board, name="venues-board"),
    path(OFFICE + "board/export/", checking.board_export, name="venues-board-export"),
    path(OFFICE + "board/shares/", checking.shares_export, name="venues-shares-export"),
    path(OFFICE + "sites/add/", siting.add_site, name="venues-site-add"),
    path(OFFICE + "template/", siting.template, name="venues-template"),
    path(OFFICE + "errors/<slug:sha>/", siting.import_errors, name="venues-import-errors"),
    path(OFFICE + "rooms/export/", sheets.export_many, name="venues-rooms-export-all"),
    path(OFFICE + "rooms/import/", sheets.import_many, name="venues-import-all"),
    path(OFFICE + "rooms/<int:room_id>/", siting.edit_room, name="venues-room"),
    path(OFFICE + "rooms/<int:room_id>/remove/", siting.remove_room, name="venues-room-remove"),
    path(SITE, siting.site, name="venues-site"),
    path(SITE + "edit/", siting.edit_site, name="venues-site-edit"),
    path(SITE + "rooms/add/", siting.add_room, name="venues-room-add"),
    path(SITE + "rooms/import/", siting.bring_in, name="venues-import"),
    path(SITE + "rooms/export/", siting.export, name="venues-rooms-export"),
    path(SITE + "picture/", copying.picture, name="venues-picture"),
    path(SITE + "picture/set/", copying.set_picture, name="venues-picture-set"),
    path(SITE + "checklist/", checking.checklist, name="venues-checklist"),
    path(SITE + "checklist/<slug:item>/", checking.attest, name="venues-attest"),
    path(SITE + "photos/<slug:sha>/", checking.photo, name="venues-photo"),
    path(SITE + "report/", siting.report, name="venues-report"),
    path(SITE + "reopen/", siting.reopen, name="venues-reopen"),
]
