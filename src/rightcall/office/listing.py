"""A list of things, once: the same rows and columns as a page, as CSV, as XLSX and through the API, and always through ``visible_to``.

Lists have a stable order and go on behind the last key, so that no page counts rows or skips any.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import xlsxwriter
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from rightcall.office.accounts.roles import Kind
from rightcall.office.accounts.scope import Actor
from rightcall.office.clock import now
from rightcall.office.journal.writing import record
from rightcall.office.refusal import refuse

PAGE = 50
FORMATS = ("", "csv", "xlsx")
"""A page, or a file."""
MOST_IN_WORKBOOK = 100_000
_RISKY = ("=", "+", "-", "@", "\t", "\r", "\n")
Text = str | Promise


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, how a cell is read from a row, and where the cell leads to, if anywhere."""

    name: str
    heading: Text
    value: Callable[[Any], Any]
    link: Callable[[Any], str] | None = None
    number: bool = False


@dataclass(frozen=True, slots=True)
class Filter:
    """A choice that narrows a list: its name in the address, and what each value means."""

    name: str
    label: Text
    choices: Iterable[tuple[str, Text]] = ()
    narrow: Callable[[QuerySet[Any], str], QuerySet[Any]] | None = None

    def apply(self, rows: QuerySet[Any], given: str) -> QuerySet[Any]:
        if self.narrow is None:
            return rows.filter(**{self.name: given})
        return self.narrow(rows, given)


@dataclass(frozen=True, slots=True)
class Listing:
    """``rows``: all there are, before anything is hidden; ``newest``: whether the list begins with the highest key."""

    name: str
    title: Text
    kind: Kind
    rows: Callable[[], QuerySet[Any]]
    columns: tuple[Column, ...]
    filters: tuple[Filter, ...] = ()
    newest: bool = True
    empty: Text = ""
    actions: tuple[tuple[Text, str, str], ...] = field(default=())

    def visible(self, actor: Actor, given: Mapping[str, str]) -> QuerySet[Any]:
        """The rows this actor may see, narrowed. Raises ``PermissionDenied`` where he sees none of the kind, ``Refusal`` for a filter that cannot be."""
        if not actor.sees(self.kind):
            raise PermissionDenied
        rows: QuerySet[Any] = self.rows().visible_to(actor)  # type: ignore[attr-defined]
        for filter in self.filters:
            if value := given.get(filter.name, "").strip():
                rows = _narrowed(filter, rows, value)
        return rows.order_by("-pk" if self.newest else "pk")

    def page(self, actor: Actor, given: Mapping[str, str], size: int = PAGE) -> tuple[list[Any], str]:
        """The rows of a page, and the key behind which the next begins (empty on the last).

        Two steps: the keys, which an index alone gives, then only these rows with what belongs to them; so no search carries whole rows along.
        """
        rows = self.visible(actor, given)
        if after := given.get("after", ""):
            rows = _behind(rows, after, self.newest)
        keys = list(rows.values_list("pk", flat=True)[: size + 1])
        found = list(self.visible(actor, {}).filter(pk__in=keys[:size])) if keys else []
        return found, str(keys[size - 1]) if len(keys) > size else ""

    def cells(self, row: Model) -> list[Any]:
        return [column.value(row) for column in self.columns]


def _narrowed(filter: Filter, rows: QuerySet[Any], value: str) -> QuerySet[Any]:
    try:
        if "\0" in value:
            raise ValueError(value)
        return filter.apply(rows, value)
    except (ValueError, TypeError):
        raise refuse(
            "filter",
            _("`%(value)s` cannot be looked for in `%(filter)s`.") % {"value": value[:40], "filter": filter.label},
            _("Choose one of the values on the page."),
        ) from None


def _behind(rows: QuerySet[Any], after: str, newest: bool) -> QuerySet[Any]:
    if not after.isdecimal() or len(after) > 18:
        raise refuse("page", _("There is no such page."), _("Begin at the first page of the list."))
    return rows.filter(**{"pk__lt" if newest else "pk__gt": int(after)})


# --- as pages and files -------------------------------------------------------------------------------------------


def respond(request: HttpRequest, listing: Listing, format: str = "", extra: Mapping[str, Any] | None = None) -> HttpResponse | StreamingHttpResponse:
    """The list as a page, or as a file of exactly what the actor may see."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    given = {name: str(request.GET[name]) for name in request.GET}
    if format == "csv":
        return _csv(actor, listing, given)
    if format == "xlsx":
        return _xlsx(actor, listing, given)
    rows, after = listing.page(actor, given)
    table = [[(column, column.value(row), column.link(row) if column.link else "") for column in listing.columns] for row in rows]
    chosen = [(filter, given.get(filter.name, "")) for filter in listing.filters]
    context = {"listing": listing, "table": table, "filters": chosen, "next": _address(request.GET, after), "query": _query(request.GET), **(extra or {})}
    context["actions"] = [(label, route) for label, route, act in listing.actions if actor.can(act)]  # type: ignore[arg-type]
    return render(request, "list.html", context)


def _address(given: QueryDict, after: str) -> str:
    if not after:
        return ""
    query = given.copy()
    query["after"] = after
    return f"?{query.urlencode()}"


def _query(given: QueryDict) -> str:
    query = given.copy()
    query.pop("after", None)
    return f"?{query.urlencode()}" if query else ""


def _csv(actor: Actor, listing: Listing, given: Mapping[str, str]) -> StreamingHttpResponse:
    rows = listing.visible(actor, given)
    _told(actor, listing, "csv")
    return StreamingHttpResponse(_lines(listing, rows), content_type="text/csv; charset=utf-8", headers=_named(listing, "csv"))


def _lines(listing: Listing, rows: QuerySet[Any]) -> Iterator[str]:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow([column.name for column in listing.columns])
    for row in rows.iterator(chunk_size=2000):
        writer.writerow([safe(cell) for cell in listing.cells(row)])
        if buffer.tell() > 1 << 16:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def safe(cell: Any) -> str:
    """A cell that no spreadsheet takes for a formula (OWASP, CSV injection)."""
    text = "" if cell is None else str(cell)
    return f"'{text}" if text.startswith(_RISKY) else text


def _xlsx(actor: Actor, listing: Listing, given: Mapping[str, str]) -> HttpResponse:
    rows = list(listing.visible(actor, given)[: MOST_IN_WORKBOOK + 1])
    if len(rows) > MOST_IN_WORKBOOK:
        raise refuse("too-many", _("A workbook holds at most %(most)s rows here.") % {"most": MOST_IN_WORKBOOK}, _("Narrow the list, or take it as CSV."))
    _told(actor, listing, "xlsx")
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False})
    sheet = book.add_worksheet(str(listing.name)[:31])
    for place, cells in enumerate([[str(column.heading) for column in listing.columns], *(listing.cells(row) for row in rows)]):
        for column, cell in enumerate(cells):
            sheet.write_string(place, column, "" if cell is None else str(cell))
    sheet.freeze_panes(1, 0)
    book.close()
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return HttpResponse(buffer.getvalue(), content_type=kind, headers=_named(listing, "xlsx"))


def _named(listing: Listing, suffix: str) -> dict[str, str]:
    """INVARIANT: a file's name says nothing about anybody."""
    return {"Content-Disposition": f'attachment; filename="{listing.name}-{now():%Y%m%d-%H%M%S}.{suffix}"'}


def _told(actor: Actor, listing: Listing, format: str) -> None:
    """An export leaves the office, so it is in the log."""
    assert actor.account is not None
    record("list.exported", actor.account, actor.account, {"list": listing.name, "format": format})


def nothing() -> str:
    return _("Nothing here.")
