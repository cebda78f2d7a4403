from django.urls import path

from keju.kernel.documents import pages

urlpatterns = [path("office/<slug:exam>/documents/", pages.ledger, name="documents-ledger")]
