"""Files that come in: straight to disk, in the folder of the office, and never more than the office takes."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import TemporaryUploadedFile
from django.core.files.uploadhandler import StopUpload, TemporaryFileUploadHandler

MOST_BYTES = 512 << 20
"""A roll of a million people as CSV is a fifth of it."""
MOST_WORKBOOK = 100 << 20
"""An XLSX is unpacked in memory: see ``uploaded`` for what is inside."""


class TooLarge(StopUpload):
    """More than the office takes; the connection is ended."""


class LimitedHandler(TemporaryFileUploadHandler):
    """Counts what comes in, over all files of a request."""

    received = 0

    def handle_raw_input(self, input_data: Any, META: Any, content_length: int, boundary: Any, encoding: Any = None) -> None:
        if content_length > MOST_BYTES:
            self.request.too_large = True  # type: ignore[union-attr]
            raise TooLarge(connection_reset=False)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        self.received += len(raw_data)
        if self.received > MOST_BYTES:
            self.request.too_large = True  # type: ignore[union-attr]
            raise TooLarge(connection_reset=True)
        super().receive_data_chunk(raw_data, start)
        return None


Upload = TemporaryUploadedFile
