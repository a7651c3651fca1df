"""The page as text: self-contained, inert data, a policy that names exactly its scripts."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from importlib.resources import files
from pathlib import Path

import pytest

from maps import page_html, plan_view
from maps.page import inert_json
from tests.maps.node import viewer_to_build
from tests.maps.packing import unpacked
from tests.maps.plans import make_plan

VIEWER = Path(str(files("maps") / "viewer"))


@pytest.fixture(scope="module")
def plan():
    made = make_plan(12)
    return plan_view(made.instance, made.tables, made.manifest)


@pytest.fixture(scope="module")
def page(plan):
    return page_html(plan)


def _block(page: str, name: str) -> dict:
    return json.loads(re.search(rf'<script type="application/json" id="{name}">(.*?)</script>', page, re.DOTALL)[1])


def _scenarios(page: str) -> list:
    return unpacked(_block(page, "plan-data")["scenarios"])


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def test_policy_admits_the_script_and_style_by_hash_and_nothing_else(page):
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)[1]
    script = re.search(r"<script>(.*?)</script>", page, re.DOTALL)[1]
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)[1]
    assert policy == (
        f"default-src 'none'; script-src '{_digest(script)}'; style-src '{_digest(style)}'; "
        "img-src data: blob:; base-uri 'none'; form-action 'none'"
    )
    assert page.count("<script>") == page.count("<style>") == 1


def test_no_marker_is_left_and_nothing_is_loaded(page):
    assert not re.search(r"__[A-Z]+__", re.sub(r"<script>.*?</script>", "", page, flags=re.DOTALL))
    markup = re.sub(r"<(script|style).*?</\1>", "", page, flags=re.DOTALL)
    assert not re.search(r"\b(src|srcset|data|poster)\s*=", markup)
    assert not re.search(r"href=\"(?!#)", markup)
    assert not re.search(r"\son\w+=|\sstyle=", markup)
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)[1]
    assert "url(" not in style
    assert "@import" not in style


def test_numbers_in_the_page_are_those_of_the_view(plan, page):
    (scenario,) = _scenarios(page)
    data = scenario["plan"]
    assert data["years"] == list(plan.years)
    assert data["totals"]["online_gw"] == pytest.approx(plan.totals.online_gw, rel=1e-6)
    assert data["headline"]["npv_busd"] == pytest.approx(plan.headline.npv_busd, rel=1e-6)
    for shown, site in zip(data["sites"], plan.sites, strict=True):
        assert shown["site"] == site.site
        assert shown["online_gw"] == pytest.approx(site.online_gw, rel=1e-6)
        assert shown["source"] == site.source


def test_data_cannot_leave_its_block():
    text = inert_json({"</script>": "<!--\u2028\u2029"})
    assert "<" not in text
    assert "\u2028" not in text
    assert "\u2029" not in text
    assert json.loads(text) == {"</script>": "<!--\u2028\u2029"}


def test_numbers_that_are_none_of_json_are_refused():
    with pytest.raises(ValueError, match="Out of range"):
        inert_json([float("nan")])


def test_markers_inside_the_data_stay_data():
    made = make_plan(12, names=["__SCRIPT__ __POLICY__ __PLAN__"], title="__STYLE__ <b>")
    page = page_html(plan_view(made.instance, made.tables, made.manifest))
    assert _scenarios(page)[0]["plan"]["sites"][0]["name"] == "__SCRIPT__ __POLICY__ __PLAN__"
    assert "<title>__STYLE__ &lt;b&gt; · plan</title>" in page


def test_licences_of_everything_bundled_travel_with_the_page(page):
    text = _block(page, "licences")
    bundled = re.findall(r"^([\w@/., -]+ \d+\.\d+\.\d+.*)$", text, re.MULTILINE)
    assert any("d3-geo" in line for line in bundled)
    assert any("topojson-client" in line for line in bundled)
    assert "Mike Bostock" in text
    assert text.count("Copyright") >= 3


def test_lock_file_and_sources_name_no_registry():
    for path in [VIEWER / "package-lock.json", VIEWER / "package.json", *sorted((VIEWER / "src").rglob("*.js"))]:
        text = path.read_text()
        assert '"resolved"' not in text
        assert not re.search(r"https?://(?!www\.w3\.org)[^\"]*registry", text), path


def test_viewer_never_writes_markup():
    forbidden = re.compile(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\.html\(|eval\(|new Function|cssText"
    )
    for path in sorted((VIEWER / "src").rglob("*.js")):
        assert not forbidden.search(path.read_text()), path


def test_bundle_and_licences_are_made_of_the_sources(tmp_path):
    npm = viewer_to_build(VIEWER, tmp_path)
    bundled = npm.run(tmp_path, "run", "--silent", "bundle")
    assert bundled.returncode == 0, bundled.stderr
    assert (tmp_path / "viewer.bundle.js").read_text() == (VIEWER / "viewer.bundle.js").read_text()
    listed = npm.run(tmp_path, "run", "--silent", "licences")
    assert listed.returncode == 0, listed.stderr
    assert listed.stdout == (VIEWER / "THIRD_PARTY_LICENSES.txt").read_text()


def test_lockfile_names_no_registry():
    lock = json.loads((VIEWER / "package-lock.json").read_text())
    assert all("resolved" not in package for package in lock["packages"].values())
    assert all("integrity" in package for name, package in lock["packages"].items() if name)
    assert "://" not in (VIEWER / "package-lock.json").read_text()
