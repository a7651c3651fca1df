"""One self-contained HTML page of a plan: no request, no WebGL, and only the scripts whose hashes it names."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import html
import json
import re
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Final

from maps import names
from maps.basemap import Detail, topojson_text
from maps.regions import REGIONS

if TYPE_CHECKING:
    from maps.view import MapPlan

#: Digits kept of each number: more than the page shows, few enough to keep the file small.
_SIGNIFICANT_DIGITS: Final = 8


def write_page(plan: MapPlan, path: Path | str) -> Path:
    """Write the page; an existing file is replaced."""
    path = Path(path)
    path.write_text(page_html(plan), encoding="utf-8")
    return path


def page_html(plan: MapPlan) -> str:
    """The page as text.

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
    parts = {
        "__POLICY__": policy,
        "__TITLE__": html.escape(f"{plan.title} · plan"),
        "__STYLE__": style,
        "__PLAN__": inert_json(_payload(plan)),
        "__BASEMAP__": topojson_text(Detail.WEB).replace("<", "\\u003c"),
        "__LICENCES__": inert_json((folder / "THIRD_PARTY_LICENSES.txt").read_text(encoding="utf-8")),
        "__SCRIPT__": script,
    }
    shell = (folder / "shell.html").read_text(encoding="utf-8")
    # One pass, so that a marker inside the data is not replaced in its turn.
    return re.sub("|".join(parts), lambda found: parts[found[0]], shell)


def inert_json(value: object) -> str:
    """JSON that cannot end the script block it stands in, nor break a line where JavaScript sees one."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _payload(plan: MapPlan) -> dict[str, object]:
    """The plan with the words, colours and regions that the viewer shares with the static map."""
    payload = {field.name: _plain(getattr(plan, field.name)) for field in dataclasses.fields(plan)}
    payload["palette"] = {
        "power": names.POWER_KINDS,
        "cash": names.CASH_CATEGORIES,
        "families": names.FAMILIES,
        "noPower": names.NO_POWER_COLOUR,
    }
    payload["regions"] = [{**dataclasses.asdict(region), "world": region.is_world} for region in REGIONS]
    payload["boundary_note"] = names.BOUNDARY_NOTE
    return payload


def _plain(value: object) -> object:
    """Records as dictionaries and numbers rounded, all the way down (`dataclasses.asdict` is slow on long tuples)."""
    if isinstance(value, float):
        return float(f"{value:.{_SIGNIFICANT_DIGITS}g}")
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    return value
