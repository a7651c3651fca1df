"""Entry point of the measured process: run one task and print its outcome as one line of JSON."""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path

from benchmarks.cases import Case
from benchmarks.tasks import TASKS


def main() -> None:
    """Read the task, its case and its time limit from the command line."""
    task, name, folder, limit = sys.argv[1:]
    outcome = TASKS[task].run(Case(name, Path(folder)), float(limit))
    print()
    document = {
        "seconds": dict(outcome.seconds),
        "values": {**outcome.values, "limit": float(limit)},
        "peak_mib": peak_mib(),
    }
    print(json.dumps(document))


def peak_mib() -> float:
    """Peak memory of this program [MiB]; what the system counts for the process includes its parent before exec."""
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
        peak = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
        return int(peak.split()[1]) / 1024
    except (OSError, StopIteration):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
