"""Modes that are known: made before the first solve, found by a solve, kept in instances and on disk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, field, replace

import numpy as np

from optimizer.instance.instance import Instance
from optimizer.instance.schema import DispatchLoad, DispatchMode, SitePower
from optimizer.power.asked import load_row
from optimizer.power.choices import choices
from optimizer.power.mode import WHOLE, Mode, ModePrices, Served, Use
from optimizer.power.rows import PowerError
from optimizer.power.store import Arrays, Store
from optimizer.power.technologies import Cost, Offer, annuity_factor, offers_of_site
from optimizer.power.unit_year import ModePricer, Physics, UnitYear, unit_year_of

SOURCE = "dispatch of a year by the hour; physics {}"
#: Modes that differ by less are one [GW, GWh, TWh per TWh].
SAME = 9


#: Modes of one physics that are kept for later runs: with 340 a site the search takes twice as long as with 100.
MOST_KEPT = 100


@dataclass
class ModePool:
    """Modes of one physics, in the order in which they were found."""

    physics: Physics
    modes: list[Mode] = field(default_factory=list)
    _seen: set[Mode] = field(default_factory=set)

    def add(self, mode: Mode) -> bool:
        """Take in a mode; False if it is known."""
        uses = tuple(
            Use(use.technology, *(round(x, SAME) for x in (use.capacity, use.storage, use.energy, use.price_factor)))
            for use in mode
        )
        rounded = Mode(uses, Served(*(round(x, SAME) for x in astuple(mode.served))))
        if rounded in self._seen:
            return False
        self._seen.add(rounded)
        self.modes.append(mode)
        return True

    def as_arrays(self, most: int) -> Arrays:
        """The latest modes as they are kept on disk: one row for each use."""
        kept = self.modes[-most:]
        uses = [(number, use) for number, mode in enumerate(kept) for use in mode]
        numbers = [(use.capacity, use.storage, use.energy, use.price_factor) for _, use in uses]
        served = {"served": np.array([astuple(mode.served) for mode in kept])}
        return {
            **(served if any(mode.served != WHOLE for mode in kept) else {}),
            "mode": np.array([number for number, _ in uses], dtype=np.int64),
            "technology": np.array([use.technology for _, use in uses], dtype=np.str_),
            "numbers": np.array(numbers, dtype=np.float64).reshape(-1, 4),
        }

    def add_arrays(self, arrays: Arrays) -> None:
        """Take in modes that were kept on disk."""
        found: dict[int, list[Use]] = {}
        rows = zip(arrays["mode"].tolist(), arrays["technology"].tolist(), arrays["numbers"].tolist(), strict=True)
        for number, technology, values in rows:
            found.setdefault(number, []).append(Use(technology, *values))
        served = arrays["served"].tolist() if "served" in arrays else []
        for number, uses in found.items():
            self.add(Mode(tuple(uses), Served(*served[number]) if served else WHOLE))


class RememberingStore:
    """Keeps what another store may not: for a study, whose points share their modes."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._kept: dict[str, Arrays] = {}

    def get(self, key: str) -> Arrays | None:
        """Arrays kept under a key by this process, else by any."""
        return self._kept.get(key) or self._store.get(key)

    def put(self, key: str, arrays: Arrays) -> None:
        """Keep arrays under a key."""
        self._kept[key] = arrays
        self._store.put(key, arrays)


class SiteModes:
    """Pools of the sites of an instance whose power is dispatched; sites of equal physics share one.

    Parameters
    ----------
    instance
        Its modes are known from the beginning, as far as they fit the physics of their site.
    store
        Where modes are kept between runs.
    """

    def __init__(self, instance: Instance, store: Store) -> None:
        self._instance, self._store = instance, store
        self._rows = {row.site: row for row in instance.site_power if row.site in instance.dispatched_sites}
        self.physics = {site: Physics.of(instance, row) for site, row in self._rows.items()}
        self._pools: dict[str, ModePool] = {}
        self._pricers: dict[str, ModePricer] = {}
        self.from_store = 0
        for site, physics in self.physics.items():
            pool = self._pools.setdefault(physics.key, ModePool(physics))
            for name, rows in instance.modes_of_site.get(site, {}).items():
                if all(row.source == SOURCE.format(physics.key) for row in rows):
                    pool.add(Mode(tuple(map(_use, rows)), _served(instance.load_of_dispatch.get((site, name)))))
        for key, pool in self._pools.items():
            if (kept := store.get(key)) is not None:
                before = len(pool.modes)
                pool.add_arrays(kept)
                self.from_store += len(pool.modes) - before

    def pool(self, site: str) -> ModePool:
        """Modes of a site."""
        return self._pools[self.physics[site].key]

    @property
    def count(self) -> int:
        """Modes of all pools."""
        return sum(len(pool.modes) for pool in self._pools.values())

    def pricer(self, site: str) -> ModePricer:
        """Finds further modes of a site.

        Raises
        ------
        SitePowerError
            If its weather cannot be made.
        """
        physics = self.physics[site]
        if physics.key not in self._pricers:
            year = unit_year_of(self._instance, self._rows[site], physics, self._store)
            self._pricers[physics.key] = ModePricer(year)
        return self._pricers[physics.key]

    def begin(self) -> None:
        """Make the first modes of every site that has none: what carries the load cheapest by itself, in some sets.

        Raises
        ------
        SitePowerError
            If the weather of a site cannot be made.
        """
        for site in self._rows:
            if not self.pool(site).modes:
                for mode in first_modes(self._instance, self._rows[site], self.pricer(site)):
                    self.pool(site).add(mode)

    def keep(self) -> None:
        """Keep modes for later runs: the latest, as many as are of use."""
        for key, pool in self._pools.items():
            if pool.modes:
                self._store.put(key, pool.as_arrays(MOST_KEPT))

    def within(self, instance: Instance) -> Instance:
        """An instance with these modes, and how they serve the load; names stay as they are when modes are added."""
        return with_pools(instance, {site: self.pool(site) for site in self._rows})


def first_modes(instance: Instance, row: SitePower, pricer: ModePricer) -> Iterator[Mode]:
    """Cheapest modes of each set of technologies that a portfolio may mix, at the costs of the first and last year."""
    years = instance.calendar.years
    offers = offers_of_site(instance, row.site, [12 * years[0], 12 * years[-1]])
    rate = instance.country_by_code[instance.site_by_id[row.site].country].wacc_fraction
    for chosen in choices(offers):
        for position in range(2):
            needs = pricer.year.needs
            prices = replace(
                market_prices(chosen, position, rate, pricer.year),
                cut=needs.curtailment_busd_per_twh,
                grid_peak=needs.demand_charge_busd_per_gw_year,
            )
            try:
                _, mode = pricer.cheapest(prices, [offer.row.technology for offer in chosen])
            except PowerError:
                break  # these technologies cannot carry a load by themselves
            yield mode


def market_prices(offers: Sequence[Offer], position: int, rate: float, year: UnitYear) -> ModePrices:
    """Yearly costs of technologies as prices of a mode [B USD]."""
    capacity, energy, shape, storage = {}, {}, {}, 0.0
    for offer in offers:
        cost: Cost = offer.costs[position]
        annuity = annuity_factor(rate, offer.row.life_years)
        capacity[offer.row.technology] = annuity * cost.capex + cost.fixed
        energy[offer.row.technology] = shape[offer.row.technology] = cost.energy
        if offer.row.technology == year.storage:
            storage = annuity * cost.energy_capex
    return ModePrices(capacity, energy, storage, shape)


def mode_rows(site: str, pool: ModePool) -> Iterator[DispatchMode]:
    """Rows of `dispatch_modes` of a site."""
    for number, mode in enumerate(pool.modes, start=1):
        yield from rows_of_mode(site, f"m{number}", mode, pool.physics.key)


def with_pools(instance: Instance, pools: Mapping[str, ModePool]) -> Instance:
    """An instance whose sites run in the modes of their pools."""
    modes = tuple(row for site, pool in pools.items() for row in mode_rows(site, pool))
    return replace(instance, dispatch_modes=modes, dispatch_loads=tuple(_load_rows(pools)))


def _load_rows(pools: Mapping[str, ModePool]) -> Iterator[DispatchLoad]:
    """Rows of `dispatch_loads`; none for modes that serve all and count nothing."""
    for site, pool in pools.items():
        for number, mode in enumerate(pool.modes, start=1):
            if mode.served != WHOLE:
                yield load_row(site, f"m{number}", mode.served, SOURCE.format(pool.physics.key))


def rows_of_mode(site: str, name: str, mode: Mode, physics: str) -> Iterator[DispatchMode]:
    """Rows of one mode."""
    for use in mode:
        yield DispatchMode(
            site=site,
            mode=name,
            technology=use.technology,
            mw_per_twh=1e3 * use.capacity,
            storage_mwh_per_twh=1e3 * use.storage,
            mwh_per_mwh=use.energy,
            price_factor=use.price_factor,
            source=SOURCE.format(physics),
        )


def _use(row: DispatchMode) -> Use:
    return Use(row.technology, row.mw_per_twh / 1e3, row.storage_mwh_per_twh / 1e3, row.mwh_per_mwh, row.price_factor)


def _served(row: DispatchLoad | None) -> Served:
    if row is None:
        return WHOLE
    return Served(row.cut_mwh_per_mwh, row.deepest_cut, row.grid_peak_gw_per_twh, row.least_clean_share)


__all__ = ["ModePool", "SiteModes", "first_modes", "market_prices", "mode_rows", "rows_of_mode", "with_pools"]
