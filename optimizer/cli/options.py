"""Options that several commands share."""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class ObjectiveName(StrEnum):
    """Objectives, repeated here because the schema takes a moment to import."""

    NPV = "npv"
    COMPUTE = "compute"
    COST = "cost"


class ProgressName(StrEnum):
    """Progress displays, repeated here for the same reason."""

    AUTO = "auto"
    LINES = "lines"
    JSON = "json"


class ModeName(StrEnum):
    """How a value acts on a knob, repeated here for the same reason."""

    SET = "set"
    SCALE = "scale"
    ADD = "add"


InstancePath = Annotated[
    Path, typer.Argument(metavar="INSTANCE", help="Folder of the instance, or its instance.toml.", show_default=False)
]

ResultPath = Annotated[Path, typer.Argument(metavar="RESULT", help="Result folder of a solve.", show_default=False)]

Scenario = Annotated[
    str | None, typer.Option(metavar="NAME", help="Scenario of instance.toml to apply.", show_default=False)
]

Changes = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="CHANGE",
        help="Change made after the scenario, e.g. 'sites\\[us_*].lead_months += 6'. May be repeated.",
        show_default=False,
    ),
]

Regime = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="Export-control regime of regimes.csv, or 'none'.", show_default=False),
]

StudyFolder = Annotated[
    Path | None, typer.Option(metavar="DIR", help="Study folder; results/<instance>-<study> if not given.")
]

StudyGap = Annotated[
    float | None, typer.Option("--gap", metavar="SHARE", help="Relative gap of every solve of the study.")
]

StudyTimeLimit = Annotated[
    float | None, typer.Option("--time-limit", metavar="SECONDS", help="Time limit of every solve of the study.")
]

Workers = Annotated[
    int | None,
    typer.Option(
        metavar="N", min=1, help="Processes on this machine; one a processor if not given.", show_default=False
    ),
]

Scheduler = Annotated[
    str | None,
    typer.Option(
        metavar="ADDRESS",
        help="Dask scheduler whose workers solve, e.g. tcp://host:8786; they must share the study folder.",
        show_default=False,
    ),
]

Status = Annotated[bool, typer.Option("--status", help="Only say how far it has come.")]

RetryFailed = Annotated[bool, typer.Option("--retry-failed", help="Solve points again that failed earlier.")]

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of tables.")]


def _keep_nothing(wanted: bool) -> bool:
    """Processes that a study starts inherit the environment, so it holds for them too."""
    if wanted:
        os.environ["GIGASITE_CACHE"] = "off"
    return wanted


NoCache = Annotated[
    bool,
    typer.Option(
        "--no-cache",
        callback=_keep_nothing,
        help="Compute power anew: read and keep nothing in $GIGASITE_CACHE, else the user's cache folder.",
    ),
]
