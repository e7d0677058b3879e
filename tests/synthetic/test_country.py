"""A country: the same from the same seed, near its figures, readable, and settled by its truth."""

from __future__ import annotations

import json
from functools import cache
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest

from rightcall.law.pack import Pack, find_pack
from rightcall.law.problem import Refused
from rightcall.law.value import day_number
from rightcall.records.descriptor import read_descriptors
from rightcall.records.matching import read_registers
from rightcall.synthetic import crowd as crowds
from rightcall.synthetic.country import DESCRIPTOR, REGISTER_FOLDER, ROLL, SOWN, TRUTH, Country, write_country
from rightcall.synthetic.inquiry import true_findings
from rightcall.synthetic.population import population, truth_of
from rightcall.synthetic.rates import Rates
from rightcall.synthetic.register import REGISTERS

PEOPLE = 12_000


@cache
def law() -> Pack:
    return find_pack("ru_2022")


@pytest.fixture(scope="module")
def country(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A country of more than one chunk."""
    folder = tmp_path_factory.mktemp("synthetic") / "country"
    write_country(Country(7, PEOPLE), folder)
    return folder


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_the_same_seed_gives_the_same_bytes(country: Path, tmp_path: Path) -> None:
    write_country(Country(7, PEOPLE), tmp_path / "again")
    assert files(tmp_path / "again") == files(country)


def test_another_seed_gives_another_country(country: Path, tmp_path: Path) -> None:
    write_country(Country(8, PEOPLE), tmp_path / "other")
    mine, others = files(country), files(tmp_path / "other")
    assert mine.keys() == others.keys()
    assert [name for name in mine if mine[name] == others[name] and name.endswith(".parquet")] == []


def test_the_first_people_of_a_large_country_are_those_of_a_small_one(country: Path, tmp_path: Path) -> None:
    small = tmp_path / "small"
    write_country(Country(7, 2_500), small)
    for name in (ROLL, f"{TRUTH}/{ROLL}"):
        assert pl.read_parquet(small / f"{name}.parquet").equals(pl.read_parquet(country / f"{name}.parquet").head(2_500))
    children = pl.read_parquet(country / TRUTH / "children.parquet")
    assert pl.read_parquet(small / TRUTH / "children.parquet").equals(children.filter(pl.col("id") <= "p00002500"))


def test_chunks_are_joined_without_a_seam(country: Path) -> None:
    people = pl.read_parquet(country / "people.parquet")
    assert people["id"].to_list() == [f"p{number:08d}" for number in range(1, PEOPLE + 1)]
    assert people["number"].is_duplicated().sum() == 0
    truth = pl.read_parquet(country / TRUTH / "people.parquet")
    assert truth["id"].equals(people["id"])
    assert truth.select("person.birth_date", "date.decision").equals(people.select("person.birth_date", "date.decision"))
    children = pl.read_parquet(country / TRUTH / "children.parquet")
    assert children["id"].is_in(people["id"].implode()).all()


def test_the_tables_do_not_depend_on_how_rows_wait(country: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rightcall.synthetic.country._ROWS_AT_ONCE", 700)
    write_country(Country(7, PEOPLE), tmp_path / "parts")
    for path in sorted(country.rglob("*.parquet")):
        assert pl.read_parquet(tmp_path / "parts" / path.relative_to(country)).equals(pl.read_parquet(path)), path.name


def test_the_registers_are_read_without_a_note(country: Path, tmp_path: Path) -> None:
    registers, notes = read_registers(country / REGISTER_FOLDER, law().vocabulary, tmp_path)
    assert [register.descriptor.name for register in registers] == [register.name for register in REGISTERS]
    assert [note for note in notes if "birth date after" not in note] == []
    stated = {fact for register in registers for fact in (*register.facts, *register.descriptor.absent)}
    assert stated <= set(law().vocabulary.facts)


def test_eight_authorities_and_some_seven_rows_a_person(country: Path) -> None:
    descriptors = read_descriptors(country / REGISTER_FOLDER)
    assert len({descriptor.authority for descriptor in descriptors}) == 8
    rows = json.loads((country / DESCRIPTOR).read_text("utf-8"))["rows"]
    assert 6 < sum(count for name, count in rows.items() if name.startswith(REGISTER_FOLDER)) / PEOPLE < 8


def test_no_register_tells_who_is_on_the_roll(country: Path) -> None:
    for register in REGISTERS:
        columns = pl.read_parquet_schema(country / REGISTER_FOLDER / f"{register.name}.parquet")
        assert not any(column.startswith("~") or column in ("id", "who") for column in columns)
        assert ("number" in columns) == (register.numbered > 0)


def test_the_descriptor_names_every_rate_with_its_reason(country: Path) -> None:
    told = json.loads((country / DESCRIPTOR).read_text("utf-8"))
    assert (told["seed"], told["people"]) == (7, PEOPLE)
    for entry in (*told["facts"].values(), *told["faults"].values()):
        assert 0 <= entry["rate"] <= 1
        assert entry["why"]
        assert entry["source"]


def test_truth_settles_everybody_but_where_the_law_is_open(country: Path) -> None:
    found = true_findings(country, law(), law().readings(None))
    share = dict(found["verdict"].value_counts(normalize=True).iter_rows())
    assert 0.55 < share["clear"] < 0.75
    assert 0.15 < share["barred"] + share["deferred"] < 0.35
    undecided = found.filter(pl.col("verdict") == "open")
    assert undecided["missing"].list.len().sum() == 0
    assert set(undecided["reasons"].explode()) == {"law"}
    grounds = set(found.filter(pl.col("verdict").is_in(["barred", "deferred"]))["reasons"].explode())
    assert len(grounds) >= 22


def test_faults_name_rows_that_are_there(country: Path) -> None:
    sown = pl.read_parquet(country / f"{SOWN}.parquet")
    for register in REGISTERS:
        rows = pl.read_parquet(country / REGISTER_FOLDER / f"{register.name}.parquet").height
        struck = sown.filter(pl.col("register") == register.name)["row"].drop_nulls()
        assert struck.is_between(1, rows).all()


def test_a_fault_is_in_the_row_that_it_names(country: Path) -> None:
    sown = pl.read_parquet(country / f"{SOWN}.parquet").filter(pl.col("register") == "civil_status")
    table = pl.read_parquet(country / REGISTER_FOLDER / "civil_status.parquet").with_row_index("row", offset=1).cast({"row": pl.Int64})
    roll = pl.read_parquet(country / "people.parquet").select("id", own_number="number", own_surname="surname", own_birth="person.birth_date")
    rows = sown.join(table, on="row").join(roll, on="id")
    once = rows.filter(rows.select("row").is_duplicated().not_())
    wrong = once.filter(pl.col("fault") == "wrong_number").drop_nulls("number")
    assert wrong.height > 5
    assert (wrong["number"] != wrong["own_number"]).all()
    dates = once.filter(pl.col("fault") == "date_digit")
    assert dates.height > 10
    assert (dates["birth"] != dates["own_birth"]).all()
    unfaulted = table.join(sown, on="row", how="anti").join(roll, left_on="number", right_on="own_number")
    assert (unfaulted["surname"] == unfaulted["own_surname"]).all()
    assert (unfaulted["birth"] == unfaulted["own_birth"]).all()


@pytest.mark.parametrize("people", [0, -3, 25_000_001])
def test_a_number_of_people_that_cannot_be_is_refused(people: int, tmp_path: Path) -> None:
    with pytest.raises(Refused, match=f"cannot have {people} people"):
        write_country(Country(7, people), tmp_path / "none")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_with_other_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("mine")
    with pytest.raises(Refused, match="holds other files"):
        write_country(Country(7, 100), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


# figures


@cache
def chunk() -> tuple[crowds.Crowd, dict[str, pl.DataFrame]]:
    made = population(3, 5, Rates())
    return made.crowd, truth_of(made)


def test_ages_are_near_their_shares() -> None:
    crowd, _ = chunk()
    ages = crowd.age[: crowds.CHUNK]
    total = sum(crowds.ROLL_AGES.values())
    for start, end in pairwise([*crowds.ROLL_AGES, 71]):
        found = ((ages >= start) & (ages < end)).mean()
        assert abs(found - crowds.ROLL_AGES[start] / total) < 0.015
    assert ages.min() > 17.9
    assert ages.max() > 65


def test_families_are_near_the_census() -> None:
    _, truth = chunk()
    day = truth["people"].select("id", "date.decision")
    small = truth["children"].join(day, on="id").filter(pl.col("birth_date") > pl.col("date.decision").dt.offset_by("-18y"))
    counts = small.group_by("id").len()["len"].clip(upper_bound=5).value_counts(normalize=True)
    shares = dict(counts.iter_rows())
    rates = Rates()
    wanted = (rates.children_1, rates.children_2, rates.children_3, rates.children_4, rates.children_5)
    assert all(abs(shares.get(number, 0.0) - share) < 0.02 for number, share in enumerate(wanted, 1))


def test_parents_are_grown_up_and_children_born() -> None:
    _, truth = chunk()
    family = truth["children"].join(truth["people"].select("id", "person.birth_date", "date.decision"), on="id")
    years = (family["birth_date"] - family["person.birth_date"]).dt.total_days() / 365.25
    assert years.min() >= 17.8
    assert (family["birth_date"] <= family["date.decision"]).all()


@pytest.mark.parametrize(
    ("fact", "value", "wanted"),
    [
        ("person.sex", "F", Rates().women),
        ("military.released_from_duty", True, Rates().released),
        ("booking.granted", True, Rates().booked),
        ("prison.serving", True, Rates().prisoner),
        ("health.illness", True, Rates().unseen_illness),
        ("person.residence", "abroad_permanent", Rates().abroad),
    ],
)
def test_facts_are_near_their_rates(fact: str, value: object, wanted: float) -> None:
    people = chunk()[1]["people"]
    found = (people[fact] == value).mean()
    assert abs(found - wanted) < 4 * (wanted / people.height) ** 0.5


def test_the_class_of_the_reserve_agrees_with_the_law() -> None:
    """The pack's own limits: whoever has a class is not past the age of his rank, and the first class ends where the pack says."""
    people = chunk()[1]["people"].filter((pl.col("person.sex") == "M") & (pl.col("military.rank_group") == "other_ranks"))
    age = (people["date.decision"] - people["person.birth_date"]).dt.total_days() / 365.25
    assert (age.filter(people["military.reserve_class"] == 1) < 35.01).all()
    assert (age.filter(people["military.reserve_class"].is_null()) > 49.99).all()


def test_names_follow_the_years_and_the_gender() -> None:
    roll = population(3, 5, Rates()).people.filter(pl.col("id").is_not_null())
    years = roll["person.birth_date"].dt.year()
    given = roll["given"]
    assert years.filter(given == "Сергей").mean() < years.filter(given == "Никита").mean()
    women = roll.filter(pl.col("person.sex") == "F")
    assert women["patronymic"].str.contains("(вна|чна)$").all()
    men = roll.filter(pl.col("person.sex") == "M")
    assert men["patronymic"].str.contains("ич$").all()
    assert not men["surname"].str.contains("(ова|ева|ина)$").any()


def test_nobody_is_decided_upon_after_the_end() -> None:
    crowd, _ = chunk()
    moscow = (crowd.identity["callup.region"] == "RU-MOW").to_numpy()
    assert crowd.on.max() < day_number(crowds.date(2022, 10, 28))
    assert crowd.on[moscow].max() < day_number(crowds.date(2022, 10, 17))
