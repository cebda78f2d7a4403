"""Addresses of marking."""

from django.urls import path

from keju.stages.marking.pages import batch, deciding, home, scoring

OFFICE = "office/<slug:exam>/marking/"

urlpatterns = [
    path(OFFICE, home.home, name="marking-home"),
    path(OFFICE + "open/", home.open_batches, name="marking-open"),
    path(OFFICE + "practice/", home.practise, name="marking-practice-all"),
    path(OFFICE + "figures/", home.figures, name="marking-figures"),
    path(OFFICE + "badge/", home.badge, name="marking-badge"),
    path(OFFICE + "cards/", home.cards, name="marking-cards"),
    path(
        OFFICE + "cards/<slug:site>/<int:room>/<int:session>/", home.print_cards, name="marking-cards-print"
    ),
    path(OFFICE + "bags/<int:batch_id>/", batch.batch, name="marking-batch"),
    path(OFFICE + "bags/<int:batch_id>/upload/", batch.upload, name="marking-upload"),
    path(OFFICE + "bags/<int:batch_id>/practice/", batch.practise, name="marking-practice"),
    path(OFFICE + "bags/<int:batch_id>/missing/", batch.missing, name="marking-missing"),
    path(OFFICE + "doubts/", deciding.doubts, name="marking-doubts"),
    path(OFFICE + "readings/<int:reading_id>/", deciding.reading, name="marking-reading"),
    path(OFFICE + "readings/<int:reading_id>/image/", deciding.image, name="marking-image"),
    path(OFFICE + "keys/", scoring.keys, name="marking-keys"),
    path(OFFICE + "keys/<int:session>/", scoring.key, name="marking-key"),
    path(OFFICE + "runs/", scoring.runs, name="marking-runs"),
    path(OFFICE + "runs/new/", scoring.run, name="marking-run"),
    path(OFFICE + "runs/<int:run_id>/propose/", scoring.propose, name="marking-propose"),
    path(OFFICE + "runs/<int:run_id>/scores/", scoring.view, name="marking-scores"),
    path(OFFICE + "countersign/", scoring.countersign, name="marking-countersign"),
]
