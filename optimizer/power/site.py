"""What a site needs and what may feed it: the data of the sizing-and-dispatch LP, in internal units."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from optimizer.power.profiles import Hours


@dataclass(frozen=True)
class Slices:
    """Hours in which power is balanced.

    Attributes
    ----------
    hours
        Hours of the year for which each slice stands.
    per_day
        Slices of a day; days follow one another.
    """

    hours: Hours
    per_day: int = 24

    @property
    def step(self) -> float:
        """Length of a slice within its day [h]."""
        return 24 / self.per_day

    @property
    def count(self) -> int:
        """Number of slices."""
        return len(self.hours)

    @property
    def before(self) -> np.ndarray[tuple[int, ...], np.dtype[np.intp]]:
        """Slice before each slice of the same day; of the first, the last."""
        return np.roll(np.arange(self.count).reshape(-1, self.per_day), 1, axis=1).ravel()


@dataclass(frozen=True)
class Supplier:
    """A source of power. Arrays run over periods (P) or slices (H).

    Attributes
    ----------
    capital
        Yearly payment for capacity built in a period, paid from then on (P) [B USD per GW and year].
    fixed
        Yearly cost of capacity (P) [B USD per GW and year].
    energy
        Cost of energy (P) [B USD per TWh].
    shape
        Factor on the cost of energy in each slice (H).
    output
        Most output per capacity (H).
    carbon
        Emissions (P) [Mt per TWh].
    firm_credit
        Share of the capacity that counts on the worst hour.
    ramp_per_hour
        Most change of output in an hour per capacity; 1 or more is no limit.
    limit_gw
        Most capacity in each period (P).
    is_grid
        Whether it is drawn through the grid connection and pays demand charges.
    is_clean
        Whether it counts as clean, hour by hour.
    """

    name: str
    capital: Hours
    fixed: Hours
    energy: Hours
    shape: Hours
    output: Hours
    carbon: Hours
    limit_gw: Hours
    firm_credit: float = 1
    ramp_per_hour: float = 1
    is_grid: bool = False
    is_clean: bool = False


@dataclass(frozen=True)
class Storage:
    """Storage of which power and energy are sized apart. Arrays run over periods.

    Attributes
    ----------
    power_capital, energy_capital
        Yearly payment for what is built in a period, paid from then on [B USD per GW, or GWh, and year].
    fixed
        Yearly cost of power [B USD per GW and year].
    energy
        Cost of energy discharged [B USD per TWh].
    efficiency
        Of a round trip, half of the loss on each way.
    firm_credit
        Share that counts on the worst hour, of the power that can be held for `firm_hours`.
    firm_hours
        Hours that stored energy must last for power to count [h].
    limit_gw
        Most power in each period.
    """

    power_capital: Hours
    energy_capital: Hours
    fixed: Hours
    energy: Hours
    limit_gw: Hours
    efficiency: float = 0.86
    firm_credit: float = 0.5
    firm_hours: float = 4


@dataclass(frozen=True)
class Needs:
    """What the load of a site asks for.

    Attributes
    ----------
    years
        Discounted years of each period (P).
    pue
        PUE in each slice (H).
    pue_peak
        PUE in the worst hour of the year.
    margin
        Firm capacity beyond the worst hour, as share of it.
    largest_machine
        Capacity that may be out besides, per GW of load (P): N+1 of a site without grid.
    shed_depth
        Most of the load that may be cut in an hour, as share of it.
    shed_hours
        Hours of cuts at full depth in a year, as share of its hours.
    shed_energy
        Energy of cuts in a year, as share of what the load takes.
    shed_cost
        Cost of energy cut [B USD per TWh].
    demand_charge
        Of the year's highest draw from the grid [B USD per GW and year].
    carbon_limit
        Most emissions per energy of the load [Mt per TWh]; None: no limit.
    clean_share
        Least clean share in every hour.
    unserved_cost
        Price of energy that is missing beyond cuts [B USD per TWh]; None: nothing may be missing.
    """

    years: Hours
    pue: Hours
    pue_peak: float
    margin: float = 0
    largest_machine: Hours | None = None
    shed_depth: float = 0
    shed_hours: float = 1
    shed_energy: float = 0
    shed_cost: float = 0
    demand_charge: float = 0
    carbon_limit: float | None = None
    clean_share: float = 0
    unserved_cost: float | None = None


@dataclass(frozen=True)
class SitePowerProblem:
    """Sizing and dispatch of one site."""

    slices: Slices
    needs: Needs
    suppliers: tuple[Supplier, ...]
    storage: Storage | None = None

    @property
    def periods(self) -> int:
        """Number of periods."""
        return len(self.needs.years)
