"""Mixes of many sites, each computed once: alike sites share them, and a store keeps them between runs."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np

from optimizer.instance.instance import Instance
from optimizer.instance.schema import PowerNeeds, TechnologyKind, TechnologyRow
from optimizer.power.asked import whole_key
from optimizer.power.assemble import KEEP_HIGHEST, KEEP_LOWEST, SiteHours, days_of_least
from optimizer.power.days import Days, SeriesError, representative_days, with_days_apart
from optimizer.power.mixes import NOTHING_CARRIES, Load, Mixes, Solved, spare_machine, unit_problem
from optimizer.power.mode import Served
from optimizer.power.own_hours import own_hours_of
from optimizer.power.profiles import Hours
from optimizer.power.rows import PowerError
from optimizer.power.store import Arrays, Store, content_key, versions
from optimizer.power.technologies import Offer

#: Change whenever the same inputs give other mixes, or other days.
MIXES_VERSION, DAYS_VERSION = "mixes 2", "days 2"
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
    needs
        What the load asks for.
    days
        Key of the days of the site, where they are not the usual ones of these hours.
    """

    hours: SiteHours
    own: tuple[Hours, ...]
    offers: tuple[Offer, ...]
    load: Load
    rate: float
    needs: PowerNeeds
    days: str = ""

    @cached_property
    def key(self) -> str:
        """Hash of all that the mixes depend on."""
        offers = [(_numbers(offer.row), offer.costs) for offer in self.offers]
        load = (self.load.pue_peak, self.load.share, spare_machine(self.offers, self.load), self.rate)
        asked: list[object] = [whole_key(self.needs)] if whole_key(self.needs) else []
        asked += [self.days] if self.days else []
        return content_key(MIXES_VERSION, [versions("highspy"), days_key(self.hours, self.own), load, offers, *asked])

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
    numbers = (hours.pue_average, hours.pue_peak, hours.uninterrupted, hours.load_share)
    made = (hours.typical_days, KEEP_HIGHEST, KEEP_LOWEST, versions("numpy", "pvlib", "scipy", "tsam"))
    return content_key(DAYS_VERSION, [made, climate, numbers, *own])


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
    if kept is not None and (days := days_from(kept)) is not None:
        return days
    series = hours.series(instance, store)
    days = representative_days(series, hours.typical_days, keep_highest=KEEP_HIGHEST, keep_lowest=KEEP_LOWEST)
    days = with_days_apart(series, days, days_of_least(series))
    store.put(key, kept_days(days))
    return days


def kept_days(days: Days) -> Arrays:
    """Days as a store keeps them."""
    errors = {f"error {e.name}": np.array([e.mean, e.highest, e.duration]) for e in days.errors}
    series = {f"series {name}": values for name, values in days.series.items()}
    return {"hours": days.hours, "stands": days.stands, **series, **errors}


def days_from(arrays: Arrays) -> Days | None:
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
        self._families: dict[str, tuple[Family, Weather]] = {}
        self._mixes: dict[str, Solved] = {}
        self.solved = 0
        self.known = 0

    def expect(self, family: Family, days: Weather) -> None:
        """Say beforehand that a family will be asked for."""
        self._families.setdefault(family.key, (family, days))

    def solve(self) -> None:
        """Solve all that is expected and not in the store, each family in all years: dates may change, costs stay.

        Raises
        ------
        ProfileError
            If the weather or the load of a site cannot be made.
        """
        with ThreadPoolExecutor(_THREADS) as threads:
            waiting: deque[tuple[Family, list[Future[Solved]]]] = deque()
            for key, (family, days) in self._families.items():
                kept = self._store.get(key)
                if kept is not None and _is_whole(kept, family):
                    self.known += 1
                    self._mixes[key] = Solved(kept["mixes"], kept.get("served", np.zeros((len(kept["mixes"]), 4))))
                    continue
                programs = _programs(family, days())
                waiting.append((family, [threads.submit(program.solve) for program in programs]))
                while len(waiting) > _AHEAD:
                    self._keep(*waiting.popleft())
            for family, solving in waiting:
                self._keep(family, solving)

    def _keep(self, family: Family, solving: Sequence[Future[Solved]]) -> None:
        self.solved += 1
        made = _joined(family, [future.result() for future in solving])
        self._mixes[family.key] = made
        served = {"served": made.served} if whole_key(family.needs) else {}
        self._store.put(family.key, {"mixes": made.mixes, **served})

    def mix(self, family: Family, year: int) -> Hours:
        """Rows capacity, storage, energy, price of the cheapest mix at the costs of a year, by its position.

        Raises
        ------
        PowerError
            If these technologies cannot carry a load.
        """
        mixes = self._mixes[family.key].mixes
        if not len(mixes) or np.isnan(mixes[year]).any():
            message = "these technologies cannot carry a load by themselves"
            raise PowerError(message)
        return np.asarray(mixes[year], dtype=float)

    def served(self, family: Family, year: int) -> Served:
        """How the mix of a year serves the load."""
        return Served(*map(float, self._mixes[family.key].served[year]))


def _programs(family: Family, days: Days) -> Sequence[Mixes]:
    """Programs of a family: one for all years, or one for each where a limit on carbon makes their rows differ."""
    years = range(family.years)
    problems = [unit_problem(family.offers, year, days, family.load, family.rate, family.needs) for year in years]
    together = [problems] if family.needs.carbon_limit_t_per_mwh is None else [[problem] for problem in problems]
    return [Mixes(group, family.load, family.needs) for group in together]


def _joined(family: Family, found: Sequence[Solved]) -> Solved:
    """Mixes of all years of programs that follow one another; years in which nothing carries a load are no numbers."""
    if not any(len(one.mixes) for one in found):
        return NOTHING_CARRIES
    missing = Solved(np.full((1, 4, _columns(family)), np.nan), np.full((1, 4), np.nan))
    whole = [one if len(one.mixes) else missing for one in found]
    return Solved(np.concatenate([one.mixes for one in whole]), np.concatenate([one.served for one in whole]))


def _columns(family: Family) -> int:
    """Columns of a mix: its sources, and storage also where there is none."""
    return 1 + sum(offer.row.kind is not TechnologyKind.LITHIUM_STORAGE for offer in family.offers)


def _is_whole(kept: Arrays, family: Family) -> bool:
    """Whether an entry has all years, rows and columns."""
    mixes, served = kept.get("mixes"), kept.get("served")
    if whole_key(family.needs) and (served is None or mixes is None or served.shape != (len(mixes), 4)):
        return False
    return mixes is not None and (mixes.shape in ((family.years, 4, _columns(family)), (0, 4, 0)))
