"""School days, weekends and holidays of one school year."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

__all__ = ["Calendar", "Holiday"]

WEEK = 7


@dataclass(frozen=True)
class Holiday:
    """A holiday of `weeks` weeks that begins when school week `after_week` has ended."""

    after_week: int
    weeks: int


@dataclass(frozen=True)
class Calendar:
    """The school days of a year, numbered from 1; day 0 is the evening before the first.

    Parameters
    ----------
    weeks
        School weeks, holidays not counted.
    days_per_week
        School days in a week, 1 to 5.
    holidays
        Where the holidays fall, in school weeks.
    """

    weeks: int = 36
    days_per_week: int = 5
    holidays: tuple[Holiday, ...] = ()

    @property
    def days(self) -> int:
        """Number of school days."""
        return self.weeks * self.days_per_week

    def week(self, day: int) -> int:
        """School week, from 1, of school day `day`; day 0 is in week 0."""
        return -(-day // self.days_per_week)

    def first_day(self, week: int) -> int:
        """First school day of school week `week`."""
        return (week - 1) * self.days_per_week + 1

    def last_day(self, week: int) -> int:
        """Last school day of school week `week`."""
        return week * self.days_per_week

    @cached_property
    def nights(self) -> tuple[int, ...]:
        """Nights that have passed before each school day; entry 0 is unused, day 1 follows a weekend."""
        breaks: dict[int, int] = {}
        for entry in self.holidays:
            breaks[entry.after_week] = breaks.get(entry.after_week, 0) + entry.weeks
        over_weekend = WEEK - self.days_per_week + 1
        nights = [0]
        for day in range(1, self.days + 1):
            is_monday = (day - 1) % self.days_per_week == 0
            holiday = WEEK * breaks.get(self.week(day) - 1, 0) if day > 1 else 0
            nights.append(over_weekend + holiday if is_monday else 1)
        return tuple(nights)

    @cached_property
    def waves(self) -> dict[str, int]:
        """Days at which a year is summed up: start, the ends of three trimesters (the third is the end)."""
        if self.weeks < 3:
            return {"start": 0, "end": self.days}
        thirds = [round(self.weeks * part / 3) for part in (1, 2)]
        return {
            "start": 0,
            "trimester 1": self.last_day(thirds[0]),
            "trimester 2": self.last_day(thirds[1]),
            "end": self.days,
        }
