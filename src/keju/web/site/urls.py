"""Addresses of the site's own pages."""

from django.urls import path

from keju.web.site.pages import (
    audit,
    bulletin,
    clock,
    contact,
    demo,
    faq,
    health,
    home,
    office,
    people,
    points,
    rules,
    second_factor,
    signing,
    verify,
)

urlpatterns = [
    path("", home.home, name="home"),
    path("sign-in/", signing.sign_in, name="sign-in"),
    path("sign-up/", signing.sign_up, name="sign-up"),
    path("sign-out/", signing.sign_out, name="sign-out"),
    path("my/contact/", contact.contact, name="my-contact"),
    path("exams/<slug:exam>/points/", points.points, name="points"),
    path("exams/<slug:exam>/faq/", faq.faq, name="faq"),
    path("exams/<slug:exam>/bulletin/", bulletin.bulletin, name="bulletin"),
    path("verify/", verify.verify, name="documents-verify"),
    path("rules/", rules.rules, name="rules"),
    path("rules/<str:clause>/", rules.rule, name="rule"),
    path("demo/", demo.demo, name="demo"),
    path("health/", health.health, name="health"),
    path("office/", office.office, name="office"),
    path("office/sign-in/", signing.office_sign_in, name="office-sign-in"),
    path("office/second-factor/", second_factor.second_factor, name="second-factor"),
    path("office/act-for/", office.act_for, name="act-for"),
    path("office/people/", people.people, name="people-list"),
    path("office/people/add/", people.add, name="people-add"),
    path("office/people/<int:person_id>/", people.person, name="people-person"),
    path("office/people/<int:person_id>/grant/", people.grant, name="people-grant"),
    path("office/people/<int:person_id>/end/<int:posting_id>/", people.end, name="people-end"),
    path("office/audit/", audit.log, name="audit-log"),
    path("office/audit/<uuid:event_id>/", audit.event, name="audit-event"),
    path("office/<slug:exam>/clock/", clock.clock, name="exam-clock"),
]
