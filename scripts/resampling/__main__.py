"""Command line: instances of any size."""

from __future__ import annotations

import argparse
import sys
import tomllib
from pathlib import Path

from optimizer.instance import load_instance, write_instance
from optimizer.power.join import load_powered
from scripts.resampling.build import Size, SizeError, draw_instance

_WORLD = Path(__file__).resolve().parents[2] / "instances" / "world-2026"


def main() -> int:
    """Draw an instance, write it, and check what was written."""
    arguments = _parser().parse_args()
    try:
        size = Size(arguments.sites, arguments.chips, arguments.quarters, arguments.seed)
    except SizeError as error:
        print(error, file=sys.stderr)
        return 2
    folder = arguments.out or Path("out") / size.name
    settings = folder / "instance.toml"
    if settings.exists() and tomllib.loads(settings.read_text(encoding="utf-8")).get("name") != size.name:
        print(f"{folder} holds another instance; choose another --out", file=sys.stderr)
        return 2
    write_instance(draw_instance(load_powered(arguments.around).instance, size), folder)
    written = load_instance(folder)
    print(f"{folder}: {len(written.sites)} sites, {len(written.chips)} chips, {len(written.calendar)} quarters")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="scripts/make_instance",
        description="Draw an instance of any size around the numbers of instances/world-2026.",
        epilog="The same numbers and seed give the same files.",
    )
    parser.add_argument("--sites", type=int, required=True, metavar="N")
    parser.add_argument("--chips", type=int, required=True, metavar="C", help="chip generations of all stacks")
    parser.add_argument("--quarters", type=int, required=True, metavar="T", help="length of the plan")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="default: 1")
    parser.add_argument("--out", type=Path, metavar="DIR", help="folder (default: out/drawn-...)")
    parser.add_argument("--around", type=Path, default=_WORLD, metavar="INSTANCE", help="draw around another instance")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
