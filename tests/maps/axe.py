"""Accessibility rules, checked by axe-core; the test extra brings it with the package axe-playwright-python."""

from __future__ import annotations

from importlib.resources import files

RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")


def violations(page) -> list[tuple[str, int, list[str], str]]:
    """Rules that the page breaks as it is now: rule, how often, where first, and what is wrong there."""
    page.evaluate((files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8"))
    found = page.evaluate("rules => axe.run(document, {runOnly: rules}).then(r => r.violations)", list(RULES))
    return [(v["id"], len(v["nodes"]), v["nodes"][0]["target"], v["nodes"][0]["failureSummary"]) for v in found]
