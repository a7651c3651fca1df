"""`gigasite schema`: JSON Schema of instance files, for editors and other tools."""

from __future__ import annotations

import json
from pathlib import Path

from optimizer.commands.bad_input import BadInputError, refusing_bad_input
from optimizer.commands.exit_codes import ExitCode
from optimizer.commands.streams import Streams
from optimizer.instance import json_schema


def schema(out: Path | None) -> ExitCode:
    """Write the schema to a file, or to standard output."""
    streams = Streams(as_json=out is None)
    return refusing_bad_input(streams, lambda: _schema(out, streams))


def _schema(out: Path | None, streams: Streams) -> ExitCode:
    contents = json_schema()
    streams.document(contents)
    if out is not None:
        try:
            out.write_text(json.dumps(contents, indent=2) + "\n", encoding="utf-8")
        except OSError as error:
            message = f"'{out}' cannot be written ({error.strerror})"
            raise BadInputError(message) from error
    return ExitCode.DONE
