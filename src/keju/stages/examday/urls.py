"""Addresses of the exam day."""

from django.urls import path

from keju.stages.examday.pages import board, counting, room

OFFICE = "office/<slug:exam>/examday/"
ROOM = OFFICE + "<int:room_session_id>/"

urlpatterns = [
    path(OFFICE, board.home, name="examday-home"),
    path(OFFICE + "open/<int:session>/", board.open_session, name="examday-open"),
    path(OFFICE + "sites/<slug:site>/open/", board.open_site, name="examday-open-site"),
    path(OFFICE + "report/", board.report, name="examday-report"),
    path(OFFICE + "sheet/", board.sheet, name="examday-sheet"),
    path(OFFICE + "sheet/<int:session>/<slug:site>/", board.template, name="examday-sheet-template"),
    path(OFFICE + "figures/", board.figures, name="examday-figures"),
    path(OFFICE + "count/<slug:site>/<int:session>/<int:room>/", counting.count, name="examday-count"),
    path(OFFICE + "note/<int:count_id>/", counting.note, name="examday-bag-note"),
    path(ROOM, room.room, name="examday-room"),
    path(ROOM + "mark/", room.mark, name="examday-mark"),
    path(ROOM + "rest/", room.rest, name="examday-rest"),
    path(ROOM + "close/", room.close, name="examday-close"),
    path(ROOM + "record/<slug:copy>/", room.record, name="examday-record"),
    path(ROOM + "photo/<slug:ticket>/", room.photo, name="examday-photo"),
]
