"""Which modules of a plan may be fractions, in words (SEMANTICS 2.9)."""

from __future__ import annotations

from optimizer.instance.calendar import format_span
from optimizer.instance.instance import Instance


def fraction_words(instance: Instance) -> str:
    """``modules on line after 2031 may be fractions``, or "" if all modules are whole."""
    model = instance.settings.model
    if not model.integer_modules:
        return "modules may be fractions"
    if model.integer_until is None:
        return ""
    return f"modules on line after {format_span(model.integer_until)} may be fractions"
