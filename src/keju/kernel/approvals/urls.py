from django.urls import path

from keju.kernel.approvals import pages

OFFICE = "office/<slug:exam>/approvals/"

urlpatterns = [
    path(OFFICE, pages.listing, name="approvals-list"),
    path(OFFICE + "badge/", pages.badge, name="approvals-badge"),
    path(OFFICE + "<int:approval_id>/", pages.proposal, name="approvals-proposal"),
    path(OFFICE + "<int:approval_id>/sign/", pages.sign, name="approvals-sign"),
    path(OFFICE + "<int:approval_id>/refuse/", pages.refuse, name="approvals-refuse"),
    path(OFFICE + "<int:approval_id>/withdraw/", pages.withdraw, name="approvals-withdraw"),
]
