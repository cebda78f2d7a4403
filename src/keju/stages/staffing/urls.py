"""Addresses of this stage."""

from django.urls import URLPattern, path

from keju.stages.staffing.pages import appointing, duty, invited, people, posts, reports, rosterout, rosters

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
    path(APPOINTED + "import/", appointing.bring_in, name="staffing-appointments-import"),
    path(APPOINTED + "template/", appointing.template, name="staffing-appointments-template"),
    path(APPOINTED + "fill/", appointing.fill, name="staffing-fill"),
    path(APPOINTED + "add/<slug:post>/<slug:place>/", appointing.add, name="staffing-appoint"),
    path(APPOINTED + "<int:appointment>/", appointing.detail, name="staffing-appointment"),
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
    path(ROSTER, rosters.roster, name="staffing-roster"),
    path(ROSTER + "shifts/add/", rosters.add_shift, name="staffing-shift-add"),
    path(ROSTER + "shifts/<uuid:shift>/", rosters.edit_shift, name="staffing-shift"),
    path(ROSTER + "shifts/<uuid:shift>/strike/", rosters.strike, name="staffing-shift-strike"),
    path(ROSTER + "hours/", rosters.hours, name="staffing-roster-hours"),
    path(ROSTER + "propose/", rosters.propose, name="staffing-propose"),
    path(ROSTER + "publish/", rosters.publish, name="staffing-publish"),
    path(ROSTER + "import/", rosters.bring_in, name="staffing-roster-import"),
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

urlpatterns: list[URLPattern] = [*PEOPLE, *ROSTERING]
