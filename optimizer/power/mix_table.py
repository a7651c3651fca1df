"""Mixes of many sites, each computed once: alike sites share them, and a store keeps them between runs."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeAlias

import numpy as np

from optimizer.instance.instance import Instance
from optimizer.instance.schema import TechnologyRow
from optimizer.power.assemble import KEEP_HIGHEST, KEEP_LOWEST, SiteHours
from optimizer.power.days import Days, SeriesError, representative_days
from optimizer.power.mixes import Load, Mixes, spare_machine, unit_problem
from optimizer.power.own_hours import own_hours_of
from optimizer.power.profiles import Hours
from optimizer.power.rows import PowerError
from optimizer.power.store import Arrays, Store, content_key
from optimizer.power.technologies import Offer

#: Typical days; the extreme ones come on top (SEMANTICS 12.9).
TYPICAL_DAYS = 3
#: Change whenever the same inputs give other mixes, or other days.
MIXES_VERSION, DAYS_VERSION = "mixes 1", "days 1"
#: Solves at a time, and programs made ahead of them.
_THREADS, _AHEAD = 2, 8
#: Columns of `technologies` on which no mix depends.
_LABELS = {"technology", "fuel", "lead_months", "source", "clean", "resource", "slots_mw_per_mw", "water_m3_per_mwh"}

#: Makes the representative days of a site.
Weather: TypeAlias = Callable[[], Days]


@dataclass(frozen=True)
class Family:
    """A set of technologies for a kind of site: its mixes in all years differ by costs only.

    Attributes
    ----------
    hours
        Hours of the site.
    own
        Profiles of the user's own among them.
    offers
        Technologies, with costs in each year of the plan.
    load, rate
        What is to be carried, and the yearly cost of capital.
    """

    hours: SiteHours
    own: tuple[Hours, ...]
    offers: tuple[Offer, ...]
    load: Load
    rate: float

    @classmethod
    def of(cls, instance: Instance, hours: SiteHours, offers: tuple[Offer, ...], load: Load, rate: float) -> Family:
        """Family of some offers at a site."""
        return cls(hours, own_series(instance, hours), offers, load, rate)

    @cached_property
    def key(self) -> str:
        """Hash of all that the mixes depend on."""
        offers = [(_numbers(offer.row), offer.costs) for offer in self.offers]
        load = (self.load.pue_peak, self.load.share, spare_machine(self.offers, self.load), self.rate)
        return content_key(MIXES_VERSION, [days_key(self.hours, self.own), load, offers])

    @property
    def years(self) -> int:
        """Number of years of the plan."""
        return len(self.offers[0].costs)


def own_series(instance: Instance, hours: SiteHours) -> tuple[Hours, ...]:
    """Profiles of the user's own that a site names; an empty one stands for none."""
    if not any(hours.profiles):
        return ()
    own = own_hours_of(instance, hours.profiles)
    return tuple(np.zeros(0) if series is None else series for series in (own.solar, own.wind, own.price, own.load))


def days_key(hours: SiteHours, own: tuple[Hours, ...]) -> str:
    """Hash of all that the representative days of a site depend on."""
    climate = [(column, value) for column, value in hours.climate if column not in ("climate", "source")]
    bare = replace(hours, climate=hours.climate.model_copy(update={"climate": "-", "source": "---"}))
    numbers = (bare.pue_average, bare.pue_peak, bare.uninterrupted, bare.load_share)
    return content_key(DAYS_VERSION, [TYPICAL_DAYS, KEEP_HIGHEST, KEEP_LOWEST, climate, numbers, *own])


def _numbers(row: TechnologyRow) -> list[tuple[str, object]]:
    return [(column, value) for column, value in row if column not in _LABELS]


def representative_site_days(instance: Instance, hours: SiteHours, store: Store) -> Days:
    """Representative days of a site, from the store if it has them.

    Raises
    ------
    ProfileError
        If the weather or the load cannot be made.
    """
    key = days_key(hours, own_series(instance, hours))
    kept = store.get(key)
    if kept is not None and (days := _days_from(kept)) is not None:
        return days
    series = hours.series(instance)
    days = representative_days(series, TYPICAL_DAYS, keep_highest=KEEP_HIGHEST, keep_lowest=KEEP_LOWEST)
    store.put(key, _days_as_arrays(days))
    return days


def _days_as_arrays(days: Days) -> Arrays:
    errors = {f"error {e.name}": np.array([e.mean, e.highest, e.duration]) for e in days.errors}
    series = {f"series {name}": values for name, values in days.series.items()}
    return {"hours": days.hours, "stands": days.stands, **series, **errors}


def _days_from(arrays: Arrays) -> Days | None:
    """Days that were kept; None if anything is missing."""
    series = {name.removeprefix("series "): values for name, values in arrays.items() if name.startswith("series ")}
    try:
        errors = tuple(SeriesError(name, *map(float, arrays[f"error {name}"])) for name in series)
        return Days(series, arrays["hours"], errors, arrays["stands"].astype(np.intp))
    except (KeyError, TypeError):
        return None


class MixTable:
    """Mixes by family and year: those asked for beforehand are solved side by side, alike sites share them.

    Attributes
    ----------
    solved, known
        Families solved, and found in the store.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._first: dict[str, int] = {}
        self._families: dict[str, tuple[Family, Weather]] = {}
        self._mixes: dict[str, Hours] = {}
        self.solved = 0
        self.known = 0

    def expect(self, family: Family, year: int, days: Weather) -> None:
        """Say beforehand from which year on, by its position, a family will be asked for."""
        self._families.setdefault(family.key, (family, days))
        self._first[family.key] = min(year, self._first.get(family.key, year))

    def solve(self) -> None:
        """Solve all that is expected and not in the store.

        Raises
        ------
        ProfileError
            If the weather or the load of a site cannot be made.
        """
        with ThreadPoolExecutor(_THREADS) as threads:
            waiting: deque[tuple[str, Future[Hours]]] = deque()
            for key, (family, days) in self._families.items():
                first = self._first[key]
                kept = self._store.get(_kept_key(key, first))
                if kept is not None and _is_whole(kept, family, first):
                    self.known += 1
                    self._mixes[key] = kept["mixes"]
                    continue
                years = range(family.years - 1, first - 1, -1)
                problems = [unit_problem(family.offers, year, days(), family.load, family.rate) for year in years]
                waiting.append((key, threads.submit(Mixes(problems, family.load).solve)))
                while len(waiting) > _AHEAD:
                    self._keep(*waiting.popleft())
            for key, solving in waiting:
                self._keep(key, solving)

    def _keep(self, key: str, solving: Future[Hours]) -> None:
        self.solved += 1
        self._mixes[key] = solving.result()
        self._store.put(_kept_key(key, self._first[key]), {"mixes": self._mixes[key]})

    def mix(self, family: Family, year: int) -> Hours:
        """Rows capacity, storage, energy, price of the cheapest mix at the costs of a year, by its position.

        Raises
        ------
        PowerError
            If these technologies cannot carry a load.
        """
        mixes = self._mixes[family.key]
        if not len(mixes):
            message = "these technologies cannot carry a load by themselves"
            raise PowerError(message)
        return np.asarray(mixes[family.years - 1 - year], dtype=float)


def _kept_key(key: str, first: int) -> str:
    """The last year is solved first, so which of several best mixes is found depends on the first year at most."""
    return content_key(key, [first])


def _is_whole(kept: Arrays, family: Family, first: int) -> bool:
    mixes = kept.get("mixes")
    return mixes is not None and (mixes.shape[:2] == (family.years - first, 4) or mixes.shape == (0, 4, 0))
