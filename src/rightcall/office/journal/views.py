"""The log, as anybody may have it: its newest checkpoint, its key, and its lines, which say nothing about anybody."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from rightcall.office.journal import checkpoints
from rightcall.office.journal.models import Checkpoint
from rightcall.office.keys import ledger_verifier, origin
from rightcall.office.pages import limited


@require_safe
def ledger(request: HttpRequest) -> HttpResponse:
    newest = Checkpoint.objects.first()
    return render(request, "journal/ledger.html", {"newest": newest, "verifier": ledger_verifier(), "origin": origin(), "size": checkpoints.frontier().size})


@limited("checkpoint", 30, 60)
@require_safe
def checkpoint(request: HttpRequest) -> HttpResponse:
    return HttpResponse(checkpoints.checkpoint().note, content_type="text/plain; charset=utf-8")


@limited("log", 6, 60)
@require_safe
def log(request: HttpRequest) -> StreamingHttpResponse:
    return StreamingHttpResponse(checkpoints.lines(), content_type="application/jsonl", headers={"Content-Disposition": 'attachment; filename="log.jsonl"'})
