"""Faults: near their rates, each what it says it is, and read from the command line or refused."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import date
from functools import cache
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightcall.law.problem import Refused
from rightcall.synthetic.crowd import eleven_digits
from rightcall.synthetic.draw import Draw
from rightcall.synthetic.fault import FAULTS, Faults, Sown, misdated, mistyped, read_faults, sow
from rightcall.synthetic.name import feminine, patronymic
from rightcall.synthetic.population import Population, population
from rightcall.synthetic.rates import Rates
from rightcall.synthetic.register import REGISTERS, rows_of
from rightcall.synthetic.romanisation import STYLES, romanised

BY_NAME = {register.name: register for register in REGISTERS}
unit = st.floats(0, 1, exclude_max=True)


@cache
def people() -> Population:
    return population(5, 0, Rates())


def sown(name: str, faults: Faults) -> tuple[pl.DataFrame, Sown]:
    register = BY_NAME[name]
    rows = rows_of(register, people(), Draw.of(5, 0, "rows"))
    return rows, sow(register, rows, faults, Draw.of(5, 0, "faults"))


def only(fault: str, rate: float) -> Faults:
    return replace(Faults().scaled(0), **{fault: rate})


@pytest.mark.parametrize("name", BY_NAME)
def test_without_faults_the_rows_are_the_true_ones_in_another_order(name: str) -> None:
    rows, found = sown(name, Faults().scaled(0))
    assert found.log.is_empty()
    assert found.rows.sort(["who", "~key"]).equals(rows.sort(["who", "~key"]))


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_near_its_rate(fault: str) -> None:
    name = "residence" if fault in ("contradiction", "typo", "namesake") else "military_record" if fault in ("date_digit", "romanised") else "health"
    rows, found = sown(name, only(fault, 0.1))
    on_roll = rows["~person"].is_not_null().sum()
    struck = found.log["fault"].value_counts()
    assert struck["fault"].to_list() == [fault]
    assert 0.03 < struck["count"][0] / on_roll < 0.15


@pytest.mark.parametrize("raised", ["typo", "duplicate", "namesake", "date_digit"])
def test_who_is_struck_does_not_change_with_the_rate_of_another_fault(raised: str) -> None:
    _, usual = sown("health", Faults())
    _, more = sown("health", Faults().scaled(20, raised))
    for fault in ("missing", "stale", "missing_number"):
        assert set(usual.log.filter(pl.col("fault") == fault)["id"]) == set(more.log.filter(pl.col("fault") == fault)["id"])
    assert more.log.filter(pl.col("fault") == raised).height > 10 * usual.log.filter(pl.col("fault") == raised).height


def test_missing_rows_are_missing_and_duplicates_are_there_twice() -> None:
    rows, found = sown("military_record", only("missing", 0.2))
    lost = set(found.log["id"])
    assert not lost & set(found.rows["~person"].drop_nulls())
    assert found.log["row"].null_count() == found.log.height
    rows, found = sown("military_record", only("duplicate", 0.2))
    twice = found.rows.drop_nulls("~person").filter(pl.col("~person").is_duplicated())
    assert set(twice["~person"]) == set(found.log["id"])
    assert found.rows.height > rows.height


def test_a_namesake_has_the_name_and_the_day_but_another_number() -> None:
    rows, found = sown("military_record", only("namesake", 0.05))
    models = rows.drop_nulls("~person").select("~person", "~surname", "~given", "~patronymic", "~birth", own="~number")
    extra = found.rows[found.log["row"].to_list()].join(models, on=["~person", "~surname", "~given", "~patronymic", "~birth"])
    assert extra.height == found.log.height > 50
    assert (extra["~number"] != extra["own"]).fill_null(True).all()


def test_a_stale_row_shows_what_was_before() -> None:
    _, found = sown("military_record", only("stale", 0.5))
    stale = found.rows[found.log["row"].to_list()]
    assert set(stale["military.status"]) == {"in_reserve"}
    _, found = sown("courts", only("stale", 0.5))
    lapsed = found.rows[found.log.drop_nulls("row")["row"].to_list()]
    assert lapsed.height > 50
    assert not (lapsed["spent"] | lapsed["expunged"]).any()


def test_a_contradiction_is_in_a_fact_that_two_registers_state() -> None:
    for register in REGISTERS:
        if register.disputes:
            fact, _ = register.disputes
            assert fact in register.columns
            assert sum(fact in other.columns for other in REGISTERS) > 1


@given(st.text("абвгдеёжз", min_size=1, max_size=12), unit, unit, unit)
def test_a_typing_error_is_one_letter_and_never_the_first(word: str, at: float, kind: float, letter: float) -> None:
    wrong = mistyped(word, at, kind, letter)
    assert wrong[0] == word[0]
    assert abs(len(wrong) - len(word)) <= 1


@given(st.dates(date(1950, 1, 1), date(2004, 12, 31)), unit)
def test_a_wrong_digit_makes_another_date(day: date, chance: float) -> None:
    wrong = misdated(day, chance)
    assert sum(a != b for a, b in zip(day.isoformat(), wrong.isoformat(), strict=True)) == 1


def test_check_digits_of_a_known_number() -> None:
    """The published example of the insurance number: 112-233-445 95."""
    assert eleven_digits(pl.Series([112233445]).to_numpy()).to_list() == ["11223344595"]


@pytest.mark.parametrize(("father", "son", "daughter"), [
    ("Иван", "Иванович", "Ивановна"), ("Сергей", "Сергеевич", "Сергеевна"), ("Юрий", "Юрьевич", "Юрьевна"), ("Дмитрий", "Дмитриевич", "Дмитриевна"),
    ("Илья", "Ильич", "Ильинична"), ("Никита", "Никитич", "Никитична"), ("Лев", "Львович", "Львовна"), ("Павел", "Павлович", "Павловна"),
    ("Михаил", "Михайлович", "Михайловна"), ("Игорь", "Игоревич", "Игоревна"), ("Пётр", "Петрович", "Петровна"), ("Георгий", "Георгиевич", "Георгиевна"),
])  # fmt: skip
def test_patronymics(father: str, son: str, daughter: str) -> None:
    assert (patronymic(father, False), patronymic(father, True)) == (son, daughter)


@pytest.mark.parametrize(("man", "woman"), [
    ("Иванов", "Иванова"), ("Королёв", "Королёва"), ("Никитин", "Никитина"), ("Жуковский", "Жуковская"), ("Толстой", "Толстая"),
    ("Бондаренко", "Бондаренко"), ("Черных", "Черных"), ("Цой", "Цой"), ("Ким", "Ким"),
])  # fmt: skip
def test_surnames_of_women(man: str, woman: str) -> None:
    assert feminine(man) == woman


@pytest.mark.parametrize(("name", "written"), [
    ("Щербаков", ("Shcherbakov", "Shcherbakov", "Chtcherbakov")), ("Юлия", ("Iuliia", "Yuliya", "Iouliia")), ("Жуков", ("Zhukov", "Zhukov", "Joukov")),
])  # fmt: skip
def test_romanisations(name: str, written: tuple[str, ...]) -> None:
    frame = pl.DataFrame({"name": [name]})
    assert tuple(frame.select(romanised(pl.col("name"), style)).item() for style in STYLES) == written


# rates as they are asked for


def test_rates_by_name(tmp_path: Path) -> None:
    assert read_faults(None) == Faults()
    assert set(asdict(read_faults("none")).values()) == {0}
    assert read_faults("double") == Faults().scaled(2)
    assert read_faults("double:typo,missing") == replace(Faults(), typo=2 * Faults().typo, missing=2 * Faults().missing)
    file = tmp_path / "rates.toml"
    file.write_text("typo = 0.5\n")
    assert read_faults(str(file)) == replace(Faults(), typo=0.5)


@pytest.mark.parametrize(
    ("asked", "message"),
    [("double:typos", "there is no fault `typos`"), ("twice", "is not a file of fault rates"), ("none:typo", "is not a file of fault rates")],
)
def test_what_is_no_rate_is_refused(asked: str, message: str) -> None:
    with pytest.raises(Refused, match=message):
        read_faults(asked)


@pytest.mark.parametrize("value", ["1.5", "-0.1", "true", '"much"'])
def test_a_rate_that_is_no_share_is_refused(value: str, tmp_path: Path) -> None:
    file = tmp_path / "rates.toml"
    file.write_text(f"typo = {value}\n")
    with pytest.raises(Refused, match="the rate of `typo` cannot be"):
        read_faults(str(file))
