"""Map pages that hold several plans: the points of a study, or result folders side by side."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from maps import Scenario, write_scenario_page
from maps.view.study import StudyView
from optimizer.commands.bad_input import BadInputError
from optimizer.commands.change_words import change_words
from optimizer.commands.loading import Result, load_result
from optimizer.commands.study_views import solved_view, sweep_view
from optimizer.instance.instance import Instance
from optimizer.studies.input_changes import input_changes
from optimizer.studies.report import staged_files
from optimizer.studies.study_folder import MARKER
from optimizer.studies.sweep import MARK
from optimizer.studies.sweep_report import MAP_PAGE

if TYPE_CHECKING:
    from maps.static.basemap import UserBasemap

#: Plans that one page holds; each of a world takes about 150 kB, and more would not be looked at.
MOST_PLANS: Final = 8
_MOST_CHANGES: Final = 6
_FIRST: Final = ("base", "before")  # keys of plans that others of their study are held against


@dataclass(frozen=True)
class StudyPoint:
    """A plan of a study before it is read.

    Attributes
    ----------
    changes
        What was changed, if the study says so.
    objective
        Which is maximised, if the study says so.
    """

    folder: Path
    title: str
    changes: tuple[str, ...] | None = None
    objective: float | None = None

    @property
    def is_base(self) -> bool:
        """Whether nothing was changed."""
        return self.changes == () or self.folder.name in _FIRST


def is_study(path: Path) -> bool:
    """Whether a path is the folder of a study that keeps its plans."""
    return (path / "points").is_dir() and any((path / mark).is_file() for mark in (MARK, MARKER))


def write_study_map(
    folder: Path, target: Path | None = None, basemap: UserBasemap | None = None
) -> tuple[Path, str] | None:
    """Write the page of the plans of a study; gives its path and a sentence on what it holds, or None without a plan.

    Parameters
    ----------
    target
        Folder to write into; that of the study if None.
    basemap
        Land and borders to draw instead of Natural Earth.
    """
    title, points = _study_points(folder)
    chosen = chosen_points(points)
    if not chosen:
        return None
    results = [load_result(point.folder) for point in chosen]
    note = _note(len(chosen), len(points), named=any(point.is_base for point in chosen))
    scenarios = _scenarios(chosen, results)
    return _write(target or folder, scenarios, title, note, _study_view(folder), basemap), note


def write_results_map(paths: Sequence[Path], target: Path, basemap: UserBasemap | None = None) -> tuple[Path, str]:
    """Write one page of several result folders and studies, the first of which the others are held against."""
    points: list[StudyPoint] = []
    for path in paths:
        points += chosen_points(_study_points(path)[1]) if is_study(path) else [_result_point(path)]
    results = [load_result(point.folder) for point in points]
    note = f"{len(points)} plans."
    title = results[0].instance.settings.title or results[0].instance.name
    return _write(target, _scenarios(points, results), title, note, basemap=basemap), note


def chosen_points(points: Sequence[StudyPoint]) -> list[StudyPoint]:
    """At most `MOST_PLANS` points, those without changes first.

    With such a base, the points whose objective differs most from its; else points spread evenly over all.
    """
    ordered = sorted(points, key=lambda point: not point.is_base)
    if len(ordered) <= MOST_PLANS:
        return ordered
    base = ordered[0]
    if base.is_base and base.objective is not None:
        far = sorted(ordered[1:], key=lambda point: -_distance(point, base))[: MOST_PLANS - 1]
        return [base, *(point for point in ordered[1:] if point in far)]
    last, steps = len(ordered) - 1, MOST_PLANS - 1
    return [ordered[round(number * last / steps)] for number in range(MOST_PLANS)]


def _distance(point: StudyPoint, base: StudyPoint) -> float:
    return abs(point.objective - base.objective) if point.objective is not None and base.objective is not None else 0.0


def _note(shown: int, every: int, *, named: bool) -> str:
    if shown == every:
        return f"All {every} plans of the study."
    how = "the unchanged one and those worth most more or less" if named else "spread evenly over the study"
    return f"{shown} of the {every} plans of the study: {how}."


def _study_view(folder: Path) -> StudyView:
    """What the study found over all its plans."""
    if (folder / MARK).is_file():
        return sweep_view(folder, _document(folder / MARK))
    return solved_view(_document(folder / MARKER))


def _write(
    folder: Path,
    scenarios: Sequence[Scenario],
    title: str,
    note: str,
    study: StudyView | None = None,
    basemap: UserBasemap | None = None,
) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    with staged_files(folder) as staging:
        write_scenario_page(scenarios, staging / MAP_PAGE, title=title, note=note, study=study, basemap=basemap)
    return folder / MAP_PAGE


# --- from plans to scenarios -----------------------------------------------------------------


def _scenarios(points: Sequence[StudyPoint], results: Sequence[Result]) -> list[Scenario]:
    titles = _distinct([point.title for point in points])
    base = results[0].instance
    return [
        Scenario(
            title,
            result.plan().view,
            _changes(point, base, result.instance, described=points[0] is not point),
        )
        for title, point, result in zip(titles, points, results, strict=True)
    ]


def _distinct(titles: Iterable[str]) -> list[str]:
    found: dict[str, None] = {}
    for title in titles:
        name, repeat = title, 1
        while name in found:
            repeat += 1
            name = f"{title} ({repeat})"
        found[name] = None
    return list(found)


def _changes(point: StudyPoint, base: Instance, instance: Instance, *, described: bool) -> tuple[str, ...]:
    """What was changed, in the study's words, else as the inputs that differ from the first plan's."""
    if point.changes is not None:
        scenario = base.settings.scenarios.get(point.title.split(", ", maxsplit=1)[0])
        words = (scenario.description,) if scenario is not None and scenario.description else ()
        return (*words, *point.changes)
    if not described:
        return ()
    return change_words(input_changes(base, instance), _MOST_CHANGES)


# --- folders ---------------------------------------------------------------------------------


def _result_point(path: Path) -> StudyPoint:
    folder = path.parent if path.name == "manifest.json" else path
    record = _document(folder / "point.json") if (folder / "point.json").is_file() else {}
    if "changes" in record:  # a point of a sweep, whose folder has a hash for a name
        changes = tuple(record["changes"])
        return StudyPoint(folder, ", ".join(changes) or "as it is", changes)
    return StudyPoint(folder, folder.resolve().name)


def _study_points(folder: Path) -> tuple[str, list[StudyPoint]]:
    """Title of a study and its points that have a plan, in the order of the study."""
    if (folder / MARK).is_file():
        return _sweep_points(folder)
    document = _document(folder / MARKER)
    found = sorted(path for path in (folder / "points").iterdir() if (path / "manifest.json").is_file())
    points = [StudyPoint(path, path.name.replace("_", " ")) for path in found if _has_plan(path)]
    named = (document.get(name) for name in ("instance", "study"))
    title = ": ".join(text for text in named if isinstance(text, str)) or folder.resolve().name
    return title, points


def _sweep_points(folder: Path) -> tuple[str, list[StudyPoint]]:
    document = _document(folder / MARK)
    points: dict[str, StudyPoint] = {}
    for entry in document["points"]:
        path = folder / "points" / entry["key"]
        if entry["key"] not in points and _has_plan(path):
            record = _document(path / "point.json")
            points[entry["key"]] = StudyPoint(path, entry["label"], tuple(record["changes"]), record["objective"])
    return document["title"] or f"{document['instance']['name']}: sweep", list(points.values())


def _has_plan(folder: Path) -> bool:
    """Whether a point holds a whole result, not only why there is none."""
    return (folder / "manifest.json").is_file() and (folder / "sites.csv").is_file()


def _document(path: Path) -> Mapping[str, Any]:
    try:
        document = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        message = f"'{path}' cannot be read: {error}"
        raise BadInputError(message) from error
    if not isinstance(document, dict):
        message = f"'{path}' is not a JSON object"
        raise BadInputError(message)
    return document
