"""Addresses of tickets."""

from django.urls import path

from keju.stages.tickets.pages import changing, office, own, papers

OFFICE = "office/<slug:exam>/tickets/"

urlpatterns = [
    path("my/<slug:exam>/ticket/", own.mine, name="tickets-mine"),
    path("my/<slug:exam>/ticket/print/", own.print_own, name="tickets-print"),
    path("verify/ticket/", own.verify, name="tickets-verify"),
    path("verify/ticket/photo/", own.photo, name="tickets-verify-photo"),
    path(OFFICE, office.home, name="tickets-home"),
    path(OFFICE + "generate/", office.generate, name="tickets-generate"),
    path(OFFICE + "open/", office.open_printing, name="tickets-open"),
    path(OFFICE + "figures/", office.figures, name="tickets-figures"),
    path(OFFICE + "list/", office.listing, name="tickets-list"),
    path(OFFICE + "export/", office.export, name="tickets-export"),
    path(OFFICE + "sites/<slug:site>/", papers.site, name="tickets-site"),
    path(OFFICE + "sites/<slug:site>/print/", papers.order, name="tickets-papers-print"),
    path(OFFICE + "sites/<slug:site>/phone/", papers.phone, name="tickets-papers-phone"),
    path(OFFICE + "sites/<slug:site>/<int:room>/", papers.room_sheets, name="tickets-room-sheets"),
    path(OFFICE + "sites/<slug:site>/again/", changing.again, name="tickets-again"),
    path(OFFICE + "sites/<slug:site>/again/export/", changing.again_export, name="tickets-again-export"),
    path(OFFICE + "sites/<slug:site>/void-list/", changing.void_list, name="tickets-void-list"),
    path(OFFICE + "sites/<slug:site>/seats/<int:room_id>/", changing.seat, name="tickets-seat"),
    path(OFFICE + "late/", changing.late, name="tickets-late"),
    path(OFFICE + "late/seat/", changing.seat_late, name="tickets-seat-late"),
    path(OFFICE + "find/", office.find, name="tickets-find"),
    path(OFFICE + "<slug:number>/", office.detail, name="tickets-detail"),
    path(OFFICE + "<slug:number>/change/", office.change, name="tickets-change"),
]
