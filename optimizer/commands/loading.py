"""Loading what a command is about: an instance with the changes asked for, or the folder of a result."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from optimizer.commands.bad_input import BadInputError
from optimizer.commands.streams import Streams
from optimizer.instance import load_instance
from optimizer.instance.instance import Instance
from optimizer.plan.reader import read_plan
from optimizer.plan.tables import PlanTables
from optimizer.power.join import Powered, load_powered

if TYPE_CHECKING:
    from maps import Plan


@dataclass(frozen=True)
class InstanceRequest:
    """An instance as asked for on the command line.

    Attributes
    ----------
    path
        Its folder or instance.toml.
    scenario
        Named changes of instance.toml, made first.
    changes
        Further changes, e.g. ``sites[us_*].lead_months += 6``.
    """

    path: Path
    scenario: str | None = None
    changes: tuple[str, ...] = ()

    def load(self, streams: Streams) -> Instance:
        """Load the instance with its computed power; warnings go to standard error."""
        return self.load_powered(streams).instance

    def load_powered(self, streams: Streams) -> Powered:
        """Load the instance with what to say of its power, which goes to standard error with the warnings."""
        loaded = load_powered(self.path, self.scenario, self.changes)
        for warning in loaded.instance.warnings:
            streams.note(warning.render(colour=streams.errors.is_terminal))
        if loaded.note:
            streams.note(loaded.note)
        return loaded


def settings_changes(wanted: Mapping[str, str | float | None]) -> tuple[str, ...]:
    """Changes to settings that options of their own stand for, without those that were not given."""
    return tuple(f"{knob} = {value}" for knob, value in wanted.items() if value is not None)


@dataclass(frozen=True)
class Result:
    """A result folder, read back."""

    folder: Path
    instance: Instance
    tables: PlanTables
    manifest: Mapping[str, Any]

    def plan(self) -> Plan:
        """The plan with all that the maps show of it.

        Raises
        ------
        PlanReadError
            If the table of full years cannot be read.
        """
        from maps import Plan
        from optimizer.plan.power_outcome import read_full_year

        return Plan(self.instance, self.tables, self.manifest, read_full_year(self.folder))


def load_result(path: Path) -> Result:
    """Read a result folder with the snapshot of its instance.

    Raises
    ------
    BadInputError, PlanReadError, InstanceError
        If it is not a result folder, or any part of it cannot be read.
    """
    folder = path.parent if path.name == "manifest.json" else path
    manifest = _read_manifest(folder / "manifest.json")
    return Result(folder, load_instance(folder / "instance"), read_plan(folder), manifest)


def _read_manifest(path: Path) -> Mapping[str, Any]:
    try:
        manifest = json.loads(path.read_bytes())
    except OSError as error:
        message = f"'{path.parent}' is not a result folder: manifest.json cannot be read ({error.strerror})"
        raise BadInputError(message) from error
    except ValueError as error:
        message = f"'{path}' is not JSON: {error}"
        raise BadInputError(message) from error
    if not isinstance(manifest, dict):
        message = f"'{path}' is not a manifest: expected a JSON object"
        raise BadInputError(message)
    return manifest
