"""Infeasible instances whose conflict is known because it was planted."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from optimizer.instance.instance import Instance
from tests import instances as make

YEARS = (2027, 2028, 2029)


@dataclass(frozen=True)
class Planted:
    """An instance with one conflict.

    Attributes
    ----------
    members
        Family and name of the limits that conflict.
    without
        The same instance without each member, in the order of `members`.
    """

    instance: Instance
    members: tuple[tuple[str, str], ...]
    without: tuple[Instance, ...]
    needs_whole_modules: bool = False


@dataclass
class _Draft:
    """Tables on their way to an instance: everything is loose until something is planted."""

    dice: random.Random
    settings: dict[str, Any]
    tables: dict[str, list[Any]]

    def instance(self) -> Instance:
        return make.instance(settings=make.settings(**self.settings), **self.tables)

    def without(self, table: str, wanted: Callable[[Any], bool], **changes: Any) -> Instance:
        """The instance with changed rows of a table, or without them if nothing is changed."""
        whole = self.instance()
        rows = getattr(whole, table)
        kept = [row.model_copy(update=changes) if wanted(row) else row for row in rows if changes or not wanted(row)]
        return replace(whole, **{table: tuple(kept)})


def _draft(dice: random.Random) -> _Draft:
    """One or two sites, ample of everything, with harmless limits of every kind about."""
    most = dice.randint(3, 5)
    sites = [make.site("alpha", country="USA", max_modules=most, open_cost_musd=dice.choice([0, 500]))]
    if dice.random() < 0.5:
        sites.append(make.site("beta", country="USA", max_modules=most, module_cost_usd_per_kw=12_000))
    chips = [make.chip("C1"), make.chip("C2", performance_h100e=2, tpp=30_000)]
    return _Draft(
        dice,
        {"policy": {"regime": "test"}, "finance": {"carry_over_share": dice.choice([0.0, 1.0])}},
        {
            "sites": sites,
            "chips": chips,
            "chip_prices": [make.price("C1"), make.price("C2", price_usd=15_000)],
            "chip_supply": [make.supply(c, during=str(y), units=4_000_000) for c in ("C1", "C2") for y in YEARS],
            "budgets": [make.budget(year=y, capital_busd=900) for y in YEARS],
            "grid_headroom": [make.headroom(year=2027, cumulative_mw=90_000)],
            "slots": [make.slots(year=y, mw=90_000) for y in YEARS],
            "slot_use": [make.slot_use(kind="grid_firm")],
            "limits": [make.limit("air", "carbon_mt", "*", y, 500.0) for y in YEARS]
            + [make.limit("gulf", "it_gw", "USA", y, 90.0) for y in YEARS],
            "power_options": [make.power_option(s.site, carbon_t_per_mwh=0.4) for s in sites],
            "rules": [make.rule("QUOTA", "cap_cumulative", quantity=90.0, measure="chips_million")],
            "regimes": [make.regime("QUOTA")],
        },
    )


def _promise(draft: _Draft, units: float, chip: str = "C1", year: int = 2028) -> tuple[str, str]:
    """Plant a take-or-pay contract."""
    rows = draft.tables["chip_supply"]
    place = next(k for k, row in enumerate(rows) if row.key_values == (chip, str(year)))
    rows[place] = make.supply(chip, during=str(year), units=4_000_000, minimum_units=units)
    return ("take_or_pay", chip)


def _unpromised(draft: _Draft, chip: str = "C1") -> Instance:
    return draft.without("chip_supply", lambda row: row.chip == chip, minimum_units=0)


def _require(draft: _Draft, h100e: float, year: int = 2028) -> tuple[str, str]:
    """Plant a need for compute, which holds when cost is minimised."""
    draft.settings["objective"] = "cost"
    draft.tables["required_compute"] = [make.required_compute(year, h100e)]
    return ("required_compute", "compute")


def _unrequired(draft: _Draft) -> Instance:
    return draft.without("required_compute", lambda row: True)


def _budget(draft: _Draft) -> Planted:
    top = _promise(draft, 1e6 * draft.dice.choice([1.5, 2.0, 2.5]))
    draft.tables["budgets"] = [make.budget(year=y, capital_busd=draft.dice.choice([2, 3, 4])) for y in YEARS]
    loose = draft.without("budgets", lambda row: True, capital_busd=900)
    return Planted(draft.instance(), (("budget", "global"), top), (loose, _unpromised(draft)))


def _headroom(draft: _Draft) -> Planted:
    top = _promise(draft, 1_500_000)
    draft.tables["grid_headroom"] = [make.headroom(year=2027, cumulative_mw=draft.dice.choice([300, 700]))]
    loose = draft.without("grid_headroom", lambda row: True)
    return Planted(draft.instance(), (("grid_headroom", "grid"), top), (loose, _unpromised(draft)))


def _slots(draft: _Draft) -> Planted:
    top = _promise(draft, 1_200_000)
    draft.tables["slots"] = [make.slots(year=y, mw=draft.dice.choice([100, 250])) for y in YEARS]
    loose = draft.without("slots", lambda row: True)
    return Planted(draft.instance(), (("slots", "turbine"), top), (loose, _unpromised(draft)))


def _supply(draft: _Draft) -> Planted:
    need = _require(draft, draft.dice.choice([3.0, 4.0]))
    short = [make.supply("C1", during=str(y), units=draft.dice.choice([300_000, 600_000])) for y in YEARS]
    draft.tables |= {"chips": [make.chip("C1")], "chip_prices": [make.price("C1")], "chip_supply": short}
    loose = draft.without("chip_supply", lambda row: True, units=9_000_000)
    return Planted(draft.instance(), (("chip_supply", "C1"), need), (loose, _unrequired(draft)))


def _carbon(draft: _Draft) -> Planted:
    need = _require(draft, draft.dice.choice([2.0, 3.0]))
    draft.tables["limits"] = [make.limit("air", "carbon_mt", "*", y, draft.dice.choice([1.0, 2.0])) for y in YEARS]
    return Planted(
        draft.instance(),
        (("carbon_mt", "air"), need),
        (draft.without("limits", lambda row: True), _unrequired(draft)),
    )


def _it_limit(draft: _Draft) -> Planted:
    need = _require(draft, draft.dice.choice([5.0, 6.0]))
    draft.tables["limits"] = [make.limit("gulf", "it_gw", "USA", y, 2.0) for y in YEARS]
    return Planted(
        draft.instance(), (("it_gw", "gulf"), need), (draft.without("limits", lambda row: True), _unrequired(draft))
    )


def _denial(draft: _Draft) -> Planted:
    top = _promise(draft, 1e5 * draft.dice.randint(2, 9))
    draft.tables["rules"].append(make.rule("NO-C1", chip_test="chip == 'C1'", destination="USA"))
    draft.tables["regimes"].append(make.regime("NO-C1"))
    loose = draft.without("regimes", lambda row: row.rule == "NO-C1")
    return Planted(draft.instance(), (("export_flow_cap", "NO-C1"), top), (loose, _unpromised(draft)))


def _stock_cap(draft: _Draft) -> Planted:
    top = _promise(draft, 1e6)
    cap = make.rule("CAP", "cap_stock", destination="USA", quantity=0.2, measure="h100e_million")
    draft.tables["rules"].append(cap)
    draft.tables["regimes"].append(make.regime("CAP"))
    loose = draft.without("regimes", lambda row: row.rule == "CAP")
    return Planted(draft.instance(), (("export_stock_cap", "CAP"), top), (loose, _unpromised(draft)))


def _exposure(draft: _Draft) -> Planted:
    need = _require(draft, 0.5)
    share = draft.dice.choice([0.3, 0.8])
    draft.tables["limits"] = [make.limit("lean", "capital_share", "USA", y, share) for y in YEARS]
    loose = draft.without("limits", lambda row: True)
    return Planted(draft.instance(), (("capital_share", "lean"), need), (loose, _unrequired(draft)))


def _power(draft: _Draft) -> Planted:
    top = _promise(draft, 2e6)
    draft.tables["sites"] = draft.tables["sites"][:1]
    draft.tables["power_options"] = [make.power_option("alpha", max_mw=draft.dice.choice([500, 900]))]
    loose = draft.without("power_options", lambda row: True, max_mw=90_000)
    return Planted(draft.instance(), (("max_mw", "alpha"), top), (loose, _unpromised(draft)))


def _room(draft: _Draft) -> Planted:
    draft.tables["sites"] = [make.site("alpha", country="USA", max_modules=draft.dice.choice([1, 2]))]
    draft.tables["power_options"] = [make.power_option("alpha")]
    top = _promise(draft, 2.6e6)
    loose = draft.without("sites", lambda row: True, max_modules=9)
    return Planted(draft.instance(), (("max_modules", "alpha"), top), (loose, _unpromised(draft)))


def _two_contracts(draft: _Draft) -> Planted:
    tops = (_promise(draft, 2e6, "C1"), _promise(draft, 2e6, "C2"))
    draft.tables["limits"] = [make.limit("gulf", "it_gw", "USA", y, 3.0) for y in YEARS]
    draft.tables["sites"] = [make.site("alpha", country="USA", max_modules=9)]
    draft.tables["power_options"] = [make.power_option("alpha")]
    loose = draft.without("limits", lambda row: True)
    return Planted(
        draft.instance(), (("it_gw", "gulf"), *tops), (loose, _unpromised(draft, "C1"), _unpromised(draft, "C2"))
    )


def _whole(draft: _Draft) -> Planted:
    """1.2 modules are needed and can be paid for; two cannot."""
    draft.tables["sites"] = [make.site("alpha", country="USA", max_modules=4)]
    draft.tables["power_options"] = [make.power_option("alpha")]
    top = _promise(draft, 1_200_000, year=2027)
    draft.tables["budgets"] = [make.budget(year=y, capital_busd=28) for y in YEARS]
    loose = draft.without("budgets", lambda row: True, capital_busd=900)
    return Planted(draft.instance(), (("budget", "global"), top), (loose, _unpromised(draft)), needs_whole_modules=True)


KINDS = (
    _budget, _headroom, _slots, _supply, _carbon, _it_limit, _denial, _stock_cap, _exposure, _power, _room,
    _two_contracts, _whole,
)  # fmt: skip


def planted(seed: int) -> Planted:
    """One planted conflict; seeds walk through all kinds."""
    return KINDS[seed % len(KINDS)](_draft(random.Random(seed)))
