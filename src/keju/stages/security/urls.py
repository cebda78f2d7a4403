"""Addresses of this stage."""

from django.urls import path

from keju.stages.security.pages import (
    devices,
    drilling,
    emergencies,
    findings,
    inspecting,
    letters,
    planning,
    precautions,
    recordings,
)

OFFICE = "office/<slug:exam>/security/"
INSPECTION = OFFICE + "inspections/<int:inspection_id>/"
EMERGENCY = OFFICE + "emergencies/<slug:office>/"
DEVICE = OFFICE + "devices/<int:device_id>/"
RECORDING = OFFICE + "recordings/<int:recording_id>/"
SITE = OFFICE + "sites/<slug:site>/"
DRILL = OFFICE + "drills/<int:drill_id>/"
LETTER = OFFICE + "letters/<int:letter_id>/"
PLAN = OFFICE + "plans/<int:plan_id>/"
FINDING = OFFICE + "findings/<int:finding_id>/"

urlpatterns = [
    path(OFFICE, precautions.home, name="security-home"),
    path(OFFICE + "precautions/", precautions.home, name="security-precautions"),
    # inspections and findings
    path(OFFICE + "inspections/", inspecting.listing, name="security-inspections"),
    path(OFFICE + "inspections/export/", inspecting.export, name="security-inspections-export"),
    path(OFFICE + "inspections/plan/", inspecting.plan, name="security-inspection-plan"),
    path(INSPECTION, inspecting.inspection, name="security-inspection"),
    path(INSPECTION + "items/<slug:item>/", inspecting.answer, name="security-answer"),
    path(INSPECTION + "rest/", inspecting.rest, name="security-inspection-rest"),
    path(INSPECTION + "finish/", inspecting.finish, name="security-inspection-finish"),
    path(INSPECTION + "cancel/", inspecting.cancel, name="security-inspection-cancel"),
    path(INSPECTION + "paper/", inspecting.paper, name="security-inspection-paper"),
    path(OFFICE + "findings/", findings.listing, name="security-findings"),
    path(OFFICE + "findings/export/", findings.export, name="security-findings-export"),
    path(FINDING, findings.finding, name="security-finding"),
    path(FINDING + "mend/", findings.mend, name="security-finding-mend"),
    path(FINDING + "close/", findings.close, name="security-finding-close"),
    path(FINDING + "return/", findings.send_back, name="security-finding-return"),
    path(FINDING + "extend/", findings.extend, name="security-finding-extend"),
    path(OFFICE + "photos/<slug:sha>/", inspecting.photo, name="security-photo"),
    # emergency plans and drills
    path(OFFICE + "emergencies/", emergencies.listing, name="security-emergencies"),
    path(OFFICE + "emergencies/export/", emergencies.export, name="security-emergencies-export"),
    path(EMERGENCY, emergencies.office, name="security-emergency"),
    path(EMERGENCY + "plans/<slug:kind>/", emergencies.write, name="security-emergency-write"),
    path(EMERGENCY + "propose/", emergencies.propose, name="security-emergency-propose"),
    path(EMERGENCY + "contacts/", emergencies.contacts, name="security-contacts"),
    path(OFFICE + "drills/", drilling.listing, name="security-drills"),
    path(OFFICE + "drills/export/", drilling.export, name="security-drills-export"),
    path(OFFICE + "drills/plan/", drilling.plan, name="security-drill-plan"),
    path(DRILL, drilling.drill, name="security-drill"),
    path(DRILL + "move/", drilling.move, name="security-drill-move"),
    path(DRILL + "note/", drilling.note, name="security-drill-note"),
    path(DRILL + "people/", drilling.join, name="security-drill-join"),
    path(DRILL + "lesson/", drilling.lesson, name="security-drill-lesson"),
    # letters of responsibility, matrix, plans
    path(OFFICE + "letters/", letters.listing, name="security-letters"),
    path(OFFICE + "letters/make/", letters.make, name="security-letters-make"),
    path(OFFICE + "letters/print/", letters.print_all, name="security-letters-print"),
    path(OFFICE + "letters/papers/", letters.papers, name="security-letters-papers"),
    path(OFFICE + "letters/mine/", letters.mine, name="security-letters-mine"),
    path(OFFICE + "letters/mine/sign/", letters.sign_mine, name="security-letters-sign"),
    path(LETTER, letters.letter, name="security-letter"),
    path(LETTER + "below/", letters.below, name="security-letter-below"),
    path(LETTER + "paper/", letters.paper, name="security-letter-paper"),
    path(LETTER + "scan/", letters.scan, name="security-letter-scan"),
    path(LETTER + "print/", letters.print_one, name="security-letter-print"),
    path(OFFICE + "matrix/", letters.matrix, name="security-matrix"),
    path(OFFICE + "matrix/print/", letters.print_matrix, name="security-matrix-print"),
    path(OFFICE + "plans/", planning.plans, name="security-plans"),
    path(OFFICE + "plans/edit/", planning.edit, name="security-plan-edit"),
    path(OFFICE + "plans/gap/", planning.gap, name="security-gap"),
    path(PLAN, planning.plan, name="security-plan"),
    path(PLAN + "propose/", planning.propose, name="security-plan-propose"),
    path(PLAN + "file/", planning.file, name="security-plan-file"),
    # devices
    path(OFFICE + "devices/", devices.listing, name="security-devices"),
    path(OFFICE + "devices/export/", devices.export, name="security-devices-export"),
    path(OFFICE + "devices/template/", devices.template, name="security-device-template"),
    path(OFFICE + "devices/add/", devices.add, name="security-device-add"),
    path(OFFICE + "devices/import/", devices.bring_in, name="security-device-import"),
    path(OFFICE + "devices/sound/", devices.sound, name="security-devices-sound"),
    path(DEVICE, devices.device, name="security-device"),
    path(DEVICE + "test/", devices.test, name="security-device-test"),
    path(SITE + "devices/", devices.site, name="security-site-devices"),
    path(SITE + "devices/return/", devices.take_back, name="security-devices-return"),
    path(SITE + "entrances/", devices.add_entrance, name="security-entrance-add"),
    # recordings
    path(OFFICE + "recordings/", recordings.listing, name="security-recordings"),
    path(OFFICE + "recordings/export/", recordings.export, name="security-recordings-export"),
    path(OFFICE + "recordings/template/", recordings.template, name="security-recordings-template"),
    path(OFFICE + "recordings/import/", recordings.bring_in, name="security-recordings-import"),
    path(OFFICE + "recordings/kept/<slug:point>/", recordings.report_kept, name="security-recordings-kept"),
    path(RECORDING, recordings.recording, name="security-recording"),
    path(RECORDING + "verify/", recordings.verify, name="security-recording-verify"),
    path(RECORDING + "replay/", recordings.replay, name="security-recording-replay"),
    path(OFFICE + "disposals/", recordings.disposals, name="security-disposals"),
    path(OFFICE + "disposals/propose/", recordings.propose, name="security-disposal-propose"),
    path(OFFICE + "disposals/<int:disposal_id>/", recordings.dispose, name="security-dispose"),
]
