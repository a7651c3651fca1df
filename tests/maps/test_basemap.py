"""The committed basemap is what its provenance says, and every view of it can be drawn."""

from __future__ import annotations

import hashlib
import json
import re
from importlib.resources import files

import pytest

from maps.basemap import Detail, Layer, layer, topojson_text
from maps.regions import REGIONS, region_by_key


@pytest.mark.parametrize("detail", list(Detail))
def test_file_has_the_hash_that_provenance_states(detail):
    stated = (files("maps.basemap") / "PROVENANCE.md").read_text()
    found = re.search(rf"`basemap_{detail}\.topojson`.*`([0-9a-f]{{64}})`", stated)
    assert found is not None
    assert hashlib.sha256(topojson_text(detail).encode()).hexdigest() == found[1]


@pytest.mark.parametrize("detail", list(Detail))
def test_layers_are_valid_and_in_degrees(detail):
    for name in Layer:
        if name is Layer.STATES and detail is Detail.COARSE:
            continue
        frame = layer(detail, name)
        assert frame.crs.to_epsg() == 4326
        assert frame.geometry.is_valid.all()
        west, south, east, north = frame.total_bounds
        assert -180 <= west < east <= 180.001
        assert -90 <= south < north <= 90


def test_every_country_with_sites_is_on_the_map():
    codes = set(layer(Detail.WEB, Layer.COUNTRIES)["a3"])
    assert {"USA", "CHN", "ARE", "SAU", "SWE", "IND", "TWN", "KOR", "JPN", "SGP", "BRA"} <= codes


def test_web_basemap_cannot_end_a_script_block():
    assert "<" not in topojson_text(Detail.WEB)
    json.loads(topojson_text(Detail.WEB))


def test_regions_have_one_name_each_and_unknown_ones_are_refused():
    assert len({region.key for region in REGIONS}) == len(REGIONS)
    with pytest.raises(ValueError, match="no region 'moon'; choose from world"):
        region_by_key("moon")
