"""Reports of studies: files whole and readable, a page that asks for nothing and runs nothing."""

import base64
import hashlib
import math
import re
from html.parser import HTMLParser

import pandas as pd
import pytest

from optimizer.studies.report import (
    PlanLink,
    ReportFigure,
    ReportTable,
    StudyReport,
    report_page,
    shown,
    staged_files,
    write_report,
)

EVIL = '<script>alert("x")</script> & $5 vs $6 \'"'


def report(**changes):
    table = ReportTable(
        name="points",
        title=EVIL,
        columns=("key", "value_busd", "count", "note", "ok"),
        rows=(("abc", 0.1 + 0.2, 3, EVIL, True), ("", None, None, None, None), ("abd", -1e-7, 4, "b", False)),
        note=EVIL,
        key_column="key",
    )
    fields = {
        "title": EVIL,
        "question": EVIL,
        "findings": (EVIL, "second"),
        "tables": (table,),
        "figures": (ReportFigure("curve", EVIL, lambda axes: axes.set_title(EVIL)),),
        "sources": (PlanLink(EVIL, "points/abc"),),
    }
    return StudyReport(**{**fields, **changes})


class Reader(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.policy, self.style, self.links, self.words = [], "", "", [], []
        self._open = ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.tags.append((tag, attributes))
        self._open = tag
        if attributes.get("http-equiv") == "Content-Security-Policy":
            self.policy = attributes["content"]
        if tag == "a":
            self.links.append(attributes["href"])

    def handle_data(self, data):
        if self._open == "style":
            self.style += data
        else:
            self.words.append(data)


@pytest.fixture(scope="module")
def page():
    return Reader(report_page(report(), {"curve": "<svg/>"}))


def test_the_page_runs_nothing_and_asks_for_nothing(page):
    assert not any(tag in ("script", "link", "iframe", "object") for tag, _ in page.tags)
    assert not any(name.startswith("on") or name == "style" for _, attributes in page.tags for name in attributes)
    assert all(a["src"].startswith("data:") for tag, a in page.tags if tag == "img")
    assert all(link.startswith("./") for link in page.links)


def test_the_policy_admits_the_style_sheet_and_no_script(page):
    digest = base64.b64encode(hashlib.sha256(page.style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in page.policy
    assert page.policy.startswith("default-src 'none'")
    assert "script-src" not in page.policy


def test_texts_appear_as_they_are(page):
    assert sum(EVIL in word for word in page.words) >= 6


def test_keys_link_their_plan(page):
    assert "./points/abc/manifest.json" in page.links


def test_tables_keep_full_precision_and_gaps(tmp_path):
    write_report(tmp_path, report())
    for frame in (pd.read_csv(tmp_path / "points.csv"), pd.read_parquet(tmp_path / "points.parquet")):
        assert frame["value_busd"][0] == 0.1 + 0.2
        assert math.isnan(frame["value_busd"][1])
        assert frame["count"].dropna().tolist() == [3, 4]
        assert frame["note"][0] == EVIL
        assert frame["ok"].dropna().tolist() == [True, False]


def test_figures_are_drawn_twice_and_shown(tmp_path):
    write_report(tmp_path, report())
    assert (tmp_path / "curve.png").read_bytes().startswith(b"\x89PNG")
    svg = (tmp_path / "curve.svg").read_text()
    assert "alert" in svg
    assert "<script" not in svg
    page = (tmp_path / "report.html").read_text()
    embedded = re.search(r"data:image/svg\+xml;base64,([^\"]+)", page)
    assert base64.b64decode(embedded[1]).decode() == svg


def test_the_same_report_gives_the_same_files(tmp_path):
    for name in ("a", "b"):
        write_report(tmp_path / name, report())
    for file in ("points.csv", "curve.svg", "curve.png", "report.html"):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


def test_a_failing_report_leaves_what_was_there(tmp_path):
    write_report(tmp_path, report())
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}

    def fail(axes):
        raise ValueError("cannot draw")

    with pytest.raises(ValueError, match="cannot draw"):
        write_report(tmp_path, report(title="new", figures=(ReportFigure("curve", "", fail),)))
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before


def test_other_things_in_the_folder_stay(tmp_path):
    (tmp_path / "points").mkdir()
    (tmp_path / "points" / "kept").write_text("x")
    with staged_files(tmp_path) as staging:
        (staging / "new").write_text("y")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["new", "points"]
    assert (tmp_path / "points" / "kept").read_text() == "x"


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (None, "-"),
        (float("nan"), "-"),
        (True, "yes"),
        (0.0, "0"),
        (1234567.8, "1,234,568"),
        (0.123456, "0.1235"),
        (-2e-6, "-2.00e-06"),
        (12, "12"),
        ("a", "a"),
    ],
)
def test_numbers_as_people_read_them(cell, text):
    assert shown(cell) == text
