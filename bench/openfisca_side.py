"""The plain conditions in OpenFisca, on the columns that the job ``booleans`` left. Runs in an environment of its own.

OpenFisca-Core is AGPL-3.0 and is used for this comparison alone. It knows no unknown: what is unknown is false here. Only
``calculate`` is timed; building the simulation and setting its inputs are not.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from openfisca_core.entities import build_entity
from openfisca_core.indexed_enums import Enum
from openfisca_core.periods import DateUnit
from openfisca_core.simulations import SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

PERIOD = "2022-10"
BEST_OF = 5
PERSON = build_entity(key="person", plural="people", label="person", is_person=True)


def named(name: str) -> str:
    return "".join(letter if letter.isalnum() else "_" for letter in name)


def possible(name: str, values: list[str]) -> Any:
    """The values of a fact as OpenFisca's enumeration; the first is unknown."""
    return Enum(named(name).upper(), {"unknown": "unknown", **{f"v_{value}": value for value in values}})


def source(tree: list[Any]) -> str:
    """A condition as the formula that one would write by hand."""
    word, *rest = tree
    if word == "fact":
        return f"person({named(rest[0])!r}, period)"
    if word == "in":
        return "(" + " | ".join(f"(person({named(rest[0])!r}, period) == enums[{rest[0]!r}].v_{value})" for value in rest[1]) + ")"
    if word == "not":
        return f"~{source(rest[0])}"
    return "(" + (" & " if word == "and" else " | ").join(source(part) for part in rest) + ")"


def system_of(facts: dict[str, list[str]], conditions: dict[str, list[Any]]) -> TaxBenefitSystem:
    system = TaxBenefitSystem([PERSON])
    enums = {name: possible(name, values) for name, values in facts.items() if values}
    common = {"entity": PERSON, "definition_period": DateUnit.MONTH, "label": ""}
    for name in facts:
        kind = {"value_type": Enum, "possible_values": enums[name], "default_value": enums[name].unknown} if name in enums else {"value_type": bool}
        system.add_variable(type(named(name), (Variable,), common | kind))
    for id, tree in conditions.items():
        scope: dict[str, Any] = {"enums": enums}
        exec(f"def formula(person, period):\n    return {source(tree)}", scope)
        system.add_variable(type(named(id), (Variable,), common | {"value_type": bool, "formula": scope["formula"]}))
    return system


def main(folder: Path) -> None:
    law = json.loads((folder / "conditions.json").read_text())
    system = system_of(law["facts"], law["conditions"])
    columns = {name: np.frombuffer((folder / f"{name}.in").read_bytes(), dtype=np.uint8) for name in law["facts"]}
    known = np.frombuffer((folder / "known").read_bytes(), dtype=np.uint8).astype(bool)
    arrays = {name: column.astype(np.int16) if law["facts"][name] else column.astype(bool) for name, column in columns.items()}
    taken, calculated = [], []
    for _ in range(BEST_OF):
        start = time.perf_counter()
        simulation = SimulationBuilder().build_default_simulation(system, len(known))
        for name, array in arrays.items():
            simulation.set_input(named(name), PERIOD, array)
        entered = time.perf_counter()
        answers = {id: simulation.calculate(named(id), PERIOD) for id in law["conditions"]}
        taken.append(time.perf_counter() - start)
        calculated.append(time.perf_counter() - entered)
    ours = {id: np.frombuffer((folder / f"{id}.ours").read_bytes(), dtype=np.uint8).astype(bool) for id in law["conditions"]}
    differ = sum(int((ours[id][known] != np.asarray(answers[id])[known]).sum()) for id in ours)
    rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(
        json.dumps(
            {
                "job": "openfisca",
                "people": len(known),
                "rss": rss,
                "wall": min(taken),
                "calculating": min(calculated),
                "compared": int(known.sum()),
                "differ": differ,
            }
        )
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
