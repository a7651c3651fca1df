"""Prices of limits, read back from a price study of the same instance."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from optimizer.instance.instance import Instance


@dataclass(frozen=True, slots=True)
class KnownPrice:
    """What a step of a limit is worth.

    Attributes
    ----------
    value
        In `value_unit`, for the step.
    known_by
        How it is known: re-solved, or an estimate.
    """

    limit: str
    step: str
    value: float
    value_unit: str
    known_by: str


def read_prices(folder: Path | str, instance: Instance) -> tuple[KnownPrice, ...]:
    """Read the prices of a study folder, the most valuable first.

    Parameters
    ----------
    instance
        Of the plan that the prices are meant for; those of another instance are refused. How it was solved (time
        limit, threads, gap) may differ.

    Raises
    ------
    ValueError
        If the folder holds no price study, or one of another instance.
    """
    folder = Path(folder)
    study = _json(folder / "study.json")
    if study.get("study") != "price" or not isinstance(study.get("prices"), list):
        msg = f"'{folder}' holds no price study"
        raise ValueError(msg)
    priced = folder / "points" / str((study.get("base") or {}).get("key", "")) / "instance"
    if not _same_question(priced, instance):
        msg = f"the prices in '{folder}' are those of another instance than the plan's"
        raise ValueError(msg)
    try:
        found = [
            KnownPrice(
                str(row["limit"]), str(row["step"]), float(row["value"]), str(study["unit"]), str(row["known_by"])
            )
            for row in study["prices"]
        ]
    except (KeyError, TypeError, ValueError) as error:
        msg = f"'{folder / 'study.json'}' cannot be read: {error}"
        raise ValueError(msg) from error
    return tuple(sorted(found, key=lambda price: -price.value))


def _same_question(folder: Path, instance: Instance) -> bool:
    """Whether the instance in a folder differs from another in nothing but how it is solved."""
    from optimizer.instance import InstanceError, instance_hash, load_instance

    try:
        priced = load_instance(folder)
    except InstanceError as error:
        msg = f"'{folder}' cannot be read: {error}"
        raise ValueError(msg) from error
    settings = priced.settings.model_copy(update={"solver": instance.settings.solver})
    return instance_hash(replace(priced, settings=settings)) == instance_hash(instance)


def _json(path: Path) -> dict[str, Any]:
    try:
        contents = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        msg = f"'{path}' cannot be read: {error}"
        raise ValueError(msg) from error
    if not isinstance(contents, dict):
        msg = f"'{path}' is not a JSON object"
        raise ValueError(msg)
    return contents
