"""Addresses of results."""

from django.urls import path

from keju.stages.results.pages import line, own, passes

OFFICE = "office/<slug:exam>/results/"

urlpatterns = [
    path("my/<slug:exam>/result/", own.mine, name="results-mine"),
    path("my/<slug:exam>/result/transcript/", own.transcript, name="results-transcript"),
    path("my/<slug:exam>/result/step/", own.step, name="results-step"),
    path("exams/<slug:exam>/result/", own.lookup, name="results-lookup"),
    path("verify/transcript/", own.verify, name="results-verify"),
    path(OFFICE, line.home, name="results-home"),
    path(OFFICE + "propose/", line.propose, name="results-propose"),
    path(OFFICE + "proposals/<int:proposal_id>/vote/", line.vote, name="results-vote"),
    path(OFFICE + "proposals/<int:proposal_id>/decide/", line.decide, name="results-decide"),
    path(OFFICE + "release/", line.release, name="results-release"),
    path(OFFICE + "figures/", line.figures, name="results-figures"),
    path(OFFICE + "badge/", line.badge, name="results-badge"),
    path(OFFICE + "passes/", passes.passes, name="results-passes"),
    path(OFFICE + "passes/export/", passes.export, name="results-passes-export"),
    path(OFFICE + "registers/", passes.registers, name="results-registers"),
    path(OFFICE + "registers/<slug:region>/send/", passes.send, name="results-register-send"),
    path(OFFICE + "registers/<slug:region>/<slug:kind>/", passes.register_file, name="results-register-file"),
]
