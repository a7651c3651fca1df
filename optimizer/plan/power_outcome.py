"""Tables about the power of a plan that follow from others, what the manifest says of it, and what to be warned of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from optimizer.instance.instance import Instance
from optimizer.instance.schema import LimitKind
from optimizer.instance.scopes import where_words
from optimizer.plan.full_year import MISSING, TOLERANCE, FullYearCheck, check_full_years
from optimizer.plan.power_report import Energisation, PowerReport, PowerSource, PowerYear
from optimizer.plan.reader import read_table
from optimizer.plan.tables import LimitUse, PlanTables
from optimizer.plan.writer import write_table
from optimizer.power.store import default_store

#: File of the full years, relative to the result folder; only plans with computed power have it.
FULL_YEAR = "full_year.csv"
#: Families of limits on power, and on the water that it and cooling take.
POWER_LIMITS = ("slots", "grid_headroom", "technology_limits", "site_carbon", "gas_gw", "water_million_m3")


@dataclass(frozen=True)
class PowerBinding:
    """A limit that leaves nothing in a year.

    Attributes
    ----------
    where
        Grid region or basin of a row of limits.csv, for people; "" otherwise.
    """

    family: str
    name: str
    where: str
    year: str


@dataclass(frozen=True)
class PowerOutcome:
    """Power of a plan.

    Attributes
    ----------
    full_year
        Of computed sites only.
    binding
        What binds, and when.
    """

    mix: tuple[PowerSource, ...]
    years: tuple[PowerYear, ...]
    energisations: tuple[Energisation, ...]
    full_year: tuple[FullYearCheck, ...]
    binding: tuple[PowerBinding, ...]

    @classmethod
    def of(cls, instance: Instance, tables: PlanTables) -> PowerOutcome:
        """Work out the power of an audited plan; dispatches computed sites over every hour of each year."""
        checks = check_full_years(instance, tables, store=default_store()) if instance.site_power else ()
        full_year = tuple(checks)
        return cls.checked(instance, tables, full_year)

    @classmethod
    def checked(cls, instance: Instance, tables: PlanTables, full_year: tuple[FullYearCheck, ...]) -> PowerOutcome:
        """The same of a plan whose full years are known (`read_full_year`); dispatches nothing."""
        report = PowerReport(instance, tables)
        binding = tuple(
            PowerBinding(row.family, row.name, _where(instance, row), row.when)
            for row in tables.limits
            if row.family in POWER_LIMITS and row.binding
        )
        return cls(tuple(report.mix()), tuple(report.years()), tuple(report.energisations()), full_year, binding)

    def write(self, folder: Path) -> None:
        """Write the tables; `full_year.csv` only where power was computed."""
        write_table(folder / "power_mix.csv", PowerSource, self.mix)
        write_table(folder / "power_years.csv", PowerYear, self.years)
        write_table(folder / "energisation.csv", Energisation, self.energisations)
        if self.full_year:
            write_table(folder / FULL_YEAR, FullYearCheck, self.full_year)

    def as_dict(self) -> dict[str, Any]:
        """What the manifest says: averages over the plan by energy, bridges, what binds, and the check of the year."""
        energy = sum(row.energy_twh for row in self.years)

        def average(column: str) -> float:
            weighted = sum(getattr(row, column) * row.energy_twh for row in self.years)
            return weighted / energy if energy > 0 else 0.0

        bridged = [row for row in self.energisations if row.months_gained > 0]
        return {
            "energy_twh": energy,
            "mix_twh": self._mix(),
            "delivered_usd_per_mwh": average("delivered_usd_per_mwh"),
            "carbon_t_per_mwh": average("carbon_t_per_mwh"),
            "clean_share": average("clean_share"),
            "cut_twh": sum(row.cut_twh for row in self.years),
            "most_cut_hours": max((row.cut_hours for row in self.years), default=0.0),
            "bridged_sites": len(bridged),
            "months_gained": sum(row.months_gained for row in bridged),
            "binding": self._binding(),
            "full_year": self._full_year(),
        }

    def warnings(self) -> Iterator[str]:
        """Sites and years that the hours of the year contradict, one line each."""
        for row in self.full_year:
            found = []
            if abs(row.cost_difference_share) > TOLERANCE:
                word = "dearer" if row.cost_difference_share > 0 else "cheaper"
                found.append(
                    f"every hour of the year makes power {abs(row.cost_difference_share):.1%} {word} than planned"
                )
            if row.unserved_twh > MISSING * row.energy_twh:
                share = row.unserved_twh / row.energy_twh
                found.append(f"{share:.2%} of the energy is missing in some hours of the year")
            if found:
                yield f"{row.site} {row.year}: {', and '.join(found)}"

    def _mix(self) -> Mapping[str, float]:
        total: dict[str, float] = defaultdict(float)
        for row in self.mix:
            total[row.source] += row.energy_twh
        return dict(sorted(total.items(), key=lambda item: -item[1]))

    def _binding(self) -> list[dict[str, Any]]:
        when: dict[tuple[str, str, str], list[str]] = defaultdict(list)
        for row in self.binding:
            when[row.family, row.name, row.where].append(row.year)
        return [
            {"family": family, "name": name, "where": where, "years": years}
            for (family, name, where), years in when.items()
        ]

    def _full_year(self) -> dict[str, Any] | None:
        if not self.full_year:
            return None
        rows = self.full_year
        return {
            "sites": len({row.site for row in rows}),
            "energy_share": sum(row.energy_twh for row in rows) / sum(row.energy_twh for row in self.years),
            "tolerance": TOLERANCE,
            "unserved_twh": sum(row.unserved_twh for row in rows),
            "cost_difference_busd": sum(row.cost_difference_busd for row in rows),
            "most_dearer_share": max(row.cost_difference_share for row in rows),
            "most_cheaper_share": -min(row.cost_difference_share for row in rows),
            "carbon_difference_mt": sum(row.carbon_difference_mt for row in rows),
            "warnings": list(self.warnings()),
        }


def _where(instance: Instance, row: LimitUse) -> str:
    return where_words(instance.limits, row.name) if row.family in set(LimitKind) else ""


def read_full_year(folder: Path) -> tuple[FullYearCheck, ...]:
    """Read ``full_year.csv`` of a result folder; nothing if it has none.

    Raises
    ------
    PlanReadError
        If the table cannot be read.
    """
    path = folder / FULL_YEAR
    return read_table(path, FullYearCheck) if path.is_file() else ()
