"""A day is asked in three boxes: whoever knows only the year writes only the year."""

from __future__ import annotations

import pytest

from rightcall.law.account import Unfit
from rightcall.office.person.questions import _day


@pytest.mark.parametrize(
    ("day", "month", "year", "written"),
    [
        ("5", "9", "2022", "2022-09-05"),
        (" 25", "12 ", "1990", "1990-12-25"),
        ("", "3", "1990", "1990-03"),
        ("", "", "1990", "1990"),
        ("", "", "", ""),
    ],
)
def test_what_is_known_of_a_day(day: str, month: str, year: str, written: str) -> None:
    assert _day("born", {"born-day": day, "born-month": month, "born-year": year}) == written


@pytest.mark.parametrize(("day", "month", "year"), [("5", "", "2022"), ("5", "9", ""), ("", "9", "")])
def test_a_box_left_out_between_is_asked_for(day: str, month: str, year: str) -> None:
    with pytest.raises(Unfit, match="Part of the date is missing"):
        _day("born", {"born-day": day, "born-month": month, "born-year": year})
