"""Linking on public data whose truth is known: the bars of bench/linking.py, a little lower."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import polars as pl
import pytest

ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared" / "data"
pytestmark = pytest.mark.skipif(not (DATA / "linkage-febrl").is_dir(), reason="the public data are not beside the repository")


@pytest.fixture(scope="module")
def bench() -> ModuleType:
    spec = importlib.util.spec_from_file_location("linking_bench", ROOT / "bench" / "linking.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_two_lists_without_a_number(bench: ModuleType) -> None:
    score = bench.linked(bench.febrl("4a", DATA), bench.febrl("4b", DATA), bench.FEBRL, pl.col("certain"))
    assert score.f1 >= 0.993
    assert score.precision >= 0.999


def test_duplicates_with_heavy_errors(bench: ModuleType) -> None:
    assert bench.clustered(bench.febrl("3", DATA), bench.FEBRL).f1 >= 0.985


def test_duplicates_with_gaps_and_swaps(bench: ModuleType) -> None:
    score = bench.clustered(bench.fake(DATA), bench.FAKE)
    assert score.f1 >= 0.94
    assert score.precision >= 0.98


def test_a_country_of_frequent_names(bench: ModuleType) -> None:
    _, _, certain, kept = bench.speed(3_000, 1_000, 5_000)
    assert certain.precision >= 0.999
    assert certain.recall >= 0.95
    assert kept.recall >= 0.99
