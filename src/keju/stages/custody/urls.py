"""Addresses of custody: a block for each part."""

from django.urls import path

from keju.stages.custody.pages import (
    cases,
    closure,
    containers,
    daily,
    doors,
    ending,
    evidence,
    exports,
    half_day,
    handovers,
    home,
    journeys,
    making,
    marks,
    onway,
    packing,
    preparing,
    quantities,
    seal_room,
    stores,
    tracing,
    watching,
)

OFFICE = "office/<slug:exam>/custody/"
STORES = OFFICE + "stores/"
STORE = STORES + "<int:store_id>/"
WATCH = OFFICE + "watch/"
QUANTITIES = OFFICE + "quantities/"
DAY = OFFICE + "day/"
SEAL_ROOM = DAY + "<slug:site>/<int:session>/"
JOURNEY = OFFICE + "journeys/<int:journey_id>/"
CASE = OFFICE + "cases/<int:case_id>/"
ON_WAY = "day/<slug:exam>/journey/<str:token>/"

urlpatterns = [
    path(OFFICE, home.home, name="custody-home"),
    path(OFFICE + "alarms/export/", exports.alarms, name="custody-alarms-export"),
    # containers
    path(OFFICE + "containers/", containers.listing, name="custody-containers"),
    path(OFFICE + "containers/export/", containers.export, name="custody-containers-export"),
    path(OFFICE + "unwatched/", containers.unwatched, name="custody-unwatched"),
    path(OFFICE + "containers/<slug:container>/", containers.container, name="custody-container"),
    path(OFFICE + "containers/<slug:container>/labels/", making.labels, name="custody-labels"),
    path(
        OFFICE + "containers/<slug:container>/evidence/",
        evidence.of_container,
        name="custody-container-evidence",
    ),
    path(OFFICE + "packing/", packing.packing, name="custody-packing"),
    path(OFFICE + "trace/", tracing.trace, name="custody-trace"),
    # making
    path(OFFICE + "making/", making.making_page, name="custody-making"),
    path(OFFICE + "marks/", marks.marks, name="custody-marks"),
    path(OFFICE + "marks/take/", marks.take, name="custody-marks-take"),
    path(OFFICE + "marks/overprint/", marks.overprint, name="custody-marks-overprint"),
    path(OFFICE + "marks/specimen/", marks.specimen, name="custody-marks-specimen"),
    path(OFFICE + "making/all/", making.make_all, name="custody-make-all"),
    path(OFFICE + "making/<slug:region>/", making.make, name="custody-make"),
    path(OFFICE + "making/<slug:region>/labels/", making.region_labels, name="custody-region-labels"),
    # the account
    path(OFFICE + "closure/", closure.closure_page, name="custody-closure"),
    path(OFFICE + "closure/<slug:office>/", closure.closure_page, name="custody-closure-of"),
    path(OFFICE + "closure/<slug:office>/export/", closure.export, name="custody-closure-export"),
    path(OFFICE + "closure/<slug:site>/evidence/", evidence.of_site, name="custody-site-evidence"),
    # stores
    path(STORES, stores.listing, name="custody-stores"),
    path(STORES + "enter/", stores.enter, name="custody-store-enter"),
    path(STORE, stores.store, name="custody-store"),
    path(STORE + "change/", stores.change, name="custody-store-change"),
    path(STORE + "accept/", stores.accept, name="custody-store-accept"),
    path(STORE + "name/", stores.name, name="custody-store-name"),
    path(STORE + "key/", stores.key, name="custody-store-key"),
    path(STORE + "leave/", stores.leave, name="custody-store-leave"),
    path(STORE + "check/", stores.checklist, name="custody-store-check"),
    path(STORE + "check/<slug:item>/", stores.look, name="custody-store-look"),
    path(STORE + "files/<slug:sha>/", stores.file, name="custody-store-file"),
    path(STORE + "door/", doors.door, name="custody-store-door"),
    path(STORE + "door/in/", doors.go_in, name="custody-store-in"),
    path(STORE + "door/out/", doors.come_out, name="custody-store-out"),
    path(STORE + "log/", doors.log, name="custody-store-log"),
    path(STORE + "print/", doors.print_out, name="custody-store-print"),
    path(OFFICE + "daily/", daily.today, name="custody-daily"),
    path(OFFICE + "daily/send/", daily.send, name="custody-daily-send"),
    path(WATCH, watching.board, name="custody-watch"),
    path(WATCH + "enter/", watching.enter, name="custody-watch-enter"),
    path(WATCH + "<int:span_id>/", watching.span, name="custody-watch-span"),
    path(WATCH + "<int:span_id>/review/", watching.review, name="custody-watch-review"),
    path(WATCH + "<int:span_id>/void/", watching.void, name="custody-watch-void"),
    # the exam day
    path(DAY, seal_room.listing, name="custody-day"),
    path(DAY + "spares/", half_day.book, name="custody-spare-book"),
    path(DAY + "spares/report/", half_day.report, name="custody-spare-report"),
    path(DAY + "spares/print/", half_day.print_spares, name="custody-spare-print"),
    path(DAY + "difference/<int:count_id>/", half_day.difference, name="custody-difference"),
    path(SEAL_ROOM, seal_room.board, name="custody-seal-room"),
    path(SEAL_ROOM + "withdraw/", seal_room.withdraw, name="custody-seal-room-withdraw"),
    path(SEAL_ROOM + "packs/", seal_room.packs, name="custody-seal-room-packs"),
    path(SEAL_ROOM + "seals/", seal_room.seals, name="custody-seal-room-seals"),
    path(SEAL_ROOM + "rooms/<int:room>/", seal_room.room, name="custody-seal-room-room"),
    path(SEAL_ROOM + "rooms/<int:room>/open/", seal_room.open_room, name="custody-seal-room-open"),
    path(SEAL_ROOM + "open/", seal_room.open_all, name="custody-seal-room-open-all"),
    path(SEAL_ROOM + "leave/", seal_room.leave, name="custody-seal-room-leave"),
    path(SEAL_ROOM + "spares/", half_day.spares, name="custody-spares"),
    path(SEAL_ROOM + "spares/<slug:container>/", half_day.seal_spares, name="custody-spare-seal"),
    path(SEAL_ROOM + "back/", half_day.back, name="custody-seal-room-back"),
    path(SEAL_ROOM + "sheets/<int:proposal_id>/", half_day.print_way, name="custody-seal-room-sheet"),
    # after the exam
    path(OFFICE + "returns/", ending.returns, name="custody-returns"),
    path(OFFICE + "destruction/", ending.listing, name="custody-destructions"),
    path(OFFICE + "destruction/new/", ending.order, name="custody-destruction-new"),
    path(OFFICE + "destruction/<int:destruction_id>/", ending.destruction, name="custody-destruction"),
    path(
        OFFICE + "destruction/<int:destruction_id>/record/", ending.record, name="custody-destruction-record"
    ),
    # papers on the way
    path(OFFICE + "journeys/", journeys.listing, name="custody-journeys"),
    path(OFFICE + "journeys/export/", exports.journeys, name="custody-journeys-export"),
    path(OFFICE + "journeys/new/", journeys.new, name="custody-journey-new"),
    path(JOURNEY, journeys.journey, name="custody-journey"),
    path(JOURNEY + "submit/", journeys.submit, name="custody-journey-submit"),
    path(JOURNEY + "depart/", journeys.depart, name="custody-journey-depart"),
    path(JOURNEY + "enter/", journeys.enter, name="custody-journey-enter"),
    path(JOURNEY + "tell/", journeys.tell, name="custody-journey-tell"),
    path(JOURNEY + "route/", journeys.route, name="custody-journey-route"),
    path(JOURNEY + "arrive/", journeys.arrive, name="custody-journey-arrive"),
    path(JOURNEY + "cancel/", journeys.cancel, name="custody-journey-cancel"),
    path(JOURNEY + "plan/", journeys.print_plan, name="custody-journey-print"),
    path(JOURNEY + "cards/", journeys.print_cards, name="custody-journey-cards"),
    path(ON_WAY, onway.onway, name="custody-onway"),
    path(ON_WAY + "enter/", onway.enter, name="custody-onway-enter"),
    path(ON_WAY + "tell/", onway.tell, name="custody-onway-tell"),
    path(ON_WAY + "route/", onway.route, name="custody-onway-route"),
    path(ON_WAY + "arrive/", onway.arrive, name="custody-onway-arrive"),
    # damage and incidents
    path(OFFICE + "cases/", cases.listing, name="custody-cases"),
    path(OFFICE + "cases/export/", exports.cases, name="custody-cases-export"),
    path(OFFICE + "cases/report/", cases.report, name="custody-case-report"),
    path(CASE, cases.case, name="custody-case"),
    path(CASE + "instruct/", cases.instruct, name="custody-case-instruct"),
    path(CASE + "treat/", cases.treat, name="custody-case-treat"),
    path(CASE + "up/", cases.report_up, name="custody-case-up"),
    path(CASE + "step/", cases.step, name="custody-case-step"),
    path(CASE + "close/", cases.close, name="custody-case-close"),
    path(CASE + "isolate/", cases.isolate, name="custody-case-isolate"),
    path(CASE + "isolation-end/", cases.end_isolation, name="custody-case-isolation-end"),
    path(CASE + "report/", cases.print_case, name="custody-case-print"),
    path(CASE + "photo/<slug:sha>/", cases.photo, name="custody-case-photo"),
    # handovers
    path(OFFICE + "handovers/", handovers.listing, name="custody-handovers"),
    path(OFFICE + "handovers/export/", exports.handovers, name="custody-handovers-export"),
    path(OFFICE + "handovers/new/", preparing.new, name="custody-handover-new"),
    path(OFFICE + "handovers/<int:handover_id>/", handovers.handover, name="custody-handover"),
    path(
        OFFICE + "handovers/<int:handover_id>/announce/", handovers.announce, name="custody-handover-announce"
    ),
    path(OFFICE + "handovers/<int:handover_id>/scan/", handovers.scan, name="custody-handover-scan"),
    path(OFFICE + "handovers/<int:handover_id>/finish/", handovers.finish, name="custody-handover-finish"),
    path(OFFICE + "handovers/<int:handover_id>/reopen/", handovers.reopen, name="custody-handover-reopen"),
    path(OFFICE + "handovers/<int:handover_id>/stop/", handovers.stop, name="custody-handover-stop"),
    path(OFFICE + "handovers/<int:handover_id>/sign/", handovers.sign, name="custody-handover-sign"),
    path(OFFICE + "handovers/<int:handover_id>/change/", handovers.change, name="custody-handover-change"),
    path(OFFICE + "handovers/<int:handover_id>/sheet/", handovers.printed, name="custody-handover-sheet"),
    path(OFFICE + "exceptions/", handovers.exceptions, name="custody-exceptions"),
    path(OFFICE + "exceptions/<int:exception_id>/instruct/", handovers.instruct, name="custody-instruct"),
    # paper quantities
    path(QUANTITIES, quantities.home, name="custody-quantities"),
    path(QUANTITIES + "due/", quantities.due, name="custody-due"),
    path(QUANTITIES + "confirm/", quantities.confirm, name="custody-confirm"),
    path(QUANTITIES + "form/", quantities.print_form, name="custody-form"),
    path(QUANTITIES + "<slug:region>/", quantities.region, name="custody-region"),
    path(QUANTITIES + "<slug:region>/scan/", quantities.scan, name="custody-scan"),
    path(QUANTITIES + "<slug:region>/export/", quantities.export, name="custody-export"),
]
