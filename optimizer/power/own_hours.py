"""Profiles of the user's own, hour by hour, instead of drawn ones."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from optimizer.instance import Instance
from optimizer.power.profiles import HOURS, Hours, ProfileError


@dataclass(frozen=True)
class OwnHours:
    """What the user knows of the hours of a site. None: drawn from the climate, or the same in all hours.

    Attributes
    ----------
    solar, wind
        Output as share of capacity.
    price
        Factor on the cost of energy from the grid.
    load
        IT load of each hour; only its shape counts.
    """

    solar: Hours | None = None
    wind: Hours | None = None
    price: Hours | None = None
    load: Hours | None = None

    def load_keeping_energy(self, pue: Hours) -> Hours:
        """Load of each hour over the average one, such that a year takes the energy of a flat load.

        Parameters
        ----------
        pue
            PUE of each hour.
        """
        assert self.load is not None
        return np.asarray(self.load * (pue.mean() / (pue * self.load).mean()))


#: Nothing known: all is drawn.
NO_OWN_HOURS = OwnHours()


def own_hours_of(instance: Instance, profiles: Iterable[str | None]) -> OwnHours:
    """Profiles of sun, wind, price and load by their names.

    Raises
    ------
    ProfileError
        If a profile does not have each hour of a year once.
    """
    solar, wind, price, load = (_hours(instance, name) for name in profiles)
    return OwnHours(solar, wind, price, load)


def _hours(instance: Instance, profile: str | None) -> Hours | None:
    if profile is None:
        return None
    values = {row.hour: row.value for row in instance.hourly_profiles if row.profile == profile}
    if sorted(values) != list(range(HOURS)):
        message = f"profile '{profile}' has {len(values)} hours, not each of {HOURS} once"
        raise ProfileError(message)
    return np.array([values[hour] for hour in range(HOURS)])
