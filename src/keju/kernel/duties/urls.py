from django.urls import path

from keju.kernel.duties import pages

OFFICE = "office/<slug:exam>/"

urlpatterns = [
    path(OFFICE, pages.home, name="office-home"),
    path(OFFICE + "duties/", pages.listed, name="duties-list"),
    path(OFFICE + "duties/badge/", pages.badge, name="duties-badge"),
    path(OFFICE + "duties/<int:duty>/", pages.duty, name="duties-duty"),
    path(OFFICE + "duties/<int:duty>/file/", pages.file, name="duties-file"),
]
