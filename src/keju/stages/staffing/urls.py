"""Addresses of this stage."""

from django.urls import URLPattern, path

from keju.stages.staffing.pages import (
    appointing,
    codes,
    duty,
    hints,
    invited,
    people,
    posts,
    proposing,
    recusal,
    reports,
    roster,
    rosterout,
    rosters,
)
from keju.stages.staffing.pages.training import attending as training_attending
from keju.stages.staffing.pages.training import courses as training_courses
from keju.stages.staffing.pages.training import handbooks as training_handbooks
from keju.stages.staffing.pages.training import own as training_own

OFFICE = "office/<slug:exam>/staffing/"
MEMBERS, APPOINTED, INVITED = (
    OFFICE + "people/",
    OFFICE + "appointments/",
    "exams/<slug:exam>/staff/<slug:token>/",
)

PEOPLE: list[URLPattern] = [
    path(OFFICE, posts.home, name="staffing-home"),
    path(OFFICE + "gaps/", posts.gaps, name="staffing-gaps"),
    path(OFFICE + "gaps/export/", posts.gaps_export, name="staffing-gaps-export"),
    path(MEMBERS, people.listing, name="staffing-members"),
    path(MEMBERS + "export/", people.export, name="staffing-members-export"),
    path(MEMBERS + "add/", people.add, name="staffing-member-add"),
    path(MEMBERS + "import/", people.bring_in, name="staffing-members-import"),
    path(MEMBERS + "template/", people.template, name="staffing-members-template"),
    path(MEMBERS + "errors/<slug:sha>/", people.errors, name="staffing-import-errors"),
    path(MEMBERS + "<int:member>/", people.detail, name="staffing-member"),
    path(MEMBERS + "<int:member>/edit/", people.edit, name="staffing-member-edit"),
    path(MEMBERS + "<int:member>/leave/", people.leave, name="staffing-member-leave"),
    path(MEMBERS + "<int:member>/unmask/", people.unmask, name="staffing-member-unmask"),
    path(APPOINTED, appointing.listing, name="staffing-appointments"),
    path(APPOINTED + "invite/", appointing.invite, name="staffing-invite"),
    path(APPOINTED + "slips/", appointing.slips, name="staffing-slips"),
    path(APPOINTED + "accept/", appointing.accept, name="staffing-accept"),
    path(APPOINTED + "import/", proposing.bring_in, name="staffing-appointments-import"),
    path(APPOINTED + "template/", proposing.template, name="staffing-appointments-template"),
    path(APPOINTED + "fill/", proposing.fill, name="staffing-fill"),
    path(APPOINTED + "add/<slug:post>/<slug:place>/", proposing.add, name="staffing-appoint"),
    path(APPOINTED + "<int:appointment>/", appointing.detail, name="staffing-appointment"),
    path(APPOINTED + "codes/", codes.hand, name="staffing-codes"),
    path(APPOINTED + "<int:appointment>/codes/void/", codes.void, name="staffing-codes-void"),
    path(APPOINTED + "<int:appointment>/end/", appointing.end, name="staffing-end"),
    path(APPOINTED + "<int:appointment>/decline/", appointing.decline, name="staffing-decline"),
    path(APPOINTED + "<int:appointment>/replace/", appointing.replace, name="staffing-replace"),
    path(APPOINTED + "<int:appointment>/scan/", appointing.scan, name="staffing-scan"),
    path(
        APPOINTED + "<int:appointment>/replace/<int:member>/",
        appointing.replacement,
        name="staffing-replacement",
    ),
    path(OFFICE + "reports/", reports.listing, name="staffing-reports"),
    path(OFFICE + "reports/<int:report>/receive/", reports.receive, name="staffing-report-receive"),
    path(INVITED, invited.invited, name="staffing-invited"),
    path(INVITED + "answer/", invited.answer, name="staffing-answer"),
    path(INVITED + "codes/", codes.take, name="staffing-codes-take"),
    path(INVITED + "report/", invited.report, name="staffing-report"),
]


ROSTERS = "office/<slug:exam>/staffing/rosters/"
ROSTER = ROSTERS + "<int:roster_id>/"
PHONES = "office/<slug:exam>/staffing/phones/"
ON_DUTY = "office/<slug:exam>/staffing/on-duty/"
CALENDAR = "exams/<slug:exam>/duty/<slug:token>/"

ROSTERING: list[URLPattern] = [
    path(ROSTERS, rosters.rosters, name="staffing-rosters"),
    path(ROSTERS + "add/", rosters.add, name="staffing-roster-add"),
    path(ROSTERS + "publish/", rosters.publish_ticked, name="staffing-rosters-publish"),
    path(ROSTER, roster.roster, name="staffing-roster"),
    path(ROSTER + "shifts/add/", roster.add_shift, name="staffing-shift-add"),
    path(ROSTER + "shifts/<uuid:shift>/", roster.edit_shift, name="staffing-shift"),
    path(ROSTER + "shifts/<uuid:shift>/strike/", roster.strike, name="staffing-shift-strike"),
    path(ROSTER + "hours/", roster.hours, name="staffing-roster-hours"),
    path(ROSTER + "propose/", roster.propose, name="staffing-propose"),
    path(ROSTER + "publish/", roster.publish, name="staffing-publish"),
    path(ROSTER + "import/", roster.bring_in, name="staffing-roster-import"),
    path(ROSTER + "export/", rosterout.export, name="staffing-roster-export"),
    path(ROSTER + "phones/", rosterout.phones, name="staffing-roster-phones"),
    path(ROSTER + "print/", rosterout.print_roster, name="staffing-roster-print"),
    path(ROSTER + "calendar/", rosterout.calendar, name="staffing-roster-calendar"),
    path(ROSTER + "links/", rosterout.links, name="staffing-roster-links"),
    path(ROSTER + "versions/<int:edition>/", rosterout.version, name="staffing-roster-version"),
    path(ON_DUTY, duty.on_duty, name="staffing-on-duty"),
    path(ON_DUTY + "show/", duty.show_on_duty, name="staffing-on-duty-show"),
    path(PHONES, duty.directory, name="staffing-directory"),
    path(PHONES + "show/", duty.show_directory, name="staffing-directory-show"),
    path(PHONES + "file/", duty.file, name="staffing-directory-file"),
    path(PHONES + "exchange/", duty.exchange, name="staffing-phones-exchange"),
    path(PHONES + "export/", duty.take, name="staffing-directory-export"),
    path(PHONES + "print/", duty.print_directory, name="staffing-directory-print"),
    path(CALENDAR, rosterout.own, name="staffing-calendar"),
    path(CALENDAR + "take/", rosterout.take, name="staffing-calendar-take"),
]

TRAINING = "office/<slug:exam>/training/"
COURSE = TRAINING + "courses/<int:course_id>/"
LINK = "training/<slug:token>/"

TAUGHT: list[URLPattern] = [
    path(TRAINING, training_own.own, name="training-own"),
    path(TRAINING + "check/<slug:module>/begin/", training_own.own_begin, name="training-own-begin"),
    path(TRAINING + "check/<slug:module>/", training_own.own_try, name="training-own-try"),
    path(TRAINING + "pledge/<slug:module>/", training_own.own_pledge, name="training-own-pledge"),
    path(TRAINING + "attend/<int:course_id>/", training_own.own_attend, name="training-own-attend"),
    path(TRAINING + "courses/", training_courses.courses, name="training-courses"),
    path(TRAINING + "courses/plan/", training_courses.plan, name="training-plan"),
    path(COURSE, training_courses.course, name="training-course"),
    path(COURSE + "invite/", training_courses.invite, name="training-invite"),
    path(COURSE + "attendance/", training_attending.attendance, name="training-attendance"),
    path(COURSE + "import/", training_attending.import_sheet, name="training-import"),
    path(COURSE + "sheet/", training_attending.sheet, name="training-sheet"),
    path(COURSE + "print/", training_attending.print_list, name="training-print"),
    path(COURSE + "wall/", training_courses.wall, name="training-wall"),
    path(COURSE + "links/", training_attending.links, name="training-links"),
    path(COURSE + "hold/", training_courses.hold, name="training-hold"),
    path(COURSE + "cancel/", training_courses.cancel, name="training-cancel"),
    path(COURSE + "paper/", training_attending.paper, name="training-paper"),
    path(TRAINING + "lacking/", training_courses.lacking, name="training-lacking"),
    path(TRAINING + "handbooks/", training_handbooks.handbooks, name="training-handbooks"),
    path(
        TRAINING + "handbooks/<slug:handbook>/draft/",
        training_handbooks.draft,
        name="training-handbook-draft",
    ),
    path(
        TRAINING + "handbooks/<int:version_id>/send/",
        training_handbooks.distribute,
        name="training-handbook-send",
    ),
    path(
        TRAINING + "handbooks/<int:version_id>/file/",
        training_handbooks.handbook_file,
        name="training-handbook-file",
    ),
    path(TRAINING + "questions/<slug:module>/", training_handbooks.pool, name="training-pool"),
    path(TRAINING + "questions/<slug:module>/edit/", training_handbooks.question, name="training-question"),
    path("training/wall/<int:course_id>/", training_own.scan, name="training-scan"),
    path(LINK, training_own.link, name="training-link"),
    path(LINK + "check/<slug:module>/begin/", training_own.link_begin, name="training-link-begin"),
    path(LINK + "check/<slug:module>/", training_own.link_try, name="training-link-try"),
    path(LINK + "pledge/<slug:module>/", training_own.link_pledge, name="training-link-pledge"),
    path(LINK + "attend/<int:course_id>/", training_own.link_attend, name="training-link-attend"),
]

RECUSAL: list[URLPattern] = [
    path(OFFICE + "recusal/", recusal.hits, name="staffing-recusal"),
    path(OFFICE + "recusal/recheck/", recusal.recheck, name="staffing-recusal-recheck"),
    path(OFFICE + "recusal/hints/", hints.hints, name="staffing-hints"),
    path(OFFICE + "recusal/hints/look/", hints.look, name="staffing-hints-look"),
    path(OFFICE + "recusal/hints/<int:hint_id>/", hints.hint, name="staffing-hint"),
    path(OFFICE + "recusal/<int:hit_id>/", recusal.hit, name="staffing-recusal-hit"),
    path(MEMBERS + "<int:member_id>/recusal/", recusal.member, name="staffing-declaration"),
    path(INVITED + "declare/", invited.declare, name="staffing-declare"),
    path(OFFICE + "accountability/", recusal.accountability, name="staffing-accountability"),
]

urlpatterns: list[URLPattern] = [*PEOPLE, *ROSTERING, *TAUGHT, *RECUSAL]
