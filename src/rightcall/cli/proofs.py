"""What is proven of a pack, and what its cases notice: the parts of checking that need Z3."""

from __future__ import annotations

import math
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from rightcall.cli.console import out, print_plain
from rightcall.law import case as cases
from rightcall.law.check import Remark
from rightcall.law.pack import Pack, find_pack
from rightcall.law.problem import refuse
from rightcall.law.question import answered
from rightcall.law.reason import days_of
from rightcall.law.value import exactly
from rightcall.screening.explanation import as_text
from rightcall.screening.explanation import explain as explain_person

if TYPE_CHECKING:
    from rightcall.law.proof import scrutiny, trial
    from rightcall.law.proof import seeded as seeds

NO_PROVER = "the proofs were not made (dead grounds, swallowed grounds, invariants): they need Z3"
INSTALL_PROVER = "pip install 'rightcall[check]'"


def proofs(pack: Pack, seconds: float, folder: Path | None) -> list[Remark]:
    """What the prover finds, printed; without it, a word that nothing was proven."""
    try:
        from rightcall.law.proof import scrutiny
    except ImportError:
        if folder is not None:
            raise refuse("cases are found by proofs, which need Z3", help=INSTALL_PROVER) from None
        print_plain(f"note: {NO_PROVER}\n    help: {INSTALL_PROVER}")
        return []
    begun = time.perf_counter()
    findings = scrutiny.scrutinise(pack, seconds)
    took = time.perf_counter() - begun
    for finding in findings:
        print_plain(str(finding.remark))
        if finding.someone is not None:
            _show_someone(finding, pack)
    if folder is not None:
        _save_cases(findings, pack, folder)
    print_plain(f"{len(pack.rules)} rules and {len(pack.invariants)} invariants put to proof in {took:.1f} s")
    return [finding.remark for finding in findings]


def _show_someone(finding: scrutiny.Finding, pack: Pack) -> None:
    """Whoever shows a finding: in a line, and for a fault with his whole explanation and as a case."""
    from rightcall.law.proof import witness

    assert finding.someone is not None
    print_plain(f"    for instance: {witness.told(finding.someone, pack)}")
    if finding.remark.is_fault:
        person, days = days_of(finding.someone.person, pack, exactly(finding.someone.on))
        explanation = explain_person("he", person, pack, answered(finding.someone.answers), days)
        print_plain("\n".join(f"  | {line}" for line in (*as_text(explanation).splitlines(), "", *_as_case(finding, pack).splitlines())))


def _as_case(finding: scrutiny.Finding, pack: Pack) -> str:
    from rightcall.law.proof import witness

    assert finding.someone is not None
    expected = witness.expectation(witness.finding_of(finding.someone, pack), finding.provision)
    return witness.case_text(f"{finding.remark.place} {finding.remark.says}", finding.someone, pack, expected)


def _save_cases(findings: list[scrutiny.Finding], pack: Pack, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    shown = [finding for finding in findings if finding.someone is not None]
    for finding in shown:
        (folder / f"{finding.file_name}.toml").write_text(_as_case(finding, pack), "utf-8")
    print_plain(f"{len(shown)} cases written to {folder}")


MUTATE_EXAMPLES = "**Example:** `rightcall pack mutate ru_2022`  \n**Example:** `rightcall pack mutate ru_2022 --seeded`"


def mutate(
    name: Annotated[str, typer.Argument(metavar="PACK")],
    seeded: Annotated[bool, typer.Option("--seeded", help="The fixed list of faults that the pack has in seeded.toml, instead of all mutants.")] = False,
    only: Annotated[str, typer.Option("--only", metavar="TEXT", help="Only mutants of files whose name holds this text.")] = "",
    folder: Annotated[Path | None, typer.Option("--save-cases", metavar="DIR", help="Write for each living mutant the case that would kill it.")] = None,
    seconds: Annotated[float, typer.Option("--seconds", metavar="S", min=0.1, help="Think about each proof at most so long.")] = 2.0,
) -> None:
    """Put one small fault after another into a pack and see whether its cases notice. Exit status 1 when more than 3 % of the mutants live.

    What Z3 proves to mean the same for everybody is no fault and does not count.
    """
    pack = find_pack(name)
    try:
        from rightcall.law.proof import mutation, trial
        from rightcall.law.proof import seeded as seeds
    except ImportError:
        raise refuse("mutants are told from the pack by proofs, which need Z3", help=INSTALL_PROVER) from None
    if seeded:
        raise typer.Exit(_seeded(list(seeds.try_seeded(pack, seconds)), seeds.SHARE))
    begun = time.perf_counter()
    court = trial.Court(pack, seconds)
    if failing := [case for case in court.cases if cases.run_case(case, pack).mismatches]:
        raise refuse(f"{len(failing)} cases of the pack fail as it is", help=f"first make `rightcall pack test {name}` pass")
    mutants = [mutant for mutant in mutation.mutants_of(pack) if only in mutant.file]
    if not mutants:
        raise refuse(
            f"no file with a rule, term or parameter has `{only}` in its name", help=f"files are named like {next(iter(pack.provisions.values())).file}"
        )
    trials = list(court.try_all(mutants))
    _show_trials(trials, pack, time.perf_counter() - begun)
    if folder is not None:
        _save_killers([one for one in trials if one.someone is not None and one.fate == "alive"], pack, folder)
    raise typer.Exit(1 if trial.share_alive(trials) > trial.BAR else 0)


def _show_trials(trials: list[trial.Trial], pack: Pack, took: float) -> None:
    """The table of kinds and fates, and each living mutant with somebody who shows it."""
    from rightcall.law.proof.trial import FATES, share_alive, tally
    from rightcall.law.proof.witness import told

    table = Table(box=None, pad_edge=False)
    for title in ("kind", "all", "by a case", "by check", "alive", "same", "refused"):
        table.add_column(title, justify="left" if title == "kind" else "right", no_wrap=True)
    rows = dict(tally(trials))
    rows["all"] = {fate: sum(row[fate] for row in rows.values()) for fate in FATES}
    for kind, row in rows.items():
        counts = (sum(row.values()), row["case"], row["check"], row["alive"], row["same"], row["refused"])
        table.add_row(kind, *(str(count) for count in counts))
    out.print(table)
    for one in (one for one in trials if one.fate == "alive"):
        print_plain(f"alive: {one.mutant}")
        if one.someone is not None:
            print_plain(f"    {one.provision} tells it apart: {told(one.someone, pack)}")
        elif one.by:
            print_plain(f"    {one.provision}: {one.by} whether it means the same")
    counted = sum(one.fate not in ("refused", "same") for one in trials)
    alive = sum(one.fate == "alive" for one in trials)
    print_plain(f"{alive} of {counted} mutants alive, {share_alive(trials):.1%}, in {took:.0f} s")


def _save_killers(trials: list[trial.Trial], pack: Pack, folder: Path) -> None:
    from rightcall.law.proof import witness

    folder.mkdir(parents=True, exist_ok=True)
    for number, one in enumerate(trials, 1):
        assert one.someone is not None
        expected = witness.expectation(witness.finding_of(one.someone, pack), one.provision)
        text = witness.case_text(str(one.mutant), one.someone, pack, expected)
        (folder / f"{number:03}-{one.provision.replace('/', '-')}.toml").write_text(text, "utf-8")
    print_plain(f"{len(trials)} cases written to {folder}")


def _seeded(caught: list[seeds.Caught], share: float) -> int:
    """What caught each seeded fault; the exit status."""
    for one in caught:
        print_plain(f"{'caught' if one.by else 'MISSED'}: {one.fault.kind} in {one.fault.file}: {one.by or ' '.join(one.fault.now.split())}")
    found, bar = sum(bool(one.by) for one in caught), math.ceil(share * len(caught))
    print_plain(f"{found} of {len(caught)} seeded faults caught; the bar is {bar}")
    return 0 if found >= bar else 1
