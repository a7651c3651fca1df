"""One self-contained HTML page of a plan, or of several to switch between.

It makes no request, needs no WebGL, and runs only the script whose hash it names.
"""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import html
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Final

from maps import names
from maps.basemap import label_points
from maps.packing import packed
from maps.page_basemap import user_basemap, web_basemap
from maps.regions import REGIONS
from maps.scenarios import Scenario, scenario_keys
from maps.view import MapPlan
from maps.view.model import Constraint, Series, SiteAccount, SiteView, Yearly
from maps.view.study import StudyView
from maps.view.supply import DeliveredPower, SiteSupply, YearlyKnown

if TYPE_CHECKING:
    from maps.static.basemap import UserBasemap

#: Digits kept of numbers that are only shown, with three digits; those of the CSV files keep more.
_SHOWN_DIGITS: Final = 6


@dataclass(frozen=True, slots=True)
class _Entry:
    """A scenario as the viewer reads it."""

    key: str
    title: str
    changes: tuple[str, ...]
    plan: MapPlan


def write_page(plan: MapPlan, path: Path | str) -> Path:
    """Write the page of one plan; an existing file is replaced."""
    return write_scenario_page([Scenario("", plan)], path)


def write_scenario_page(
    scenarios: Sequence[Scenario],
    path: Path | str,
    *,
    title: str = "",
    note: str = "",
    study: StudyView | None = None,
    basemap: UserBasemap | None = None,
) -> Path:
    """Write one page of several plans, which it switches between and compares; an existing file is replaced.

    Parameters
    ----------
    scenarios
        At least one; the page opens on the first.
    title
        Heading of the page; that of the first plan if empty.
    note
        Sentence for the foot of the page, e.g. which plans were left out.
    study
        What a study found over all its plans; each part that it has becomes a tab.
    basemap
        Land and borders to draw instead of Natural Earth.
    """
    path = Path(path)
    text = scenario_page_html(scenarios, title=title, note=note, study=study, basemap=basemap)
    path.write_text(text, encoding="utf-8")
    return path


def page_html(plan: MapPlan) -> str:
    """The page of one plan as text."""
    return scenario_page_html([Scenario("", plan)])


def scenario_page_html(
    scenarios: Sequence[Scenario],
    *,
    title: str = "",
    note: str = "",
    study: StudyView | None = None,
    basemap: UserBasemap | None = None,
) -> str:
    """The page of several plans as text; parameters as of `write_scenario_page`.

    All data stand in JSON blocks, which browsers do not execute, with every ``<`` escaped; the viewer puts them on
    the page as text only. The content security policy admits the one script and the one style sheet by hash.
    """
    folder = files(__package__) / "viewer"
    script = (folder / "viewer.bundle.js").read_text(encoding="utf-8")
    style = (folder / "style.css").read_text(encoding="utf-8")
    policy = (
        f"default-src 'none'; script-src {_hash(script)}; style-src {_hash(style)}; "
        "img-src data: blob:; base-uri 'none'; form-action 'none'"
    )
    heading = title or scenarios[0].plan.title
    parts = {
        "__POLICY__": policy,
        "__TITLE__": html.escape(f"{heading} · plan"),
        "__STYLE__": style,
        "__PLAN__": inert_json(_payload(scenarios, heading, note, study or StudyView(), basemap)),
        "__BASEMAP__": inert_json(web_basemap() if basemap is None else user_basemap(basemap)),
        "__LICENCES__": inert_json((folder / "THIRD_PARTY_LICENSES.txt").read_text(encoding="utf-8")),
        "__SCRIPT__": script,
    }
    shell = (folder / "shell.html").read_text(encoding="utf-8")
    # One pass, so that a marker inside the data is not replaced in its turn.
    return re.sub("|".join(parts), lambda found: parts[found[0]], shell)


def slimmed(plan: MapPlan) -> MapPlan:
    """The plan with fewer digits of what each campus only shows: a page of many plans is mostly that."""
    return dataclasses.replace(
        plan, sites=tuple(map(_slim_site, plan.sites)), constraints=tuple(map(_slim_constraint, plan.constraints))
    )


def _slim_constraint(constraint: Constraint) -> Constraint:
    years = (
        dataclasses.replace(
            year,
            used=_short(year.used),
            limit=_short(year.limit),
            slack=_short(year.slack),
            share=None if year.share is None else _short(year.share),
        )
        for year in constraint.years
    )
    return dataclasses.replace(constraint, years=tuple(years))


def _slim_site(site: SiteView) -> SiteView:
    account = site.account
    return dataclasses.replace(
        site,
        chips_working_million=_slim_series(site.chips_working_million),
        energy_twh=_slim_series(site.energy_twh),
        power_gw=_slim_series(site.power_gw),
        supply=site.supply and _slim_supply(site.supply),
        account=account
        and SiteAccount(
            _slim(account.present_busd),
            _slim_series(account.yearly_busd),
            account.value_busd,
            account.revenue_usd_per_h100e_hour,
            account.cost_usd_per_h100e_hour,
        ),
    )


def _slim_supply(supply: SiteSupply) -> SiteSupply:
    delivered = supply.delivered
    return dataclasses.replace(
        supply,
        delivered=DeliveredPower(
            _slim_known(delivered.usd_per_mwh),
            _slim_known(delivered.carbon_t_per_mwh),
            _slim_known(delivered.clean_share),
        ),
        interrupted_hours=_slim_known(supply.interrupted_hours),
        cut_hours=_slim_known(supply.cut_hours),
    )


def _slim_known(values: YearlyKnown) -> YearlyKnown:
    return tuple(None if value is None else _short(value) for value in values)


def _slim_series(series: tuple[Series, ...]) -> tuple[Series, ...]:
    return tuple(Series(one.key, one.label, _slim(one.values)) for one in series)


def _slim(values: Yearly) -> Yearly:
    return tuple(map(_short, values))


def _short(value: float) -> float:
    return float(f"{value:.{_SHOWN_DIGITS}g}")


def inert_json(value: object) -> str:
    """JSON that cannot end the script block it stands in, nor break a line where JavaScript sees one."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _payload(
    scenarios: Sequence[Scenario], title: str, note: str, study: StudyView, basemap: UserBasemap | None
) -> dict[str, object]:
    """The plans, with the words, colours and regions that the viewer shares with the static map."""
    keys = scenario_keys(scenario.title for scenario in scenarios)
    entries = tuple(
        _Entry(key, scenario.title, scenario.changes, slimmed(scenario.plan))
        for key, scenario in zip(keys, scenarios, strict=True)
    )
    return {
        "title": title,
        "note": note,
        "palette": {
            "power": names.POWER_KINDS,
            "sources": tuple((kind, colour, hatched) for kind, _, colour, hatched in names.POWER_SOURCES),
            "cash": names.CASH_CATEGORIES,
            "families": names.FAMILIES,
            "noPower": names.NO_POWER_COLOUR,
        },
        "regions": [{**dataclasses.asdict(region), "world": region.is_world} for region in REGIONS],
        "places": label_points({chip.design_country for entry in entries for chip in entry.plan.chips}),
        "boundary_note": f"{names.BOUNDARY_NOTE} Basemap: Natural Earth." if basemap is None else basemap.note,
        "scenarios": packed(entries),
        "study": packed(study),
    }
