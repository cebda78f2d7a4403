"""Addresses of this stage."""

from django.urls import path

from keju.stages.security.pages import findings, inspecting, precautions

OFFICE = "office/<slug:exam>/security/"
INSPECTION = OFFICE + "inspections/<int:inspection_id>/"
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
]
