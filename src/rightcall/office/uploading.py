"""Files that come in: straight to disk, in the folder of the office, and never more than the office takes."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from typing import IO, Any, cast

from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopUpload, TemporaryFileUploadHandler
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from rightcall.office.desk import desk
from rightcall.office.middleware import refused
from rightcall.office.refusal import Reason, Refusal, refuse, refuse_any
from rightcall.records.workbook import MOST_PARTS, MOST_UNPACKED

MOST_BYTES = 512 << 20
"""A roll of a million people as CSV is a fifth of it."""
MOST_WORKBOOK = 100 << 20


def too_large() -> Refusal:
    told = {"most": MOST_BYTES >> 20}
    return refuse("upload-too-large", _("More than %(most)s MiB were sent, and no more are taken at once.") % told, _("Send a roll in parts, or as Parquet."))


class OnDesk(TemporaryUploadedFile):
    """A file that comes in, on the desk of this process: where it dies, it is swept away with it."""

    def __init__(self, name: str, content_type: str, size: int, charset: str | None, content_type_extra: Any = None) -> None:
        file = tempfile.NamedTemporaryFile(suffix=".upload", dir=desk())  # noqa: SIM115 - it is closed by Django, with the request
        UploadedFile.__init__(self, file, name, content_type, size, charset, content_type_extra)


class SizeMiddleware:
    """INVARIANT: what is larger than the office takes is refused by its length, before any of it is looked at."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdecimal() or int(length) > MOST_BYTES:
            return refused(request, too_large())
        return self.get_response(request)


class LimitedHandler(TemporaryFileUploadHandler):
    """Counts what comes in, over all files of a request; one that is longer than it says is cut off."""

    received = 0

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        FileUploadHandler.new_file(self, *args, **kwargs)
        self.file = OnDesk(self.file_name or "", self.content_type or "", 0, self.charset, self.content_type_extra)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        self.received += len(raw_data)
        if self.received > MOST_BYTES:
            raise StopUpload(connection_reset=True)
        super().receive_data_chunk(raw_data, start)
        return None


def check_files(files: Sequence[UploadedFile[Any]]) -> None:
    """What can be told of files before they are read: their size, and what a workbook unpacks to. Raises ``Refusal``."""
    refuse_any([reason for file in files for reason in _wrong(file)])


def _wrong(file: UploadedFile[Any]) -> Iterator[Reason]:
    name = (file.name or "")[:80]
    if not file.size:
        yield Reason("empty", _("`%(name)s` is empty.") % {"name": name}, _("Choose the file again."))
    elif name.lower().endswith(".xlsx"):
        yield from _wrong_workbook(file, name)


def _wrong_workbook(file: UploadedFile[Any], name: str) -> Iterator[Reason]:
    """A workbook is a ZIP: it says itself how large it becomes."""
    try:
        sizes = [part.file_size for part in zipfile.ZipFile(cast("IO[bytes]", file.file)).infolist()]
    except (zipfile.BadZipFile, NotImplementedError):
        yield Reason("damaged", _("`%(name)s` is not a workbook, or it is damaged.") % {"name": name}, _("Save it again as .xlsx, or as CSV."))
        return
    if (file.size or 0) > MOST_WORKBOOK or sum(sizes) > MOST_UNPACKED or len(sizes) > MOST_PARTS:
        told = {"name": name, "size": sum(sizes) >> 20}
        yield Reason("too-large", _("`%(name)s` is too large for a workbook (%(size)s MiB unpacked).") % told, _("Save it as CSV; a roll needs no formats."))
