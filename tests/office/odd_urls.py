"""The addresses of the office, and some more that show pages which nobody comes to on purpose."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from rightcall.office.urls import handler403, handler404, handler500, urlpatterns

__all__ = ["handler403", "handler404", "handler500", "urlpatterns"]


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError


def slow_down(request: HttpRequest) -> HttpResponse:
    return render(request, "public/slow_down.html", {"minutes": 5}, status=429)


def locked(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/locked.html", status=429)


urlpatterns = [*urlpatterns, path("test/broken", broken), path("test/slow-down", slow_down), path("test/locked", locked)]
