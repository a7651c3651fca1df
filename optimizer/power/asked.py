"""What the load of a site asks of its power, out of an instance into the dispatch LP (SEMANTICS 12.16)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from optimizer.instance.schema import DispatchLoad, PowerNeeds
from optimizer.power.mode import WHOLE, Served
from optimizer.power.profiles import Hours
from optimizer.power.site import Needs, SitePowerProblem
from optimizer.units import HOURS_PER_YEAR, TWH_PER_GW_YEAR

#: Less of the energy cut than this is a rounding error of the LP.
NEGLIGIBLE = 1e-8


def hourly_needs(needs: Needs, asked: PowerNeeds) -> Needs:
    """Needs with what is a matter of hours: cuts, clean share, and the highest draw from the grid."""
    return replace(
        needs,
        shed_depth=asked.curtailment_depth,
        shed_hours=asked.curtailment_hours / HOURS_PER_YEAR,
        shed_energy=asked.curtailment_energy_share,
        shed_cost=asked.curtailment_busd_per_twh,
        clean_share=asked.hourly_clean_share,
        demand_charge=asked.demand_charge_busd_per_gw_year,
    )


def hourly_key(asked: PowerNeeds) -> tuple[object, ...]:
    """What hours depend on beside cost: enough to tell apart dispatches that are not possible alike; () if nothing."""
    if not (asked.is_curtailable or asked.is_metered or asked.hourly_clean_share > 0):
        return ()
    cuts = (asked.curtailment_depth, asked.curtailment_budget) if asked.is_curtailable else (0.0, 0.0)
    return (*cuts, asked.hourly_clean_share, asked.is_metered)


def whole_key(asked: PowerNeeds) -> tuple[object, ...]:
    """All that is asked for, with its costs; () if nothing is."""
    return () if asked.is_idle else tuple(value for column, value in asked if column not in ("site", "source"))


def served_load(asked: PowerNeeds, problem: SitePowerProblem, output: Hours, cut: Hours, wanted: Hours) -> Served:
    """How a dispatch serves the load; what the site does not ask for is not counted.

    Parameters
    ----------
    output
        Of each supplier in each slice (K, H) [GW].
    cut, wanted
        Load that is cut, and that is asked for, in each slice (H) [GW].
    """
    if not hourly_key(asked):
        return WHOLE
    energy = float(wanted @ problem.slices.hours) / 1e3
    share, given = float(cut @ problem.slices.hours) / 1e3 / energy, wanted - cut
    is_cut = asked.is_curtailable and share > NEGLIGIBLE
    of_grid = [k for k, supplier in enumerate(problem.suppliers) if supplier.is_grid]
    others = [k for k, supplier in enumerate(problem.suppliers) if not supplier.is_clean]
    dirty = output[others].sum(axis=0)[given > 0] / given[given > 0]
    return Served(
        cut=share if is_cut else 0.0,
        deepest_cut=min(float((cut / wanted).max()), asked.curtailment_depth) if is_cut else 0.0,
        grid_peak=float(output[of_grid].sum(axis=0).max()) / energy if asked.is_metered else 0.0,
        least_clean=float(np.clip(1 - dirty.max(initial=0.0), 0.0, 1.0)) if asked.hourly_clean_share > 0 else 0.0,
    )


def load_row(site: str, dispatch: str, served: Served, source: str) -> DispatchLoad:
    """Row of `dispatch_loads` for a mode or a portfolio."""
    return DispatchLoad(
        site=site,
        dispatch=dispatch,
        cut_mwh_per_mwh=served.cut,
        deepest_cut=served.deepest_cut,
        grid_peak_per_load=TWH_PER_GW_YEAR * served.grid_peak,
        least_clean_share=served.least_clean,
        source=source,
    )


__all__ = ["hourly_key", "hourly_needs", "load_row", "served_load", "whole_key"]
