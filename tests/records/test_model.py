"""What is learned, what is refused, which pairs are looked at, and how rows come together."""

from __future__ import annotations

import random
import subprocess
import sys
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from identities import IVAN, crowd, spoiled, table

from rightcall.law.problem import Refused
from rightcall.records import blocking, model
from rightcall.records.cluster import clusters
from rightcall.records.identity import IDENTITY, identities, parts_of
from rightcall.records.linkage import link
from rightcall.records.model import Model, Tables, Untrained, train

PARTS = parts_of(IDENTITY)


def _tables(left: list[Any], right: list[Any]) -> Tables:
    return Tables(identities(table(*left), PARTS, distinct=False), identities(table(*right), PARTS))


@pytest.fixture(scope="module")
def trained() -> Model:
    chance, people = random.Random(5), crowd(500)
    found = train(_tables(people, [spoiled(person, chance) for person in people[:400]]))
    assert isinstance(found, Model)
    return found


def _levels(trained: Model, column: str) -> dict[str, tuple[float, float]]:
    comparison = next(one for one in trained.settings["comparisons"] if one["output_column_name"] == column)
    return {level["label_for_charts"]: (level["m_probability"], level["u_probability"]) for level in comparison["comparison_levels"][1:]}


def test_parameters_are_probabilities(trained: Model) -> None:
    for comparison in trained.settings["comparisons"]:
        for side in (0, 1):
            chances = [level[side] for level in _levels(trained, comparison["output_column_name"]).values()]
            assert all(0 < chance < 1 for chance in chances)
            assert sum(chances) == pytest.approx(1)


def test_agreement_speaks_for_a_person(trained: Model) -> None:
    for column in ("f1", "f2", "f3", "f4", "f5"):
        levels = _levels(trained, column)
        assert levels["same"][0] / levels["same"][1] > 2
        assert levels["other"][0] / levels["other"][1] < 0.5


def test_an_empty_column_teaches_nothing(trained: Model) -> None:
    assert "f0" not in [comparison["output_column_name"] for comparison in trained.settings["comparisons"]]


def test_the_share_of_rows_that_speak_of_somebody_is_learned(trained: Model) -> None:
    assert 0.3 < trained.share <= 0.99


STRANGERS = [dict(person, number=None) for person in crowd(300, seed=2)]
UNTRAINED = {
    "too few": (crowd(40), crowd(40), "too few to learn from"),
    "one column": (
        [{"surname": f"Иван{number}ов"} for number in range(200)],
        [{"surname": f"Иван{number}ов"} for number in range(200)],
        "fewer than two columns",
    ),
    "nobody in common": ([dict(person, number=None) for person in crowd(300)], STRANGERS, "nothing can be learned of true pairs"),
}


@pytest.mark.parametrize("case", UNTRAINED)
def test_what_cannot_be_learned_is_refused(case: str) -> None:
    left, right, lacks = UNTRAINED[case]
    found = train(_tables(left, right))
    assert isinstance(found, Untrained)
    assert lacks in " ".join(found.lacks)


def test_a_refused_model_is_noted_and_what_is_near_is_kept() -> None:
    people = [dict(person, number=None) for person in crowd(300)]
    doubtful = dict(people[0], surname="Неизвестный")
    links = link(table(*people), table(doubtful), IDENTITY)
    assert links.model is None
    assert "too few to learn from" in links.notes[0]
    assert links.pairs.select("left", "right", "how", "certain").rows() == [(0, 0, "near", False)]


def test_without_the_extra_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model, "installed", lambda: False)
    chance, people = random.Random(5), crowd(200)
    rows = [spoiled(person, chance) for person in people]
    with pytest.raises(Refused, match="rightcall\\[link\\]"):
        link(table(*people), table(*rows), IDENTITY)
    assert not link(table(*people), table(*rows), IDENTITY, probabilistic=False).pairs.is_empty()
    assert not link(table(IVAN), table(IVAN), IDENTITY).pairs.is_empty()


def test_linking_needs_no_extra_to_be_imported() -> None:
    asked = "import sys, rightcall.records.linked_tables; sys.exit(any(name in sys.modules for name in ('splink', 'duckdb', 'pyarrow')))"
    assert subprocess.run([sys.executable, "-c", asked], check=False).returncode == 0


# blocking


@given(st.integers(1, 2000), st.integers(1, 40))
def test_rules_stay_within_their_budget(each: int, common: int) -> None:
    """A rule counts as many pairs as the product of its keys' shares; no chosen rule is wider than the budget or needless."""
    keys = [blocking.Key(str(place), pl.lit(place), pl.lit(place)) for place in range(5)]
    widths = {key.name: 1 / (2 + (int(key.name) * common) % 50) for key in keys}

    def count(rule: blocking.Rule) -> int:
        pairs = 100_000.0
        for key in rule:
            pairs *= widths[key.name]
        return int(pairs)

    chosen, widest = blocking.rules(keys, count, each)
    names = [{key.name for key in rule} for rule, _ in chosen]
    assert all(count(rule) == pairs <= each for rule, pairs in chosen)
    assert all(pairs > each for _, pairs in widest)
    assert not any(one < other for one in names for other in names)


def test_every_pair_that_shares_a_rare_part_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocking, "ALL_PAIRS", 0)
    people = crowd(300)
    found = blocking.candidates(identities(table(*people), PARTS, distinct=False), identities(table(*people), PARTS, distinct=False))
    pairs = set(found.pairs.rows())
    shared = {(one, other) for one in range(300) for other in range(300) if people[one]["birth"] == people[other]["birth"]}
    assert shared <= pairs
    assert {(number, number) for number in range(300)} <= pairs
    assert all(count > 0 for _, count in found.rules)


def test_a_table_against_itself_has_each_pair_once(monkeypatch: pytest.MonkeyPatch) -> None:
    side = identities(table(*crowd(50)), PARTS, distinct=False)
    for all_pairs in (1_000_000, 0):
        monkeypatch.setattr(blocking, "ALL_PAIRS", all_pairs)
        pairs = blocking.candidates(side, side, itself=True).pairs
        assert (pairs["left"] < pairs["right"]).all()
        assert not pairs.is_duplicated().any()


# clusters


def _clusters(rows: int, pairs: list[tuple[int, int, float]]) -> list[int]:
    frame = pl.DataFrame(pairs, schema={"left": pl.UInt32, "right": pl.UInt32, "probability": pl.Float64}, orient="row")
    return clusters(rows, frame, 0.05)


def test_pairs_come_together() -> None:
    assert _clusters(5, [(0, 1, 0.99), (1, 2, 0.99), (0, 2, 0.9), (3, 4, 0.2)]) == [0, 0, 0, 3, 4]


def test_one_doubtful_pair_does_not_chain_two_people() -> None:
    sure = [(0, 1, 0.9999), (2, 3, 0.9999)]
    assert _clusters(4, [*sure, (1, 2, 0.6)]) == [0, 0, 2, 2]


@given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8), st.floats(0.05, 1.0)).filter(lambda pair: pair[0] < pair[1]), unique_by=lambda pair: pair[:2]))
def test_a_cluster_is_named_after_its_first_row(pairs: list[tuple[int, int, float]]) -> None:
    of = _clusters(9, pairs)
    assert all(of[cluster] == cluster <= row for row, cluster in enumerate(of))
    assert _clusters(9, pairs[::-1]) == of
