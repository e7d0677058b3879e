"""A country on disk: the roll, the registers, the truth, the faults that were sown, and the descriptor of it all.

It is made chunk by chunk, so memory does not grow with the number of people, and each chunk is drawn from the seed and its own number: the same seed
gives the same bytes, and the first people of a large country are those of a small one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from rightcall.law.problem import refuse
from rightcall.screening.output import whole_folder
from rightcall.screening.receipt import write_json
from rightcall.synthetic.crowd import CHUNK, ROLL_AGES, STRANGERS
from rightcall.synthetic.descriptor import package, register_resource, roll_resource
from rightcall.synthetic.fault import Faults, sow
from rightcall.synthetic.population import Population, population, roll_of, truth_of
from rightcall.synthetic.rates import Rates, reasons
from rightcall.synthetic.register import KEY, REGISTERS, Register, rows_of

MOST = 25_000_000
DESCRIPTOR, PACKAGE = "country.json", "datapackage.json"
ROLL, REGISTER_FOLDER, TRUTH = "people", "registers", "truth"
SOWN = "sown/faults"
"""Beside the truth, not in it: every table of that folder is a list of the law."""
_ROWS_AT_ONCE = 200_000


@dataclass(frozen=True, slots=True)
class Country:
    """What a country is made from: a seed, how many people are on the roll, and the rates of facts and faults."""

    seed: int
    people: int
    faults: Faults = field(default_factory=Faults)
    rates: Rates = field(default_factory=Rates)

    @property
    def chunks(self) -> range:
        return range(-(-self.people // CHUNK))

    def population(self, chunk: int) -> Population:
        return population(self.seed, chunk, self.rates, min(CHUNK, self.people - chunk * CHUNK))


def write_country(country: Country, out: Path, advance: Callable[[int], None] = lambda people: None) -> Mapping[str, int]:
    """Write a country as a folder; it appears whole or not at all. Returns the rows of each table.

    Raises ``Refused`` for a number of people that cannot be, and where the folder holds other files or cannot be written.
    """
    if not 0 < country.people <= MOST:
        raise refuse(f"a country cannot have {country.people} people on its roll", help=f"from 1 to {MOST}")
    with whole_folder(out) as aside:
        tables = Tables(aside)
        for chunk in country.chunks:
            for name, rows in _tables_of(country, chunk, tables.rows):
                tables.add(name, rows)
            advance(min(CHUNK, country.people - chunk * CHUNK))
        tables.finish()
        _describe(country, aside, tables)
    return dict(tables.rows)


class Tables:
    """Parquet files that grow. Rows wait until there are enough of them, go to a part, and the parts are joined in the end."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.parts = folder, folder / ".parts"
        self.rows: dict[str, int] = defaultdict(int)
        self.schemas: dict[str, pl.Schema] = {}
        self._waiting: dict[str, list[pl.DataFrame]] = defaultdict(list)
        self._numbers: dict[str, int] = defaultdict(int)

    def add(self, name: str, rows: pl.DataFrame) -> None:
        """Add rows to the table at ``name``, a path below the folder without its ending."""
        self.schemas[name] = rows.schema
        self.rows[name] += rows.height
        self._waiting[name].append(rows)
        if sum(frame.height for frame in self._waiting[name]) >= _ROWS_AT_ONCE:
            self._write(name)

    def _write(self, name: str) -> None:
        part = self.parts / name / f"{self._numbers[name]:06d}.parquet"
        part.parent.mkdir(parents=True, exist_ok=True)
        pl.concat(self._waiting.pop(name)).write_parquet(part, compression="lz4")
        self._numbers[name] += 1

    def finish(self) -> None:
        """Join the parts of every table into its file."""
        for name in self.schemas:
            if self._waiting[name]:
                self._write(name)
            target = self.folder / f"{name}.parquet"
            target.parent.mkdir(parents=True, exist_ok=True)
            parts = self.parts / name
            pl.scan_parquet(parts / "*.parquet").sink_parquet(target, row_group_size=_ROWS_AT_ONCE, maintain_order=True)
            _remove(parts)
        _remove(self.parts)


def _remove(folder: Path) -> None:
    for path in folder.iterdir():
        _remove(path) if path.is_dir() else path.unlink()
    folder.rmdir()


def _tables_of(country: Country, chunk: int, before: Mapping[str, int]) -> Iterator[tuple[str, pl.DataFrame]]:
    """The rows that a chunk adds to each table. ``before``: the rows that are there already, so that a fault names its row in the file."""
    made = country.population(chunk)
    yield ROLL, roll_of(made)
    for name, rows in truth_of(made).items():
        yield f"{TRUTH}/{name}", rows
    for register in REGISTERS:
        sown = sow(
            register, rows_of(register, made, made.crowd.draw(f"rows of {register.name}")), country.faults, made.crowd.draw(f"faults of {register.name}")
        )
        offset = before.get(f"{REGISTER_FOLDER}/{register.name}", 0) + 1
        log = sown.log.select(pl.lit(register.name).alias("register"), pl.col("row") + offset, "id", "fault")
        yield f"{REGISTER_FOLDER}/{register.name}", as_kept(register, sown.rows)
        yield SOWN, log


def as_kept(register: Register, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows as the authority hands them over: its own columns, and nothing that tells who is on the roll."""
    parts = {f"~{part}": column for part, column in register.identity.items() if part != "number" or register.numbered}
    key = {KEY: register.key} if register.key else {}
    return rows.select(pl.col(name).alias(column) for name, column in (key | parts | dict(register.columns)).items())


def _describe(country: Country, folder: Path, tables: Tables) -> None:
    write_json(folder / PACKAGE, package("roll-of-a-synthetic-country", [roll_resource(tables.schemas[ROLL])]))
    registers = [register_resource(register, tables.schemas[f"{REGISTER_FOLDER}/{register.name}"]) for register in REGISTERS]
    write_json(folder / REGISTER_FOLDER / PACKAGE, package("registers-of-a-synthetic-country", registers))
    write_json(folder / DESCRIPTOR, _descriptor(country, tables))


def _descriptor(country: Country, tables: Tables) -> dict[str, Any]:
    return {
        "says": "A synthetic country: nobody in it is real. The rates are drawn from, not measured; the counts of rows are measured.",
        "seed": country.seed,
        "people": country.people,
        "chunk": {"people": CHUNK, "strangers": STRANGERS},
        "ages": {str(age): share for age, share in ROLL_AGES.items()},
        "facts": reasons(country.rates),
        "faults": reasons(country.faults),
        "rows": dict(sorted(tables.rows.items())),
    }
