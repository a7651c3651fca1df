"""Points of studies on exact power: modes are made for the plan found, as a solve makes them (SEMANTICS 12.15)."""

from __future__ import annotations

import threading

import pytest

from optimizer.instance.schema import PowerMethod
from optimizer.power import store as store_module
from optimizer.power.join import apply_changes
from optimizer.power.store import default_store
from optimizer.solve.exact_power import ExactPower, Searched, start_of
from optimizer.studies import live as live_module
from optimizer.studies.live import LiveModel
from optimizer.studies.points import Misfit, PointSolver
from optimizer.studies.site_solver import SiteSolver, builds
from tests import instances as make
from tests.power.exact import YEARS, Built, five_sites, limits
from tests.solving import solve_small
from tests.studies.frontiers import CARBON, NPV, frontier_of
from tests.studies.solving import point_solver
from tests.studies.test_exact_points import dispatched

#: Modes of the relaxation are few: those of the plan must be made for it.
ROUGH = 0.05
#: Of the searches, and of modes of a plan that no other plan of modules asks for.
GAP = 1e-5
SITES = ("alpha", "gamma")
CHANGES = ("fuel_prices[*,gas,*].price_usd_per_mwh *= 1.5", "slots[*].mw *= 0.6")


class WithoutModes:
    """Keeps weather, and no modes: those of earlier runs would hide that some are missing."""

    def __init__(self) -> None:
        self._store = default_store()

    def get(self, key):
        kept = self._store.get(key)
        return None if kept is not None and "mode" in kept else kept

    def put(self, key, arrays):
        if "mode" not in arrays:
            self._store.put(key, arrays)


@pytest.fixture(autouse=True, scope="module")
def _no_modes_are_kept():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(live_module, "default_store", WithoutModes)
        patch.setattr(store_module, "default_store", WithoutModes)
        yield


def two_sites(method="columns", **changes):
    whole = five_sites("static")
    return five_sites(
        method,
        sites=[site for site in whole.sites if site.site in SITES],
        site_power=[row for row in whole.site_power if row.site in SITES],
        technology_limits=[limit for limit in limits() if limit.site in SITES],
        settings=make.settings(
            finance={"discount_rate": 0.07},
            power={"average_load_share": 0.8, "method": method, "mode_gap": ROUGH},
            solver={"gap": 0.1 * GAP},
        ),
        **changes,
    )


def solved_apart(given):
    """The plan of a solve of its own, as `optimizer.run` searches it."""

    def search(instance, whole, seconds):
        solved = solve_small(instance)
        starts = start_of(solved.form, whole)
        assert all(len(start) == len(solved.form.cost) for start in starts)
        assert seconds > 0
        return Searched(instance, solved.model, solved.form, solved.solution)

    return ExactPower(given, WithoutModes(), lambda _: None, threading.Event()).search(search).solution.incumbent


@pytest.fixture(scope="module")
def by_hours():
    return solve_small(apply_changes(two_sites("embedded"), CHANGES)).objective


def test_a_point_is_worth_what_a_solve_of_the_same_instance_finds(by_hours):
    """So is one that other points were solved before, on modes that these asked for."""
    told = []
    solver = PointSolver(threads=1, seed=1, stop=threading.Event(), observer=lambda event: told.append(event.message))
    first = solver.solve(two_sites())
    changed = apply_changes(two_sites(), CHANGES)
    point = solver.solve(changed)
    assert point.instance.settings.power.method is PowerMethod.COLUMNS
    assert point.objective == pytest.approx(solved_apart(changed), rel=GAP)
    assert point.objective == pytest.approx(by_hours, rel=GAP)
    assert point.npv_busd == pytest.approx(point.objective, abs=1e-9)
    assert point.manifest["audit"]["ok"]
    assert sum("modules fixed" in message for message in told) > 2
    assert first.objective == pytest.approx(solved_apart(two_sites()), rel=GAP)


def test_without_modes_of_the_plan_a_point_is_worth_less(monkeypatch, by_hours):
    """So that the test above can fail."""
    make_modes = LiveModel.make_modes

    def of_relaxations(live, seconds, observer, *, fixed=None):
        return make_modes(live, seconds, observer) if fixed is None else None

    monkeypatch.setattr(LiveModel, "make_modes", of_relaxations)
    alone = point_solver().solve(apply_changes(two_sites(), CHANGES))
    assert alone.objective < by_hours * (1 - 20 * GAP)


def test_building_decisions_of_another_point_run_in_the_modes_that_they_ask_for():
    """What is adopted, and what it earns with its building held, is what hours within the model say of it."""
    given = two_sites()
    build = {("alpha", "2027"): 1, ("gamma", "2028"): 2}
    adopted = point_solver().adopt(given, build, bound=1e3, misfit=Misfit.REFUSE)
    assert adopted is not None
    assert adopted.build == build
    held = point_solver().solve_fixed(given, build)
    solver = point_solver()
    solver.prepare(two_sites("embedded"))
    by_hour = Built.of(two_sites("embedded")).optimum(solver.start_from(build)[solver.live.form.integer]).objective
    assert adopted.objective == pytest.approx(by_hour, rel=GAP)
    assert held.objective == pytest.approx(by_hour, rel=GAP)
    relaxed = Built.of(two_sites("embedded")).optimum().objective
    assert adopted.objective <= adopted.bound <= relaxed * (1 + GAP)
    assert adopted.status == "feasible"


def test_a_site_stays_forced_in_models_with_more_modes():
    """Modes made for a point ask for a new model; what a study holds must hold there too."""
    small = two_sites(demand=[make.demand(year=year, quantity_h100e_million=0.3, price_usd_per_h100e_hour=2.5)
                              for year in YEARS])  # fmt: skip
    given = apply_changes(small, ["power.mode_gap = 1e-6"])
    free = point_solver().solve(given)
    (other,) = [site for site in SITES if not builds(free, site)]
    solver = point_solver()
    forced = SiteSolver(solver, other).forced(given)
    assert len(solver.live.instance.dispatch_modes) > len(given.dispatch_modes)
    assert builds(forced, other)
    assert forced.objective < free.objective - 0.01
    assert solver.solve(given).objective == pytest.approx(free.objective, rel=GAP)
    assert not solver.live.form.lower[solver.live.columns_by_site[other].modules].any()


def test_a_frontier_on_modes_begins_at_the_best_plan_and_passes_its_audits(tmp_path):
    """Its measures refer to columns of one model: the modes of the best plan are made before, and no more after."""
    one = apply_changes(dispatched("columns"), [f"power.mode_gap = {ROUGH}", "solver.gap = 0.0001"])
    study = frontier_of(one, tmp_path, NPV, CARBON, points=2)
    best = max(point.value(NPV) for point in study.points)
    assert best == pytest.approx(point_solver().solve(one).objective, rel=1e-4)
    assert len({point.value(CARBON) for point in study.points}) > 1
    assert min(point.value(CARBON) for point in study.points) < 0.9 * max(point.value(CARBON) for point in study.points)
