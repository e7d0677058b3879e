"""Every address of the office. Each has a row in the matrix of rights (tests/office/rights.py)."""

from __future__ import annotations

from django.conf import settings
from django.urls import include, path

from rightcall.office import views
from rightcall.office.accounts import views as accounts
from rightcall.office.api.routes import api
from rightcall.office.campaigns import views as campaigns
from rightcall.office.journal import views as journal
from rightcall.office.notices import public
from rightcall.office.notices import views as notices
from rightcall.office.person import views as person

PUBLIC = [
    path("", public.start, name="start"),
    path("check", public.check_notice, name="check"),
    path("checker.html", public.checker, name="checker"),
    path("keys.toml", public.keys, name="keys"),
    path("status-list", public.status_list, name="status-list"),
    path("improper", public.report_improper, name="improper"),
    path("improper/reported", public.reported, name="reported"),
    path("improper/follow", public.follow, name="follow"),
    path("ledger", journal.ledger, name="ledger"),
    path("ledger/checkpoint", journal.checkpoint, name="checkpoint"),
    path("ledger/log.jsonl", journal.log, name="log"),
    path("health", public.health, name="health"),
    path("ready", public.ready, name="ready"),
    path("language", public.language, name="language"),
]
PERSON = [
    path("mine", person.enter, name="own-enter"),
    path("mine/file", person.file, name="own-file"),
    path("mine/correct", person.correct, name="own-correct"),
    path("mine/receipt/<int:index>", person.receipt, name="own-receipt"),
    path("mine/leave", person.leave, name="own-leave"),
    path("answer", person.enter_answers, name="answer-enter"),
    path("answer/<str:secret>", person.answer, name="answer"),
]
STAFF = [
    path("in", accounts.sign_in, name="sign-in"),
    path("code", accounts.second_factor, name="second-factor"),
    path("first", accounts.take_over, name="take-over"),
    path("out", accounts.sign_out, name="sign-out"),
    path("own", accounts.own, name="own"),
    path("own/sign-ins/<int:pk>/end", accounts.end_sign_in, name="end-sign-in"),
    path("work", views.work, name="work"),
    path("figures", views.figures, name="figures"),
    path("lists/<slug:name>", views.list_of, name="list"),
    path("lists/<slug:name>.<slug:format>", views.list_of, name="export"),
    path("jobs/<int:pk>", views.job, name="job"),
    path("jobs/<int:pk>/again", views.job_again, name="job-again"),
    path("accounts/new", accounts.new_account, name="new-account"),
    path("grants/new", accounts.new_grant, name="new-grant"),
    path("grants/<int:pk>", accounts.grant, name="grant"),
    path("grants/<int:pk>/confirm", accounts.confirm_grant, name="confirm-grant"),
    path("grants/<int:pk>/end", accounts.end_grant, name="end-grant"),
    path("campaigns/new", campaigns.new_campaign, name="new-campaign"),
    path("campaigns/<int:pk>", campaigns.campaign, name="campaign"),
    path("campaigns/<int:pk>/tasks", campaigns.tasks, name="tasks"),
    path("campaigns/<int:pk>/authorise", campaigns.authorise, name="authorise"),
    path("campaigns/<int:pk>/end", campaigns.end, name="end-campaign"),
    path("campaigns/<int:pk>/registers", campaigns.deliver, name="deliver"),
    path("campaigns/<int:pk>/rolls/new", campaigns.upload, name="upload"),
    path("rolls/<int:pk>", campaigns.roll, name="roll"),
    path("rolls/<int:pk>/freeze", campaigns.freeze, name="freeze"),
    path("rolls/<int:pk>/sign", campaigns.sign, name="sign"),
    path("rolls/<int:pk>/withdraw", campaigns.withdraw, name="withdraw"),
    path("rolls/<int:pk>/screen", campaigns.screen, name="screen"),
    path("rolls/<int:pk>/notices", notices.issue_batch, name="issue-batch"),
    path("rolls/<int:pk>/letters", notices.mailings, name="mailings"),
    path("letters/<int:pk>.zip", notices.mailing_file, name="mailing-file"),
    path("people/<int:pk>", campaigns.callup, name="callup"),
    path("people/<int:pk>/finding", campaigns.explanation, name="explanation"),
    path("people/<int:pk>/letter.pdf", campaigns.struck_letter, name="struck-letter"),
    path("people/<int:pk>/ask", campaigns.ask, name="ask"),
    path("people/<int:pk>/proof", campaigns.proof, name="proof"),
    path("people/<int:pk>/notice", notices.issue, name="issue"),
    path("notices/<int:pk>", notices.notice, name="notice"),
    path("notices/<int:pk>/paper.pdf", notices.paper, name="paper"),
    path("notices/<int:pk>/revoke", notices.revoke, name="revoke"),
    path("notices/<int:pk>/replace", notices.replace, name="replace"),
    path("notices/<int:pk>/service", notices.serve, name="serve"),
    path("reports/<int:pk>", notices.report, name="report"),
]
urlpatterns = [*PUBLIC, *PERSON, *STAFF, path("api/v1/", api.urls)]
if settings.OIDC_ISSUER:
    urlpatterns.append(path("oidc/", include("mozilla_django_oidc.urls")))
handler404 = "rightcall.office.views.not_found"
handler403 = "rightcall.office.views.not_allowed"
handler500 = "rightcall.office.views.broken"
