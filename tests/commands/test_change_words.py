"""Changes of inputs in few words."""

from __future__ import annotations

import pytest

from optimizer.commands.change_words import change_words
from optimizer.studies.input_changes import ABSENT, InputChange


def _rows(column: str, *pairs: tuple[str, str]) -> list[InputChange]:
    return [InputChange("budgets", f"global, {2027 + i}", column, *pair) for i, pair in enumerate(pairs)]


def test_rows_that_changed_alike_are_told_together():
    changes = _rows("capital_busd", ("300", "180"), ("430", "258"), ("490", "294.00000000000006"))
    assert change_words(changes, 6) == ("budgets[*].capital_busd \N{MULTIPLICATION SIGN} 0.6 in 3 rows",)


def test_months_are_told_as_how_far_they_moved():
    changes = _rows("available_from", ("2028-07", "2029-07"), ("2030-01", "2031-01"), ("2030-01", "2029-12"))
    assert change_words(changes, 6) == (
        "budgets[*].available_from +12 months in 2 rows",
        "budgets[global, 2029].available_from: 2030-01 becomes 2029-12",
    )


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("32659.999999999996", "0.1", "32660 becomes 0.1"),
        ("yes", "no", "yes becomes no"),
        ("0", "5", "0 becomes 5"),
        (ABSENT, "row", f"{ABSENT} becomes row"),
        ("123456789", "1.5", "123456789 becomes 1.5"),
    ],
)
def test_a_change_alone_is_told_by_both_values(before, after, words):
    assert change_words(_rows("capital_busd", (before, after)), 6) == (f"budgets[global, 2027].capital_busd: {words}",)


def test_settings_are_never_told_as_rows():
    changes = [InputChange("finance", "", name, "0.08", "0.1") for name in ("discount_rate", "tax_rate")]
    assert change_words(changes, 6) == (
        "finance.discount_rate: 0.08 becomes 0.1",
        "finance.tax_rate: 0.08 becomes 0.1",
    )


def test_what_is_left_out_is_counted_by_cells():
    changes = [*_rows("a", ("1", "2")), *_rows("b", ("1", "3"), ("2", "6")), *_rows("c", ("x", "y"), ("x", "z"))]
    assert change_words(changes, 1) == ("budgets[global, 2027].a: 1 becomes 2", "and 4 more inputs")
