"""instance.toml: name, calendar, finance, policy, model switches, solver and scenarios."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from optimizer.instance.schema.base import Identifier, Month, NonNegative, Period, Positive, Share


class Section(BaseModel):
    """A table of instance.toml: frozen, and closed to unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)


class Objective(StrEnum):
    """What the plan is best at."""

    NPV = "npv"
    COMPUTE = "compute"
    COST = "cost"


class PeriodBlock(Section):
    """A run of periods of equal length."""

    months: Literal[1, 3, 6, 12]
    count: int = Field(ge=1, le=400)


class CalendarSettings(Section):
    """The plan's time grid."""

    start: Month
    periods: tuple[PeriodBlock, ...] = Field(min_length=1)
    decision_every_months: Literal[1, 3, 6, 12] = 6


class FinanceSettings(Section):
    """How money at different dates is compared and carried."""

    discount_rate: Annotated[float, Field(ge=0, lt=1)] = Field(
        description="per year, on all cash; a period's cash falls in its middle"
    )
    carry_over_share: Share = Field(
        default=1.0, description="share of a year's unspent budget that may be spent in the next"
    )
    shell_life_years: Positive = Field(default=20, description="straight-line life of modules and opening cost")
    terminal_value: bool = Field(default=True, description="count what is left of shells, power and chips at the end")


class PowerMethod(StrEnum):
    """How the power of sites in site_power.csv is computed."""

    AUTO = "auto"
    STATIC = "static"
    COLUMNS = "columns"
    EMBEDDED = "embedded"

    @property
    def is_exact(self) -> bool:
        """Whether technologies are options of their own, dispatched hour by hour."""
        return self in (PowerMethod.COLUMNS, PowerMethod.EMBEDDED)


class PowerSettings(Section):
    """How IT load becomes facility energy."""

    average_load_share: float = Field(default=0.8, gt=0, le=1, description="average over installed IT power")
    method: PowerMethod = Field(
        default=PowerMethod.AUTO,
        description="of computed sites: static mixes (conservative), columns or embedded (exact), or auto by size",
    )
    mode_gap: Annotated[float, Field(ge=0, lt=1)] = Field(
        default=1e-4, description="columns: most that dispatch modes not made yet may add to the relaxation"
    )
    typical_days: int = Field(
        default=3, ge=1, le=100, description="typical days of a year, beside the extreme ones; more cost time, err less"
    )
    refine_all_days: bool = Field(
        default=False,
        description="refine days of every computed site with plans for a year, not only where cuts, clean hours or "
        "weather alone make plans hinge on the hardest hours",
    )
    portfolios_per_site: int = Field(
        default=6, ge=1, le=1000, description="most static portfolios of a computed site that become options"
    )


class PolicySettings(Section):
    """Which rules hold."""

    regime: Identifier = Field(default="none", description="regime of regimes.csv, or 'none'")
    minimum_licence_probability: Share = Field(
        default=0.5, description="licences without a quantity count as granted from this probability on"
    )


class ModelSettings(Section):
    """Features that cost solve time and can be switched."""

    early_retirement: bool = Field(default=False, description="chips may be sold before the end of their life")
    chip_carry_months: int = Field(
        default=6, ge=0, le=120, description="months of output that a vendor may hold unsold"
    )
    minimum_operating_months: int = Field(
        default=0, ge=0, description="no module that runs shorter than this within the plan"
    )
    integer_modules: bool = Field(default=True, description="false: modules may be fractions (screening)")
    integer_until: Period | None = Field(
        default=None, description="modules on line after this period may be fractions (SEMANTICS 2.9)"
    )

    @property
    def all_modules_whole(self) -> bool:
        """Whether no module of any date may be a fraction."""
        return self.integer_modules and self.integer_until is None

    def is_whole(self, online_from: int) -> bool:
        """Whether modules that come on line in the period that starts in a month must be whole (SEMANTICS 2.9)."""
        return self.integer_modules and (self.integer_until is None or online_from < self.integer_until.end)


class SolverSettings(Section):
    """When to stop."""

    gap: Annotated[float, Field(ge=0, lt=1)] = 0.01
    gap_busd: NonNegative = Field(default=0.0, description="absolute gap that also counts as solved")
    time_limit_seconds: Positive = 120
    threads: int = Field(default=2, ge=1)
    seed: int = Field(default=1, ge=0)
    deterministic: bool = Field(
        default=False, description="the same plan every time: time_limit_seconds then limits work, and not time"
    )


class ChecksSettings(Section):
    """Plausibility checks that the author of the instance answers for."""

    accept: tuple[str, ...] = Field(
        default=(), description="codes of the kinds L and M that shall be warnings instead of errors"
    )


class Scenario(Section):
    """A named set of changes, each written as `knob = value`, `knob += value` or `knob *= value`."""

    description: str = ""
    changes: tuple[str, ...]


class Settings(Section):
    """All of instance.toml."""

    schema_version: Literal[1]
    name: Identifier
    title: str = ""
    objective: Objective = Objective.NPV
    calendar: CalendarSettings
    finance: FinanceSettings
    power: PowerSettings = PowerSettings()
    policy: PolicySettings = PolicySettings()
    model: ModelSettings = ModelSettings()
    solver: SolverSettings = SolverSettings()
    checks: ChecksSettings = ChecksSettings()
    scenarios: dict[str, Scenario] = Field(default_factory=dict)
