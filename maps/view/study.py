"""What a study found over all its plans, as the page shows it: also plans that the page itself does not hold."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SiteSupport:
    """How many plans build on a site.

    Attributes
    ----------
    plans
        Plans that commit new modules there.
    earliest, latest
        Periods of the first new commitment, over those plans.
    """

    site: str
    plans: int
    earliest: str
    latest: str


@dataclass(frozen=True, slots=True)
class SwingView:
    """An assumption at its low and its high end; objectives and swing in the unit of the study.

    Attributes
    ----------
    swing, proven
        Best less worst of low, base and high, and the part that the bounds of the solves do not leave open.
    status_low, status_high
        Why there is no plan, where the objective is None.
    moves
        Sites that are built on at one end and not at the base, or the other way round.
    """

    assumption: str
    low: str
    high: str
    objective_low: float | None
    objective_high: float | None
    swing: float | None
    proven: float | None
    status_low: str
    status_high: str
    moves: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FrontierAxis:
    """An objective of a frontier, with its unit."""

    label: str
    more_is_better: bool


@dataclass(frozen=True, slots=True)
class FrontierPoint:
    """A plan that no other beats in every objective; values as the axes, bound in the unit of the first."""

    plan: str
    values: tuple[float, ...]
    bound: float | None


@dataclass(frozen=True, slots=True)
class SlackView:
    """How much worse than the best a plan may be: as a share of gross value, and as its least NPV [B USD]."""

    share: float
    least_npv_busd: float


@dataclass(frozen=True, slots=True)
class SiteStanding:
    """What becomes of a site in the plans that are good enough, for each slack of the study.

    Attributes
    ----------
    standings
        In words, as `optimizer.studies.alternatives.Standing`.
    certified
        Whether they are proven, or only seen in the plans found.
    """

    site: str
    standings: tuple[str, ...]
    certified: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class PriceView:
    """What a step of one limit is worth, as a price study found it.

    Attributes
    ----------
    family, name
        As in the limits table; all rules with a quantity are of the family ``rule``.
    value, least, most
        In `value_unit`, for the step; None where no limits are proven.
    per_unit
        In `unit`.
    known_by
        Whether it was re-solved, or how it was estimated.
    binding
        Dates at which the limit leaves nothing.
    """

    family: str
    name: str
    limit: str
    step: str
    value: float
    value_unit: str
    least: float | None
    most: float | None
    per_unit: float
    unit: str
    known_by: str
    binding: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StudyView:
    """Empty tuples where the study has no such part.

    Attributes
    ----------
    plans
        Plans that `robustness` counts over, one for each different instance of the study.
    objective
        What swings are measured in, with its unit.
    base
        Objective of the plan with nothing changed.
    slacks, standings
        Of alternatives: what is decided at each slack, the tightest first.
    prices
        What limits are worth, the dearest first.
    priced
        Title of the scenario whose limits they are; "" where there is one plan.
    """

    plans: int = 0
    robustness: tuple[SiteSupport, ...] = ()
    objective: str = ""
    base: float | None = None
    swings: tuple[SwingView, ...] = ()
    axes: tuple[FrontierAxis, ...] = ()
    frontier: tuple[FrontierPoint, ...] = ()
    slacks: tuple[SlackView, ...] = ()
    standings: tuple[SiteStanding, ...] = ()
    prices: tuple[PriceView, ...] = ()
    priced: str = ""
