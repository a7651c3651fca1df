"""Reads the fact tables and gives them names."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeAlias

Record: TypeAlias = Mapping[str, str]

#: Long citations of the fact tables, and the short names that README.md resolves.
_SHORT_CITATIONS = (
    ("Epoch AI Frontier Data Centers CSV (early-Sep-2026 copy)", "Epoch AI Frontier Data Centers, Sep 2026 (CC-BY)"),
    ("coords: Epoch AI", "coordinates Epoch AI Dec 2025"),
    ("GridTilt clusters.json", "GridTilt clusters 2026"),
    ("OpenObservatory data/", "OpenObservatory 2026"),
    ("Epoch AI ML Hardware", "Epoch AI ML Hardware, Apr 2026"),
    ("PyPSA/technology-data outputs/US", "NREL ATB 2024 via PyPSA technology-data"),
    ("PyPSA/technology-data", "Danish Energy Agency via PyPSA technology-data"),
)


def short_citation(text: str, limit: int = 150) -> str:
    """Citation with the long file paths of the fact tables replaced by short names."""
    parts = []
    for part in text.split(" | "):
        for start, short in _SHORT_CITATIONS:
            if part.strip().startswith(start):
                parts.append(short)
                break
        else:
            parts.append(part.strip())
    return "; ".join(dict.fromkeys(parts))[:limit].strip()


def read_csv(path: Path) -> tuple[Record, ...]:
    """Rows of a CSV file as text."""
    with path.open(encoding="utf-8", newline="") as stream:
        return tuple(csv.DictReader(stream))


@dataclass(frozen=True)
class Region:
    """A row of energy_wide.csv.

    Powers are in GW, prices in USD/MWh and USD/MMBtu, carbon in t/MWh, lead times in months.
    A value is None where the facts have none.
    """

    region: str
    name: str
    country: str
    price: float
    carbon: float
    lead_min: int
    lead_typical: int
    headroom_gw: float | None
    headroom_year: int | None
    gas_price: float | None
    solar_cf: float
    wind_cf: float
    water_stress: str
    mean_temperature_c: float
    design_temperature_c: float
    pue: float
    confidence: str


def _optional(text: str) -> float | None:
    return float(text) if text else None


def _region(row: Record) -> Region:
    year = _optional(row["headroom_year"])
    return Region(
        region=row["region_id"],
        name=row["region_name"],
        country=row["country_iso3"],
        price=float(row["elec_price_usd_mwh"]),
        carbon=(float(row["ci_2030"]) + float(row["ci_2035"])) / 2e3,
        lead_min=int(row["lead_min_mo"]),
        lead_typical=int(row["lead_typ_mo"]),
        headroom_gw=_optional(row["headroom_gw"]),
        headroom_year=None if year is None else int(year),
        gas_price=_optional(row["gas_usd_mmbtu"]),
        solar_cf=float(row["solar_cf"]),
        wind_cf=float(row["wind_cf"]),
        water_stress=row["water_stress"],
        mean_temperature_c=float(row["t_mean_c"]),
        design_temperature_c=float(row["t_design_c"]),
        pue=float(row["pue"]),
        confidence=row["overall_confidence"],
    )


@dataclass(frozen=True)
class Facts:
    """Every fact table, by name."""

    folder: Path

    @cached_property
    def sites(self) -> Mapping[str, Record]:
        """Campuses by identifier."""
        return {row["site_id"]: row for row in read_csv(self.folder / "sites.csv")}

    @cached_property
    def regions(self) -> Mapping[str, Region]:
        """Balancing areas; Uzbekistan has none and borrows Kazakhstan's numbers."""
        found = {row["region_id"]: _region(row) for row in read_csv(self.folder / "energy_wide.csv")}
        borrowed = found["KZ"].__dict__ | {
            "region": "UZ",
            "name": "Uzbekistan (figures of Kazakhstan)",
            "country": "UZB",
        }
        return found | {"UZ": Region(**borrowed)}

    @cached_property
    def chips(self) -> Mapping[str, Record]:
        """Accelerators by name."""
        return {row["name"]: row for row in read_csv(self.folder / "chips.csv")}

    @cached_property
    def groups(self) -> tuple[Record, ...]:
        """Places and their export-control groups."""
        return read_csv(self.folder / "country_groups.csv")

    @cached_property
    def _costs(self) -> Mapping[tuple[str, str], Record]:
        rows = read_csv(self.folder / "costs.csv")
        return {(f"{row['category']}.{row['parameter']}", row["geography"]): row for row in rows}

    def cost(self, parameter: str, geography: str) -> float:
        """Value of costs.csv, e.g. ``cost('tax.virginia_dc_power_tax', 'USA-VA')``; NaN where there is none."""
        row = self._costs.get((parameter, geography))
        return float(row["value"]) if row else math.nan

    @cached_property
    def _technologies(self) -> Mapping[tuple[str, str, str], float]:
        rows = read_csv(self.folder / "technologies.csv")
        return {(row["technology"], row["parameter"], row["date"]): float(row["value"]) for row in rows if row["value"]}

    def technology(self, technology: str, parameter: str, date: str = "2030") -> float:
        """Value of technologies.csv for a date given there."""
        return self._technologies[technology, parameter, date]

    @cached_property
    def supply(self) -> tuple[Record, ...]:
        """Unit supply facts and planning curves."""
        return read_csv(self.folder / "supply.csv")
