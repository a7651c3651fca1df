"""Texts of the instance other than names of campuses: none of them does anything on the page or in a table."""

from __future__ import annotations

import csv
import dataclasses
import io
from collections.abc import Iterable
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest

from maps import plan_view, write_page
from tests.maps.browser import chromium, open_page
from tests.maps.plans import make_plan
from tests.maps.test_browser import PAYLOADS

pytestmark = pytest.mark.browser

FORMULAS = ("=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1:A9)", "\t=1", '=HYPERLINK("https://example.org")')


def _with_texts(rows: Iterable[Any], texts: Iterable[str], *columns: str) -> tuple[Any, ...]:
    """Rows whose columns hold the texts, one after the other."""
    given = cycle(texts)
    return tuple(row.model_copy(update={column: next(given) for column in columns}) for row in rows)


@pytest.fixture(scope="module")
def path(tmp_path_factory) -> Path:
    made = make_plan(24, names=FORMULAS)
    instance = dataclasses.replace(
        made.instance,
        sites=_with_texts(made.instance.sites, PAYLOADS, "source", "confidence", "status"),
        chips=_with_texts(made.instance.chips, PAYLOADS, "name", "vendor"),
        countries=_with_texts(made.instance.countries, PAYLOADS[5:], "name"),
        rules=_with_texts(made.instance.rules, PAYLOADS, "title", "citation", "status"),
    )
    manifest = {**made.manifest, "stopped_because": PAYLOADS[1], "software": {PAYLOADS[2]: PAYLOADS[3]}}
    plan = plan_view(instance, made.tables, manifest)
    return write_page(plan, tmp_path_factory.mktemp("hostile") / "map.html")


@pytest.fixture(scope="module")
def browser():
    with chromium() as running:
        yield running


def test_no_text_of_the_instance_runs(browser, path):
    for tab in ("plan", "site&site=s000", "site&site=s004", "chips", "power", "money", "limits", "policy", "table"):
        for layer in ("flows", "rules"):
            watched = open_page(browser, path, f"#tab={tab}&layer={layer}&year=2032")
            page = watched.page
            page.locator("g.site").first.focus()
            assert page.evaluate("window.pwned") is None
            assert page.locator("img, iframe, object, embed, base, form, a[href^='javascript']").count() == 0
            assert page.locator("script").count() == 4
            assert watched.clean(), (tab, layer, watched.complaints)
            page.context.close()


@pytest.mark.parametrize(
    ("tab", "button"),
    [
        ("table", "#csv"),
        ("plan", "#commitments-csv"),
        ("chips", "#arrivals-csv"),
        ("policy", "#policy-csv"),
        ("power", "#power-csv"),
        ("power", "#bridges-csv"),
    ],
)
def test_no_cell_of_a_table_is_a_formula(browser, path, tab, button):
    page = open_page(browser, path, f"#tab={tab}").page
    with page.expect_download() as waiting:
        page.click(button)
    rows = list(csv.reader(io.StringIO(Path(waiting.value.path()).read_text(encoding="utf-8"))))
    assert len(rows) > 1
    for row in rows:
        for cell in row:
            number = cell.lstrip("-").replace(".", "", 1).replace("e-", "").isdigit()
            assert number or cell.lstrip()[:1] not in tuple("=+-@"), cell
    page.context.close()
