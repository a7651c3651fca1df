"""What power costs where technologies run together: the dispatch modes of a site at the prices of its options."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from optimizer.instance.instance import Instance
from optimizer.instance.schema import DispatchMode, PortfolioPart, PowerOption, Site
from optimizer.units import TWH_PER_GW_YEAR

Offers = Mapping[str, Sequence[tuple[PowerOption, PortfolioPart]]]


def mode_costs(instance: Instance, site: Site, yearly: Callable[[PowerOption], float]) -> Iterator[float]:
    """Cost of a MWh of load in each mode that the options of a site make up, without reserve and tax [USD per MWh].

    Parameters
    ----------
    yearly
        What a kW of an option costs in a year [USD].
    """
    offers: dict[str, list[tuple[PowerOption, PortfolioPart]]] = {}
    for option in instance.options_of_site[site.site]:
        if instance.is_dispatched(option):
            for part in instance.parts_of_option[option.site, option.option]:
                offers.setdefault(part.technology, []).append((option, part))
    for mode, uses in instance.modes_of_site.get(site.site, {}).items():
        if all(use.technology in offers for use in uses):
            run = sum(_energy(use, offers) + _capacity(use, offers, yearly) for use in uses)
            yield run + _load(instance, site.site, mode)


def _load(instance: Instance, site: str, mode: str) -> float:
    """Cost of cuts, and the charge on the highest draw, per MWh that the load asks for."""
    needs, load = instance.needs(site), instance.load_of_dispatch.get((site, mode))
    if load is None:
        return 0.0
    cuts = load.cut_mwh_per_mwh * (needs.curtailment_cost_usd_per_mwh or 0.0)
    return cuts + load.grid_peak_per_load * needs.demand_charge_usd_per_kw_year / TWH_PER_GW_YEAR


def _energy(use: DispatchMode, offers: Offers) -> float:
    return use.mwh_per_mwh * use.price_factor * offers[use.technology][0][0].energy_usd_per_mwh


def _capacity(use: DispatchMode, offers: Offers, yearly: Callable[[PowerOption], float]) -> float:
    """Yearly cost of what a mode needs; storage at least of the shortest duration, its hours at what they add."""
    ordered = sorted((part.storage_mwh_per_mw, yearly(option)) for option, part in offers[use.technology])
    (shortest, least), (longest, most) = ordered[0], ordered[-1]
    an_hour = (most - least) / (longest - shortest) if longest > shortest else 0.0
    beyond = max(0.0, use.storage_mwh_per_twh - shortest * use.mw_per_twh)
    return (use.mw_per_twh * least + beyond * an_hour) / 1e3


__all__ = ["mode_costs"]
