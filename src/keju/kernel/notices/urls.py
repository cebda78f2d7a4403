from django.urls import path

from keju.kernel.notices import pages

OFFICE = "office/<slug:exam>/notices/"

urlpatterns = [
    path(OFFICE, pages.inbox, name="notices-inbox"),
    path(OFFICE + "sent/", pages.sent, name="notices-sent"),
    path(OFFICE + "send/", pages.send, name="notices-send"),
    path(OFFICE + "badge/", pages.badge, name="notices-badge"),
    path(OFFICE + "<int:notice>/", pages.notice, name="notices-notice"),
    path(OFFICE + "<int:notice>/open/", pages.open_notice, name="notices-open"),
    path(OFFICE + "<int:notice>/acknowledge/", pages.acknowledge, name="notices-acknowledge"),
    path(OFFICE + "<int:notice>/forward/", pages.forward, name="notices-forward"),
    path(OFFICE + "<int:notice>/file/", pages.file, name="notices-file"),
    path(OFFICE + "undelivered/", pages.undelivered, name="notices-undelivered"),
    path(OFFICE + "undelivered/again/", pages.ask_again, name="notices-again"),
    path(OFFICE + "undelivered/list/", pages.undelivered_list, name="notices-undelivered-list"),
    path("my/<slug:exam>/messages/", pages.own_messages, name="notices-messages"),
    path("my/<slug:exam>/messages/read/", pages.read_messages, name="notices-messages-read"),
    path("my/<slug:exam>/messages/mail/", pages.mail, name="notices-mail"),
]
