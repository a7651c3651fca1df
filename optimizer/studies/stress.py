"""A stress test of regimes: the same instance under each set of export rules, side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from optimizer.instance import load_instance
from optimizer.instance.instance import NO_REGIME, Instance
from optimizer.plan.reader import read_plan
from optimizer.studies.regime_outcome import RegimeOutcome
from optimizer.studies.store import PointRecord
from optimizer.studies.sweep import SweepOutcome
from optimizer.studies.sweep_file import Axis, SweepFile, SweepSettings
from optimizer.studies.sweep_points import Sweep, make_sweep

KNOB: Final = "policy.regime"
#: Axis of the study's points.
AXIS: Final = "regime"


@dataclass(frozen=True)
class StressCase:
    """One regime of a stress test.

    Attributes
    ----------
    outcome
        None if there is no plan.
    """

    regime: str
    key: str
    record: PointRecord
    outcome: RegimeOutcome | None


@dataclass(frozen=True)
class Stress:
    """A finished stress test; the first case is what the others are held against."""

    sweep: SweepOutcome
    cases: tuple[StressCase, ...]

    @property
    def instance(self) -> Instance:
        """The instance as it stands."""
        return self.sweep.sweep.instance

    @property
    def reference(self) -> StressCase:
        """What other regimes are held against."""
        return self.cases[0]

    @property
    def solved(self) -> tuple[tuple[StressCase, RegimeOutcome], ...]:
        """Cases that have a plan."""
        return tuple((case, case.outcome) for case in self.cases if case.outcome is not None)


def regimes_of(instance: Instance) -> tuple[str, ...]:
    """Every regime of an instance, the active one first and the empty one last."""
    active = instance.settings.policy.regime
    named = dict.fromkeys(row.regime for row in instance.regimes)
    return tuple(dict.fromkeys((active, *named, NO_REGIME)))


def make_stress(instance: Instance, regimes: Sequence[str] = ()) -> Sweep:
    """Points of a stress test.

    Parameters
    ----------
    regimes
        Regimes in the order of the tables, the reference first; every one of the instance if empty.

    Raises
    ------
    InstanceError
        If there is no such regime, or an instance under one does not stand.
    """
    chosen = tuple(dict.fromkeys(regimes)) or regimes_of(instance)
    title = f"{instance.settings.title or instance.name}: regimes of export control"
    axis = Axis(knob=KNOB, values=chosen, name=AXIS)
    return make_sweep(instance, SweepFile(SweepSettings(title=title, axes=(axis,))))


def read_stress(outcome: SweepOutcome) -> Stress:
    """Read the plans of a finished sweep over regimes."""
    cases = []
    for point in outcome.sweep.points:
        record = outcome.record(point)
        found = None
        if record.has_plan:
            folder = outcome.folder / "points" / point.key
            found = RegimeOutcome.of(load_instance(folder / "instance"), read_plan(folder))
        cases.append(StressCase(str(point.position.turns[0].value), point.key, record, found))
    return Stress(outcome, tuple(cases))


def by_bloc(case: RegimeOutcome, amount: Callable[[RegimeOutcome], Mapping[str, float]]) -> dict[str, float]:
    """Sum amounts by country into blocs."""
    total: dict[str, float] = {}
    for country, value in amount(case).items():
        bloc = case.bloc(country)
        total[bloc] = total.get(bloc, 0.0) + value
    return total
