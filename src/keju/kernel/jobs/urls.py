from django.urls import path

from keju.kernel.jobs import pages

OFFICE = "office/<slug:exam>/jobs/"

urlpatterns = [
    path(OFFICE, pages.listing, name="jobs-list"),
    path(OFFICE + "<uuid:job>/", pages.job, name="jobs-job"),
    path(OFFICE + "<uuid:job>/cancel/", pages.cancel, name="jobs-cancel"),
    path(OFFICE + "<uuid:job>/result/", pages.result, name="jobs-result"),
]
