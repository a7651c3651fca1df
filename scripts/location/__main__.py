"""Command line: published location problems to instance folders."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from optimizer.instance import write_instance
from scripts.location.convert import Scale, TooSmallError, to_instance
from scripts.location.problem import Layout, LayoutError, read_problem


def main() -> int:
    """Convert every file, or say what is wrong with one and stop."""
    arguments = _parser().parse_args()
    layout = Layout(arguments.layout) if arguments.layout else None
    made: set[Path] = set()
    for file in arguments.files:
        try:
            problem = read_problem(file, layout, arguments.capacity)
            instance = to_instance(problem, arguments.gap, arguments.time_limit)
        except (LayoutError, TooSmallError, OSError) as error:
            print(error, file=sys.stderr)
            return 2
        folder = arguments.out / problem.name
        if folder in made:
            print(f"{file}: another file of this name was given; convert it into another --out", file=sys.stderr)
            return 2
        made.add(folder)
        write_instance(instance, folder)
        facilities, customers = problem.unit_cost.shape
        factor = 1 / Scale.of(problem).busd
        print(f"{folder}: {facilities} facilities, {customers} customers; cost = -NPV in B USD x {factor:g}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="scripts/import_orlib",
        description="Turn capacitated location problems (OR-Library, Holmberg, Avella and Boccia) into instances.",
        epilog="Then: scripts/solve OUT/cap61. The cost of the plan, in the unit of the file, follows from its NPV.",
    )
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="a problem, plain or .gz")
    parser.add_argument("--out", type=Path, default=Path("out"), metavar="DIR", help="parent folder (default: out)")
    parser.add_argument(
        "--layout", choices=[str(layout) for layout in Layout], help="order of the numbers; recognised if not given"
    )
    parser.add_argument("--capacity", type=float, help="stands where the file says 'capacity'")
    parser.add_argument("--gap", type=float, default=1e-4, help="relative gap at which to stop (default: 0.0001)")
    parser.add_argument("--time-limit", type=float, default=600, metavar="SECONDS", help="default: 600")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
