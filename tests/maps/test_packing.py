"""What is packed comes back equal, and what occurs twice is written once."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maps.packing import SIGNIFICANT_DIGITS, packed
from tests.maps.packing import unpacked


@dataclass(frozen=True)
class Leaf:
    name: str
    values: tuple[float, ...]


@dataclass(frozen=True)
class Branch:
    leaves: tuple[Leaf, ...]
    flag: bool
    number: int | None


def plain(value):
    """What JSON makes of a value, with numbers as exact as they are packed."""
    if dataclasses.is_dataclass(value):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, tuple):
        return [plain(part) for part in value]
    return float(f"{value:.{SIGNIFICANT_DIGITS}g}") if isinstance(value, float) else value


texts = st.sampled_from(["", "0", "12", "a name", "</script>", '{"0":[]}', "naïve \u2028 text"]) | st.text(max_size=6)
numbers = st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from([0.0, 1.0, -0.0, 1234567.8])
leaves = st.builds(Leaf, texts, st.lists(numbers, max_size=4).map(tuple))
branches = st.builds(Branch, st.lists(leaves, max_size=4).map(tuple), st.booleans(), st.none() | st.integers())
trees = st.recursive(
    texts | numbers | st.integers() | st.booleans() | st.none() | leaves | branches,
    lambda inner: st.lists(inner, max_size=4).map(tuple),
    max_leaves=20,
)


@given(trees)
def test_what_is_packed_comes_back(tree):
    text = json.dumps(packed(tree), allow_nan=False)
    assert unpacked(json.loads(text)) == plain(tree)


def test_true_and_one_are_not_the_same_and_neither_are_text_and_number():
    values = (True, 1, 1.0, False, 0, None, "1", "0", "None")
    back = unpacked(packed(values))
    assert [(type(value), value) for value in back] == [
        (bool, True), (int, 1), (int, 1), (bool, False), (int, 0), (type(None), None), (str, "1"), (str, "0"),
        (str, "None"),
    ]  # fmt: skip


def test_what_occurs_again_costs_a_reference():
    branch = Branch(tuple(Leaf(f"leaf {n}", (n + 0.5, n + 0.25)) for n in range(50)), flag=True, number=3)
    once, often = (len(json.dumps(packed((branch,) * count))) for count in (1, 20))
    assert often < once + 20 * 3 * 6  # three fields a branch
    changed = dataclasses.replace(branch, leaves=(Leaf("another", (1.0,)), *branch.leaves[1:]))
    two = packed((branch, changed))
    assert unpacked(two) == [plain(branch), plain(changed)]
    assert len(json.dumps(two)) < 1.7 * once


def test_what_has_no_form_is_refused():
    with pytest.raises(TypeError, match="cannot pack a dict"):
        packed(({"a": 1},))
