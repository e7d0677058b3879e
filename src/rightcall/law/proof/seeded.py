"""Faults of the kinds that authors make, put one by one into a copy of a pack: does checking it find them?

The list stands in the pack (``seeded.toml``) and is fixed, so that the figure can be compared from one version to the next. Each fault
changes one stretch of text of one file; a fault whose text is no longer there is refused rather than skipped.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from rightcall.law.case import pack_cases, run_case
from rightcall.law.check import check
from rightcall.law.pack import Pack, load_pack
from rightcall.law.problem import Refused, refuse
from rightcall.law.proof.scrutiny import scrutinise
from rightcall.law.source import Table, read_source

FILE = "seeded.toml"
SHARE = 14 / 15
"""So many of the faults have to be caught: 28 of thirty."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: its kind, the file, what stands there and what the author writes instead."""

    kind: str
    file: str
    was: str
    now: str


@dataclass(frozen=True, slots=True)
class Caught:
    """Whether a fault was caught, and by what: the loader, a fault or remark of the check, or a case."""

    fault: Fault
    by: str


def seeded_faults(pack: Pack) -> tuple[Fault, ...]:
    """The faults that a pack has in ``seeded.toml``. Raises ``Refused`` where it has none, or one is not written as it should be."""
    path = pack.folder / FILE
    if not path.is_file():
        raise refuse(f"`{pack.id}` has no seeded faults", help=f"leave out `--seeded` to make mutants of it, or write {FILE}")
    source = read_source(path)
    faults = tuple(_fault(source.table(values, "fault", number)) for number, values in enumerate(source.parse().get("fault", [])))
    if source.problems or not faults:
        raise Refused(source.problems) if source.problems else refuse("there are no faults", path, "write [[fault]] with kind, file, was and now")
    return faults


def _fault(table: Table) -> Fault:
    kind, file, was = (table.take(name, str, "", required=True) for name in ("kind", "file", "was"))
    now = table.take("now", str, "")
    table.finish()
    return Fault(kind, file, was, now)


def try_seeded(pack: Pack, seconds: float) -> Iterator[Caught]:
    """Put in each fault by itself, in a copy of the pack, and check the copy. Raises ``Refused`` where the pack has no such faults."""
    faults = seeded_faults(pack)
    remarks = {str(remark) for remark in check(pack)} | {str(finding.remark) for finding in scrutinise(pack, seconds)}
    with TemporaryDirectory() as folder:
        for fault in faults:
            yield Caught(fault, _caught(fault, pack, Path(folder) / pack.id, remarks, seconds))


def _caught(fault: Fault, pack: Pack, copy: Path, remarks: set[str], seconds: float) -> str:
    shutil.copytree(pack.folder, copy)
    try:
        _seed(fault, copy)
        return next(_signs(copy, remarks, seconds), "")
    finally:
        shutil.rmtree(copy)


def _seed(fault: Fault, folder: Path) -> None:
    path = folder / fault.file
    text = path.read_text("utf-8")
    if fault.was not in text:
        raise refuse(f"there is no place for the seeded fault `{' '.join(fault.was.split())}`", path, f"the page was rewritten: choose another place in {FILE}")
    path.write_text(text.replace(fault.was, fault.now, 1), "utf-8")


def _signs(folder: Path, remarks: set[str], seconds: float) -> Iterator[str]:
    """What tells the author of the fault, the cheapest first: the loader, a case, a fault or a new remark of the check."""
    try:
        pack = load_pack(folder)
    except Refused as refused:
        yield f"loader: {refused.problems[0].message}"
        return
    for case in pack_cases(pack):
        if run_case(case, pack).mismatches:
            yield f"case: {case.place} {case.name}"
    yield from (f"check: {remark}" for remark in check(pack) if str(remark) not in remarks)
    yield from (f"check: {finding.remark}" for finding in scrutinise(pack, seconds) if finding.proven and str(finding.remark) not in remarks)
