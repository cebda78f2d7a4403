"""Addresses of the registration."""

from django.urls import path

from keju.stages.registration.pages import desk, listing, mine, own, photo, point, wizard

OFFICE = "office/<slug:exam>/registration/"
OWN = "my/<slug:exam>/registration/"

urlpatterns = [
    path("my/", mine.mine, name="my-exams"),
    path("my/<slug:exam>/register/", wizard.start, name="registration-start"),
    path("my/<slug:exam>/register/<slug:step>/", wizard.step, name="registration-step"),
    path(OWN, own.registration, name="registration-own"),
    path(OWN + "edit/", own.edit, name="registration-edit"),
    path(OWN + "withdraw/", own.withdraw, name="registration-withdraw"),
    path(OWN + "done/", own.done, name="registration-done"),
    path(OWN + "code/", own.code, name="registration-code"),
    path(OWN + "needs/", own.needs, name="registration-own-needs"),
    path(OWN + "receipt/", own.receipt, name="registration-receipt"),
    path(OWN + "photo/<slug:sha>/", photo.own_photo, name="registration-own-photo"),
    path(OFFICE, listing.listing, name="registration-list"),
    path(OFFICE + "export/", listing.export, name="registration-export"),
    path(OFFICE + "export/job/", listing.export_job, name="registration-export-job"),
    path(OFFICE + "figures/", listing.figures, name="registration-figures"),
    path(OFFICE + "point/", point.place, name="registration-point"),
    path(OFFICE + "import/", point.bring_in, name="registration-import"),
    path(OFFICE + "import/template/", point.template, name="registration-import-template"),
    path(OFFICE + "import/errors/<slug:sha>/", point.import_errors, name="registration-import-errors"),
    path(OFFICE + "<int:registration_id>/", desk.detail, name="registration-detail"),
    path(OFFICE + "<int:registration_id>/unmask/", desk.unmask, name="registration-unmask"),
    path(OFFICE + "<int:registration_id>/overrule/", desk.overrule, name="registration-overrule"),
    path(OFFICE + "<int:registration_id>/needs/", desk.decide_needs, name="registration-needs"),
    path(OFFICE + "<int:registration_id>/photo/", photo.office_photo, name="registration-photo"),
]
