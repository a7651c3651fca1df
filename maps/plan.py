"""A plan with all that stands in its result folder, for scripts and notebooks."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from maps.view import MapPlan, plan_view
from optimizer.instance.instance import Instance
from optimizer.plan.tables import PlanTables

if TYPE_CHECKING:
    from optimizer.plan.full_year import FullYearCheck
    from optimizer.plan.power_outcome import PowerOutcome

_NOTEBOOK_ROWS = 12


@dataclass(frozen=True)
class Plan:
    """A plan, its instance and its manifest; what every drawing function takes.

    Attributes
    ----------
    manifest
        Contents of ``manifest.json``.
    full_year
        Computed power over every hour of the years; empty for plans without computed power.
    """

    instance: Instance
    tables: PlanTables
    manifest: Mapping[str, Any]
    full_year: tuple[FullYearCheck, ...] = ()

    @classmethod
    def open(cls, folder: Path | str) -> Plan:
        """Read a result folder.

        Raises
        ------
        OSError, ValueError
            If the manifest, any table or the snapshot of the instance cannot be read.
        """
        from optimizer.instance import load_instance
        from optimizer.plan.power_outcome import read_full_year
        from optimizer.plan.reader import read_plan

        folder = Path(folder)
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        if not isinstance(manifest, dict):
            msg = f"'{folder / 'manifest.json'}' is not a manifest: expected a JSON object"
            raise ValueError(msg)
        return cls(load_instance(folder / "instance"), read_plan(folder), manifest, read_full_year(folder))

    @cached_property
    def view(self) -> MapPlan:
        """The plan as the maps show it."""
        return plan_view(self.instance, self.tables, self.manifest, self.full_year)

    @cached_property
    def power(self) -> PowerOutcome:
        """The tables about power that follow from the plan."""
        from optimizer.plan.power_outcome import PowerOutcome

        return PowerOutcome.checked(self.instance, self.tables, self.full_year)

    def _repr_html_(self) -> str:
        """Headline and largest campuses as plain markup: no script, no picture, all text escaped."""
        from maps.words import gigawatts, headline_facts

        view = self.view
        facts = "".join(
            f"<tr><th>{html.escape(name)}</th><td>{html.escape(value)}</td></tr>"
            for name, value in headline_facts(view, self.manifest)
        )
        largest = sorted(view.sites, key=lambda site: (-site.online_gw[-1], site.site))[:_NOTEBOOK_ROWS]
        rows = "".join(
            "<tr>"
            + "".join(
                f"<td>{html.escape(text)}</td>"
                for text in (
                    site.name,
                    site.country_name,
                    site.first_energised or "not chosen",
                    f"{gigawatts(site.online_gw[-1])} GW",
                    f"{site.capital_busd:,.1f} B USD",
                )
            )
            + "</tr>"
            for site in largest
        )
        heads = ("Campus", "Country", "First on line", f"IT on line, end of {view.years[-1]}", "Capital")
        header = "".join(f"<th>{head}</th>" for head in heads)
        return (
            f"<h4>{html.escape(view.title)}</h4><table>{facts}</table>"
            f"<table><thead><tr>{header}</tr></thead><tbody>{rows}</tbody></table>"
            f"<p>The {len(largest)} largest of {len(view.sites)} sites.</p>"
        )  # fmt: skip


AnyPlan = MapPlan | Plan


def as_view(plan: AnyPlan) -> MapPlan:
    """The plan as the maps show it."""
    return plan.view if isinstance(plan, Plan) else plan
