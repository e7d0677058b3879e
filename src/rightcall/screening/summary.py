"""The figures of a run, for programs (``summary.json``), for the terminal and for the report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl

from rightcall.law.pack import Pack
from rightcall.law.reason import CAUSES, VERDICTS, weakest_grade
from rightcall.law.value import as_date
from rightcall.records.dossier import Dossier
from rightcall.records.evidence import CERTAIN, REGISTER
from rightcall.records.register import Register
from rightcall.records.roll import ID
from rightcall.screening.comparison import Difference, compare
from rightcall.screening.run import Screening


def summarise(
    screening: Screening, findings: Path, readings_name: str | None, dossier: Dossier | None = None, changes: pl.DataFrame | None = None
) -> dict[str, Any]:
    """All figures of a run; every number is a number of people. ``changes``: who flipped since an earlier run."""
    pack, tally = screening.pack, screening.tally
    says = {label.name: label.says for label in pack.labels}
    summary: dict[str, Any] = {
        "people": tally.people,
        "pack": {"id": pack.id, "title": pack.title, "hash": pack.hash, "country": pack.country},
        "readings": {"name": readings_name, "title": screening.readings.title},
        "day": screening.day.says,
        "verdicts": {verdict: tally.verdicts[verdict] for verdict in VERDICTS},
        "open_because": {cause: tally.causes[cause] for cause in CAUSES},
        "grounds": [_provision(pack, id, people=tally.true[id], unknown=tally.unknown[id]) for id in _ranked(tally.true + tally.unknown, tally.true, pack)],
        "promises": [_provision(pack, id, people=count) for id, count in _most(_promises(screening))],
        "breaches": [_provision(pack, id, people=count) for id, count in _most(_breaches(screening))],
        "questions": [_question(screening, id, count) for id, count in _most(tally.questions)],
        "to_ask": [_fact(pack, name, count) for name, count in _most(tally.missing)],
        "labels": [{"label": name, "says": says[name], "people": count} for name, count in _most(tally.labels)],
        "regions": [_region(region, counts) for region, counts in sorted(tally.regions.items(), key=lambda item: (-item[1].total(), item[0]))],
    }
    if dossier and dossier.evidence.registers:
        summary["registers"] = [_register(register, dossier) for register in dossier.evidence.registers]
        summary["contradicted"] = [_fact(pack, name, count) for name, count in _most(dossier.counts.contradicted)]
        summary["claimed"] = [_fact(pack, name, count) for name, count in _most(dossier.counts.claimed)]
    if dossier and dossier.because is not None and changes is not None:
        summary["changes"] = _changes(dossier.because, changes)
    if any(record.expected for record in screening.roll.records.values()):
        summary["comparison"] = _comparison(screening, findings, readings_name)
    return summary


def _most(counts: Counter[str]) -> Iterator[tuple[str, int]]:
    """Names by number of people, most first, none without anybody."""
    return ((name, count) for name, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])) if count)


def _ranked(either: Counter[str], true: Counter[str], pack: Pack) -> list[str]:
    ids = [id for id, count in either.items() if count and pack.provisions[id].protects]
    return sorted(ids, key=lambda id: (-true[id], -either[id], id))


def _provision(pack: Pack, id: str, **counts: int) -> dict[str, Any]:
    provision = pack.provisions[id]
    about = {"id": id, "title": provision.title, "effect": provision.effect, "act": provision.act, "cite": provision.cite}
    return about | {"grade": weakest_grade(pack, provision)} | counts


def _promises(screening: Screening) -> Counter[str]:
    tally, provisions = screening.tally, screening.pack.provisions
    said = Counter({id: count for id, count in tally.true.items() if provisions[id].effect == "promises"})
    return said + tally.promised


def _breaches(screening: Screening) -> Counter[str]:
    provisions = screening.pack.provisions
    breaches = {id: count for id, count in screening.tally.true.items() if provisions[id].effect == "requires"}
    return Counter({id: count for id, count in breaches.items() if all(rule.concerns == "call-up" for rule in provisions[id].rules)})


def _question(screening: Screening, id: str, people: int) -> dict[str, Any]:
    question = screening.pack.questions[id]
    texts = {"id": id, "asks": question.asks, "yes": question.yes, "no": question.no}
    return texts | {"people": people, "alone": screening.tally.alone[id]}


def _fact(pack: Pack, name: str, people: int) -> dict[str, Any]:
    fact = pack.vocabulary[name]
    return {"fact": name, "ask": fact.ask, "proof": fact.proof, "told_by": "person" if fact.unless_told is not None else "record", "people": people}


def _region(region: str, counts: Counter[str]) -> dict[str, Any]:
    return {"region": region, "people": counts.total()} | {verdict: counts[verdict] for verdict in VERDICTS}


def _register(register: Register, dossier: Dossier) -> dict[str, Any]:
    """A register and the people of whom it speaks. ``stale``: of those looked at in this run."""
    descriptor, links = register.descriptor, dossier.baseline.links.filter(pl.col(REGISTER) == register.descriptor.name)
    sure = links.filter(CERTAIN)[ID].n_unique()
    return {
        "name": descriptor.name,
        "title": descriptor.title,
        "authority": descriptor.authority,
        "as_of": as_date(descriptor.as_of).isoformat() if descriptor.as_of is not None else None,
        "valid_days": descriptor.valid_days,
        "complete": descriptor.complete,
        "rows": dossier.baseline.rows.filter(pl.col(REGISTER) == descriptor.name).height,
        "people": sure if register.parts else dossier.counts.linked[descriptor.name],
        "doubtful": links.filter(~pl.col(CERTAIN))[ID].n_unique(),
        "stale": dossier.counts.stale[descriptor.name],
    }


def _changes(because: pl.DataFrame, changes: pl.DataFrame) -> dict[str, Any]:
    """What is new since an earlier run: how many were looked at and why, and how many have another verdict now."""
    looked_at = because.group_by("because").agg(people=pl.col(ID).n_unique()).sort("people", "because", descending=[True, False])
    verdicts = changes.filter(pl.col("before").ne_missing(pl.col("after"))).group_by("before", "after").len("people")
    return {
        "looked_at": because[ID].n_unique(),
        "because": looked_at.to_dicts(),
        "people": changes.height,
        "verdicts": verdicts.sort("people", "before", "after", descending=[True, False, False]).to_dicts(),
    }


def _comparison(screening: Screening, findings: Path, readings_name: str | None) -> dict[str, Any]:
    protective = [provision.id for provision in screening.pack.protective]
    rows = pl.read_parquet(findings, columns=["id", "verdict", *protective]).iter_rows(named=True)
    compared = 0
    differences: list[Difference] = []
    for row in rows:
        expected = screening.roll.records[row["id"]].expected
        if expected is None:
            continue
        compared += 1
        truths = {id: row[id] for id in protective}
        grounds = [id for id, truth in truths.items() if truth]
        differences += compare(row["id"], expected, readings_name, row["verdict"], truths, grounds)
    disagreeing = {difference.id for difference in differences}
    return {"cases": compared, "agree": compared - len(disagreeing), "differences": [_difference(difference) for difference in differences]}


def _difference(difference: Difference) -> dict[str, Any]:
    return {"id": difference.id, "of": difference.of, "expected": difference.expected, "found": difference.found}
