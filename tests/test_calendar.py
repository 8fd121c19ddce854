"""School days, nights, weeks, waves, by example and for any year."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from sim.calendar import WEEK, Calendar, Holiday


@st.composite
def years(draw: st.DrawFn) -> Calendar:
    """Any school year; at most one holiday after each week."""
    weeks = draw(st.integers(1, 60))
    after = draw(st.lists(st.integers(1, weeks + 3), unique=True, max_size=6))
    holidays = tuple(Holiday(week, draw(st.integers(1, 10))) for week in after)
    return Calendar(weeks, draw(st.integers(1, 5)), holidays)


def test_two_weeks_and_a_holiday() -> None:
    calendar = Calendar(3, 5, (Holiday(2, 1),))
    assert calendar.days == 15
    assert calendar.nights == (0, 3, 1, 1, 1, 1, 3, 1, 1, 1, 1, 10, 1, 1, 1, 1)


def test_a_week_of_four_days_has_a_longer_weekend() -> None:
    assert Calendar(2, 4).nights == (0, 4, 1, 1, 1, 4, 1, 1, 1)


def test_a_week_of_one_day() -> None:
    assert Calendar(3, 1, (Holiday(1, 2),)).nights == (0, 7, 21, 7)


def test_weeks_by_example() -> None:
    calendar = Calendar(36)
    assert [calendar.week(day) for day in (0, 1, 5, 6, 10, 11, 180)] == [0, 1, 1, 2, 2, 3, 36]
    assert (calendar.first_day(7), calendar.last_day(7)) == (31, 35)


def test_waves_of_an_ordinary_year() -> None:
    assert Calendar(36).waves == {"start": 0, "trimester 1": 60, "trimester 2": 120, "end": 180}


def test_a_short_run_has_two_waves() -> None:
    assert Calendar(2).waves == {"start": 0, "end": 10}


def test_two_holidays_after_the_same_week_add_up() -> None:
    assert Calendar(2, 5, (Holiday(1, 1), Holiday(1, 1))).nights[6] == Calendar(2, 5, (Holiday(1, 2),)).nights[6]


@given(years())
def test_every_night_of_the_year_is_counted_once(calendar: Calendar) -> None:
    holidays = sum(holiday.weeks for holiday in calendar.holidays if holiday.after_week < calendar.weeks)
    elapsed = WEEK * (calendar.weeks - 1 + holidays) + calendar.days_per_week - 1
    assert sum(calendar.nights[2:]) == elapsed
    assert len(calendar.nights) == calendar.days + 1
    assert calendar.nights[0] == 0
    assert min(calendar.nights[1:]) >= 1


@given(years())
def test_every_day_is_in_the_week_that_has_it(calendar: Calendar) -> None:
    for week in range(1, calendar.weeks + 1):
        days = range(calendar.first_day(week), calendar.last_day(week) + 1)
        assert len(days) == calendar.days_per_week
        assert {calendar.week(day) for day in days} == {week}
    assert calendar.last_day(calendar.weeks) == calendar.days


@given(years())
def test_waves_are_in_order_and_end_weeks(calendar: Calendar) -> None:
    days = list(calendar.waves.values())
    assert (days[0], days[-1]) == (0, calendar.days)
    assert all(one < other for one, other in pairwise(days))
    assert all(day % calendar.days_per_week == 0 for day in days)
    if calendar.weeks >= 3:
        thirds = [b - a for a, b in pairwise(days)]
        assert max(thirds) - min(thirds) <= calendar.days_per_week
