"""Sites with geometry, for QGIS and other desktop tools."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from maps.geodata_style import qml

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from maps.plan import AnyPlan
    from maps.view import MapPlan, SiteView

SUFFIXES = (".gpkg", ".geojson")
#: Of the format: nothing in it needs a later one, of which GDAL before 3.7 warns.
_GEOPACKAGE_VERSION = "1.2"

#: The table that QGIS looks for styles in.
_STYLES_TABLE = """
CREATE TABLE layer_styles (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256), f_table_schema TEXT(256),
    f_table_name TEXT(256), f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT,
    useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30),
    update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now'))
)"""


def geodata(plan: AnyPlan, path: Path | str) -> Path:
    """Write the sites as GeoPackage or GeoJSON, as the suffix says; an existing file is replaced.

    Raises
    ------
    ValueError
        If the suffix is another.
    """
    path = Path(path)
    if path.suffix not in SUFFIXES:
        msg = f"geodata end in {' or '.join(SUFFIXES)}, not '{path.suffix}'"
        raise ValueError(msg)
    return write_geopackage(plan, path) if path.suffix == ".gpkg" else write_geojson(plan, path)


def write_geopackage(plan: AnyPlan, path: Path | str) -> Path:
    """Write points in longitude and latitude: layers ``sites`` and ``site_years``, each with a style for QGIS.

    Fields carry their unit. In ``sites``, ``online_gw_2031`` and ``committed_gw_2031`` hold the GW of IT capacity at
    the end of that year, of which ``committed`` are facts. ``site_years`` has a row for each campus and year with
    capacity on line, with dates for the temporal controller. An existing file is replaced.
    """
    import geopandas as gpd

    from maps.plan import as_view

    view, path = as_view(plan), Path(path)
    path.unlink(missing_ok=True)
    for name, rows, sites in (
        ("sites", [_fields(site, view.years) for site in view.sites], view.sites),
        ("site_years", *_site_years(view)),
    ):
        places = gpd.points_from_xy([site.longitude for site in sites], [site.latitude for site in sites], crs=4326)
        if rows or name == "sites":
            gpd.GeoDataFrame(rows, geometry=places).to_file(
                path, layer=name, driver="GPKG", engine="pyogrio", VERSION=_GEOPACKAGE_VERSION
            )
    _add_styles(path, view)
    return path


def write_geojson(plan: AnyPlan, path: Path | str) -> Path:
    """Write all sites as GeoJSON (RFC 7946), with the fields of layer ``sites``; an existing file is replaced."""
    from maps.plan import as_view

    view, path = as_view(plan), Path(path)
    features = [
        {
            "type": "Feature",
            "id": site.site,
            "geometry": {"type": "Point", "coordinates": [site.longitude, site.latitude]},
            "properties": _fields(site, view.years),
        }
        for site in view.sites
    ]
    document = {"type": "FeatureCollection", "name": "sites", "features": features}
    path.write_text(json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False) + "\n", encoding="utf-8")
    return path


def _add_styles(path: Path, view: MapPlan) -> None:
    last = view.years[-1]
    styles = {
        "sites": (f"GW of IT on line, end of {last}", qml(f"online_gw_{last}")),
        "site_years": ("GW of IT on line by year", qml("online_gw", dates=("year_start", "year_end"))),
    }
    with closing(sqlite3.connect(path)) as base, base:
        layers = {row[0] for row in base.execute("SELECT table_name FROM gpkg_contents")}
        base.execute(_STYLES_TABLE)
        base.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier) VALUES ('layer_styles', 'attributes', ?)",
            ("layer_styles",),
        )
        base.executemany(
            "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName, "
            "styleQML, styleSLD, useAsDefault, description, owner) VALUES ('', '', ?, 'geom', ?, ?, '', 1, ?, '')",
            [
                (name, "power and GW", text, f"{title}; colour: power that delivers most")
                for name, (title, text) in styles.items()
                if name in layers
            ],
        )


def _site_years(view: MapPlan) -> tuple[list[dict[str, Any]], Sequence[SiteView]]:
    """Fields and site of every year in which a site has capacity on line."""
    found = [
        (site, {
            "site": site.site, "name": site.name, "country": site.country, "year": year,
            "year_start": datetime(year, 1, 1), "year_end": datetime(year, 12, 31),
            "online_gw": site.online_gw[i],
            "committed_gw": site.committed_gw[i], "installed_gw": site.installed_gw[i],
            "compute_h100e_million": site.compute_h100e_million[i], "main_power": site.main_power,
            "energy_twh": sum(part.values[i] for part in site.energy_twh), **_delivered(site, i),
        })
        for site in view.sites
        for i, year in enumerate(view.years)
        if site.online_gw[i] > 0
    ]  # fmt: skip
    return [fields for _, fields in found], [site for site, _ in found]


def _delivered(site: SiteView, index: int) -> Mapping[str, float | None]:
    """What delivered energy costs and emits in a year; nothing where it is not known."""
    power = None if site.supply is None else site.supply.delivered
    return {
        "delivered_usd_per_mwh": None if power is None else power.usd_per_mwh[index],
        "carbon_t_per_mwh": None if power is None else power.carbon_t_per_mwh[index],
        "clean_share": None if power is None else power.clean_share[index],
    }


def _fields(site: SiteView, years: tuple[int, ...]) -> Mapping[str, Any]:
    fields: dict[str, Any] = {
        "site": site.site,
        "name": site.name,
        "country": site.country,
        "country_name": site.country_name,
        "bloc": site.bloc,
        "operator": site.operator,
        "operator_hq": site.operator_hq,
        "grid_region": site.grid_region,
        "outcome": site.outcome,
        "standing": site.standing,
        "confidence": site.confidence,
        "main_power": site.main_power,
        "opened": site.opened,
        "first_energised": site.first_energised,
        "commitments": ", ".join(phase.committed for phase in site.phases if not phase.fact),
        "max_gw": site.max_gw,
        "capital_busd": site.capital_busd,
        "installed_gw_end": site.installed_gw[-1],
        "compute_h100e_million_end": site.compute_h100e_million[-1],
        "source": site.source,
    }
    for year, online, committed in zip(years, site.online_gw, site.committed_gw, strict=True):
        fields[f"online_gw_{year}"] = online
        fields[f"committed_gw_{year}"] = committed
    return fields
