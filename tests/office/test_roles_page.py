"""The page of roles says what the code says."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from rightcall.office.accounts.roles import DOES, SEES, Role

PAGE = (Path(__file__).parents[2] / "docs/reference/roles.md").read_text("utf-8")


@pytest.mark.parametrize("table", [SEES, DOES], ids=["sees", "does"])
def test_each_row_of_the_page_is_as_in_the_code(table: Mapping[str, frozenset[Role]]) -> None:
    for name, roles in table.items():
        assert f"| {name} | " + " | ".join("x" if role in roles else "" for role in Role) + " |" in PAGE
