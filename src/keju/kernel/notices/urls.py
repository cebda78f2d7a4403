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
    path("my/<slug:exam>/messages/", pages.own_messages, name="notices-messages"),
    path("my/<slug:exam>/messages/read/", pages.read_messages, name="notices-messages-read"),
]
