"""Sites with geometry, for QGIS and other desktop tools."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from maps.view import MapPlan, SiteView


def write_geopackage(plan: MapPlan, path: Path | str) -> Path:
    """Write all sites as points in longitude and latitude (layer ``sites``).

    Fields carry their unit; ``online_gw_2031`` and ``committed_gw_2031`` hold the GW of IT capacity at the end of
    that year, of which ``committed`` are facts. An existing file is replaced.
    """
    import geopandas as gpd

    path = Path(path)
    path.unlink(missing_ok=True)
    frame = gpd.GeoDataFrame(
        [_fields(site, plan.years) for site in plan.sites],
        geometry=gpd.points_from_xy(
            [site.longitude for site in plan.sites], [site.latitude for site in plan.sites], crs=4326
        ),
    )
    frame.to_file(path, layer="sites", driver="GPKG", engine="pyogrio")
    return path


def _fields(site: SiteView, years: tuple[int, ...]) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "site": site.site,
        "name": site.name,
        "country": site.country,
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
