"""The map as a PNG file, saved by the browser."""

from __future__ import annotations

import re

import pytest
from PIL import Image

from maps import plan_view, write_page
from tests.maps.browser import chromium, open_page, screenshot_folder
from tests.maps.plans import make_plan
from tests.maps.test_browser import PAYLOADS


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_map_is_saved_as_a_picture_of_its_year(tmp_path, scheme):
    made = make_plan(12, names=PAYLOADS[:6])
    path = write_page(plan_view(made.instance, made.tables, made.manifest), tmp_path / "map.html")
    with chromium() as browser:
        watched = open_page(browser, path, color_scheme=scheme, accept_downloads=True)
        page = watched.page
        page.locator("#picture").focus()
        with page.expect_download() as saving:
            page.keyboard.press("Enter")
        year = page.locator("#year-shown").inner_text()
        assert saving.value.suggested_filename.endswith(f"-{year}.png")
        picture = screenshot_folder(tmp_path) / f"saved-{scheme}.png"
        saving.value.save_as(picture)
        box = page.locator("#map").bounding_box()
        powers = page.locator("#meanings .disc").evaluate_all(
            "marks => marks.map(m => getComputedStyle(m).backgroundColor)"
        )
        assert watched.clean(), (watched.requests, watched.complaints)
    with Image.open(picture) as image:
        assert image.size[0] == pytest.approx(2 * box["width"], abs=2)
        assert image.size[1] > 2 * box["height"]
        corner = image.convert("L").getpixel((2, 2))
        assert (corner > 200) == (scheme == "light")
        # Land, sea, sites, labels and their smoothed edges, in the map below the heading.
        colours = image.convert("RGB").crop((0, 120, image.size[0], image.size[1] - 60)).getcolors(1 << 24)
        assert len(colours) > 100
        # Below the map, every colour of the legend stands in a disc of its own.
        below = image.convert("RGB").crop((0, round(2 * (56 + box["height"])), image.size[0], image.size[1]))
        found = {colour for count, colour in below.getcolors(1 << 24) if count > 50}
        assert len(powers) > 2
        assert {tuple(map(int, re.findall(r"\d+", colour)))[:3] for colour in powers} <= found
