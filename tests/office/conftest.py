"""Each test begins in an empty folder: the rows of the one before are gone, and their keys are given anew."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.core.cache import cache


@pytest.fixture(autouse=True)
def empty_place() -> Iterator[None]:
    cache.clear()
    yield
    for folder in settings.PLACE.root.iterdir():
        if folder.is_dir() and folder.name != "keys":
            shutil.rmtree(folder)
