"""Measurements as JSON, and as tables of medians and ratios."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from math import exp, inf, isfinite, log
from statistics import median

from benchmarks.gaps import FIRST_PLAN, SMALLEST, TARGETS, target_name
from benchmarks.process import Measurement, Outcome
from benchmarks.tasks import BUILD, GAP, LP, OURS, TASKS


@dataclass(frozen=True)
class Repeated:
    """All runs of one task on one case."""

    subject: str
    system: str
    case: str
    runs: tuple[Measurement, ...]

    def seconds(self, name: str = "") -> tuple[float, float, float] | None:
        """Least, median and most seconds of a measured part; None if a run failed."""
        found = [run.outcome.seconds.get(name, inf) for run in self.runs if run.outcome is not None]
        if len(found) < len(self.runs):
            return None
        return min(found), median(found), max(found)

    def values(self, name: str) -> list[float]:
        """A further result of every run that has it."""
        outcomes = [run.outcome for run in self.runs if run.outcome is not None]
        return [outcome.values[name] for outcome in outcomes if name in outcome.values]

    @property
    def peak_mib(self) -> float:
        """Median of the peak memory of the process."""
        return median(run.peak_mib for run in self.runs)

    @property
    def cpu_seconds(self) -> float:
        """Median of the processor time of the process, imports included."""
        return median(run.cpu_seconds for run in self.runs)

    @property
    def problem(self) -> str:
        """Why a run failed; empty if none did."""
        return next((run.problem for run in self.runs if run.problem), "")


def grouped(measurements: Sequence[Measurement]) -> list[Repeated]:
    """Runs of the same task and case together, in the order in which they first ran."""
    groups: dict[tuple[str, str], list[Measurement]] = {}
    for measurement in measurements:
        groups.setdefault((measurement.task, measurement.case), []).append(measurement)
    return [
        Repeated(TASKS[task].subject, TASKS[task].system, case, tuple(runs)) for (task, case), runs in groups.items()
    ]


def as_json(measurements: Sequence[Measurement], software: Mapping[str, str], settings: Mapping[str, object]) -> str:
    """Every run as it was; seconds that were not reached are null."""
    runs = [asdict(measurement) for measurement in measurements]
    for run in runs:
        if run["outcome"] is not None:
            seconds = run["outcome"]["seconds"]
            run["outcome"]["seconds"] = {name: value if isfinite(value) else None for name, value in seconds.items()}
    return json.dumps({"software": dict(software), "settings": dict(settings), "runs": runs}, indent=2) + "\n"


def from_json(text: str, software: Mapping[str, str], settings: Mapping[str, object]) -> list[Measurement]:
    """Read the runs back that `as_json` wrote, to go on after them.

    Raises
    ------
    ValueError
        If they were made with other software or settings: such runs cannot be compared.
    """
    document = json.loads(text)
    if document["software"] != dict(software) or document["settings"] != dict(settings):
        raise ValueError("measured with other versions or settings")
    measurements = []
    for run in document["runs"]:
        found = run["outcome"]
        if found is not None:
            seconds = {name: inf if value is None else value for name, value in found["seconds"].items()}
            found = Outcome(seconds, found["values"])
        measurements.append(Measurement(**{**run, "outcome": found}))
    return measurements


def as_markdown(
    measurements: Sequence[Measurement],
    software: Mapping[str, str],
    *,
    repeats: int,
    limit_seconds: float,
    swept: str = "",
    absent: Sequence[str] = (),
) -> str:
    """Tables of all subjects, with what was not measured and why."""
    found = grouped(measurements)
    versions = ", ".join(f"{name} {version}" for name, version in software.items() if name != "cores")
    lines = [
        f"{date.today().isoformat()}. Medians of {repeats} run(s), every run in a process of its own, "
        "systems taking turns; "
        f"{software['cores']} cores; {versions}.",
        "Ratio: time of the system over ours on the same case, above 1 if we are faster.",
    ]
    parts: list[tuple[str, str, Sequence[str]]] = [
        (BUILD, "Ours from the tables of the instance, with all checks; the others from finished rows.", ("",)),
        (LP, "From a model in memory to the optimum of its relaxation.", ("",)),
        (
            GAP,
            f"Within {limit_seconds:g} s. Ours from the instance to a plan, a run for each gap; "
            "the others from a model in memory.",
            (FIRST_PLAN, *map(target_name, _targets(found))),
        ),
    ]
    for subject, explanation, names in parts:
        members = [repeated for repeated in found if repeated.subject == subject]
        if members:
            lines += ["", f"### {subject.capitalize()}", "", explanation, "", *_table(members, names)]
            lines += ["", *_means(members, names)]
            lines += [f"- {line}" for line in _disagreements(members)]
    if swept:
        lines += ["", "### Sweeps", "", swept.rstrip()]
    failures = [f"{r.system}, {r.subject}, {r.case}: {r.problem}" for r in found if r.problem]
    lines += ["", *(f"- not measured: {line}" for line in (*absent, *failures))]
    return "\n".join(lines).rstrip() + "\n"


def _targets(found: Sequence[Repeated]) -> tuple[float, ...]:
    """Gaps of the table: the smallest only where some system got there."""
    smallest = [repeated.seconds(target_name(SMALLEST)) for repeated in found]
    reached = any(seconds is not None and isfinite(seconds[1]) for seconds in smallest)
    return (*TARGETS, SMALLEST) if reached else TARGETS


def _table(members: Sequence[Repeated], names: Sequence[str]) -> Iterator[str]:
    ours = {repeated.case: repeated for repeated in members if repeated.system == OURS}
    heads = [f"{name or 'wall'} [s]" for name in names]
    yield "| case | system | " + " | ".join(f"{head} | ratio" for head in heads) + " | process CPU [s] | peak [MiB] |"
    yield "|---|---|" + "--:|--:|" * len(names) + "--:|--:|"
    for repeated in members:
        cells = []
        for name in names:
            cells += [_spread(repeated.seconds(name)), _ratio(repeated, ours.get(repeated.case), name)]
        memory = f"{repeated.cpu_seconds:.1f} | {repeated.peak_mib:.0f}"
        yield f"| {repeated.case} | {repeated.system} | {' | '.join(cells)} | {memory} |"


def _spread(seconds: tuple[float, float, float] | None) -> str:
    if seconds is None:
        return "failed"
    least, middle, most = seconds
    if not isfinite(middle):
        return "not reached"
    return f"{middle:.2f}" if least == most else f"{middle:.2f} ({least:.2f}-{most:.2f})"


def _ratio(repeated: Repeated, ours: Repeated | None, name: str) -> str:
    factor, exact = ratio(repeated, ours, name)
    if factor is None or repeated is ours:
        return ""
    return f"{factor:.2g}" if exact else f"> {factor:.2g}"


def ratio(repeated: Repeated, ours: Repeated | None, name: str) -> tuple[float | None, bool]:
    """Median time over our median time, and whether it is exact.

    A system that does not get there within the limit took at least as long as its runs: the ratio is then a
    lower bound. There is none where we did not get there.
    """
    theirs, our = repeated.seconds(name), None if ours is None else ours.seconds(name)
    if theirs is None or our is None or not isfinite(our[1]) or our[1] <= 0:
        return None, True
    if isfinite(theirs[1]):
        return theirs[1] / our[1], True
    limits = repeated.values("limit")
    return (min(limits) / our[1] if limits else None), False


def _means(members: Sequence[Repeated], names: Sequence[str]) -> Iterator[str]:
    """Geometric means of the ratios of each other system, over the cases where there is one."""
    ours = {repeated.case: repeated for repeated in members if repeated.system == OURS}
    for system in dict.fromkeys(repeated.system for repeated in members if repeated.system != OURS):
        for name in names:
            pairs = [ratio(r, ours.get(r.case), name) for r in members if r.system == system]
            factors = [(factor, exact) for factor, exact in pairs if factor is not None]
            if factors:
                mean = exp(sum(log(factor) for factor, _ in factors) / len(factors))
                sign = "" if all(exact for _, exact in factors) else "at least "
                what = f"{name}: " if name else ""
                yield f"- {system}: {what}{sign}{mean:.2g} times our time (geometric mean, {len(factors)} case(s))"


def _disagreements(members: Sequence[Repeated]) -> Iterator[str]:
    """Optima that differ, plans above another system's bound: one of the two is wrong."""
    for case in dict.fromkeys(repeated.case for repeated in members):
        same = [repeated for repeated in members if repeated.case == case]
        optima = {r.system: value for r in same for value in r.values("objective")}
        if optima and max(optima.values()) - min(optima.values()) > 1e-3 * max(map(abs, optima.values())):
            yield f"**{case}: optima disagree**: {optima}"
        best = {r.system: value for r in same for value in r.values("incumbent")}
        bounds = {r.system: value for r in same for value in r.values("bound")}
        if best and bounds and max(best.values()) > min(bounds.values()) + 1e-5 * abs(max(best.values())):
            yield f"**{case}: a plan beats a bound**: plans {best}, bounds {bounds}"
