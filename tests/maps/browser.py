"""Chromium for tests, or a reason why there is none."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-3d-apis",
)  # fmt: skip


@contextmanager
def chromium() -> Iterator[Any]:
    """A running browser. Without one tests are skipped, or fail if GIGASITE_REQUIRE_BROWSER is 1."""
    path = shutil.which("chromium")
    if path is None:
        reason = "chromium is not installed"
        if os.environ.get("GIGASITE_REQUIRE_BROWSER") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield browser
        browser.close()


@dataclass
class Watched:
    """An open page with everything it asked for and complained about."""

    page: Any
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def clean(self) -> bool:
        """Whether it loaded nothing but itself and complained about nothing."""
        return not self.complaints and all(url.startswith(("file:", "data:", "blob:")) for url in self.requests)


def open_page(browser: Any, path: Path, fragment: str = "", **options: Any) -> Watched:
    """Open a page in a context of its own (``options`` as of Playwright's new_context)."""
    page = browser.new_context(**{"viewport": {"width": 1400, "height": 860}, **options}).new_page()
    watched = Watched(page)
    page.on("request", lambda request: watched.requests.append(request.url))
    page.on("console", lambda message: watched.complaints.append(message.text))
    page.on("pageerror", lambda error: watched.complaints.append(str(error)))
    page.on("dialog", lambda dialog: (watched.complaints.append(f"dialog {dialog.message}"), dialog.dismiss()))
    page.goto(f"{path.as_uri()}{fragment}")
    page.wait_for_selector("html[data-ready=yes]")
    return watched


def screenshot_folder(fallback: Path) -> Path:
    """Folder named by GIGASITE_SCREENSHOTS, else the test's own."""
    folder = Path(os.environ.get("GIGASITE_SCREENSHOTS", fallback))
    folder.mkdir(parents=True, exist_ok=True)
    return folder
