"""Chip tests: what passes, precedence, and errors that point at the mistake."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimizer.instance.chip_tests import parse_chip_test
from optimizer.instance.expressions import ExpressionError
from tests.instances import chip

BIG = chip("BIG", tpp=20_000, performance_density=25, memory_bandwidth_tb_s=8, interconnect_gb_s=600, release="2025-07")
SMALL = chip(
    "SMALL",
    tpp=2000,
    performance_density=2.5,
    memory_bandwidth_tb_s=4,
    interconnect_gb_s=599,
    chip_class="workstation",
    release="2026-02",
)
CHINESE = chip(
    "CN1", tpp=6000, stack="cn", vendor="Huawei", design_country="CHN", us_controlled=False, release="2028-07"
)
CHIPS = {c.chip: c for c in (BIG, SMALL, CHINESE)}


def passing(text):
    """Chips that pass."""
    test = parse_chip_test(text)
    return {name for name, c in CHIPS.items() if test.passes(c)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("any", {"BIG", "SMALL", "CN1"}),
        ("tpp >= 4800", {"BIG", "CN1"}),
        ("tpp >= 20000", {"BIG"}),
        ("tpp > 20000", set()),
        ("tpp <= 2e3", {"SMALL"}),
        ("tpp < 2000", set()),
        ("tpp == 2000", {"SMALL"}),
        ("tpp != 2000", {"BIG", "CN1"}),
        ("us_controlled", {"BIG", "SMALL"}),
        ("not us_controlled", {"CN1"}),
        ("not us_controlled and tpp < 1 or chip == 'BIG'", {"BIG"}),
        ("us_controlled and (tpp >= 4800 or tpp >= 1600 and performance_density >= 5.92)", {"BIG"}),
        ("chip == 'BIG' or us_controlled and tpp < 4800", {"BIG", "SMALL"}),
        ("(chip == 'BIG' or us_controlled) and tpp < 4800", {"SMALL"}),
        ('vendor == "Huawei"', {"CN1"}),
        ("design_country != 'CHN'", {"BIG", "SMALL"}),
        ("stack == 'cn' and memory_bandwidth_tb_s < 6.5", {"CN1"}),
        ("performance_h100e > .5 and it_power_kw >= +1", {"BIG", "SMALL", "CN1"}),
        ("not not us_controlled", {"BIG", "SMALL"}),
        ("release < '2026-02'", {"BIG"}),
        ('release <= "2026-02"', {"BIG", "SMALL"}),
        ("release > '2026Q1' and us_controlled", {"SMALL"}),
        ("release >= '2026'", {"SMALL", "CN1"}),
        ("release == '2028H2'", {"CN1"}),
        ("not release != '2028-07'", {"CN1"}),
        ("interconnect_gb_s >= 600", {"BIG"}),
        ("chip_class == 'workstation'", {"SMALL"}),
    ],
)
def test_passing(text, expected):
    assert passing(text) == expected


@pytest.mark.parametrize(
    ("text", "column", "words"),
    [
        ("", 1, "expected a field"),
        ("tp >= 4800", 1, "'tp' is not a field"),
        ("tpp >= ", 8, "expected a number"),
        ("tpp >= 'a'", 8, "expected a number"),
        ("tpp = 4800", 5, "does not compare"),
        ("tpp 4800", 5, "expected a comparison"),
        ("tpp >= 4800 us_controlled", 13, "expected 'and' or 'or'"),
        ("vendor > 'A'", 8, "only be compared"),
        ("vendor == Huawei", 11, "expected quoted text"),
        ("(tpp > 1", 1, "never closed"),
        ("(tpp > 1 tpp", 10, "expected ')'"),
        ("tpp >= 4,800", 9, "unexpected character ','"),
        ("tpp >= 48k", 8, "unexpected character '4'"),
        ("4800 <= tpp", 1, "expected a field"),
        ("vendor == 'Hua", 11, "unexpected character"),
        ("and tpp > 1", 1, "expected a field"),
        ("release < 2026", 11, "expected a quoted month to compare 'release' with"),
        ("release < '2026-13'", 11, "'2026-13' is not a month"),
        ("release < 'soon'", 11, "'soon' is not a month"),
        ("release '2026'", 9, "expected a comparison after 'release'"),
        ("release", 8, "expected a comparison after 'release'"),
        ("__import__('os')", 1, "not a field"),
    ],
)
def test_mistakes_have_a_column(text, column, words):
    with pytest.raises(ExpressionError) as caught:
        parse_chip_test(text)
    assert caught.value.column == column
    assert words in caught.value.message


def test_unknown_field_names_the_nearest():
    with pytest.raises(ExpressionError) as caught:
        parse_chip_test("us_controlled and performance_densty > 1")
    assert caught.value.hint == "did you mean 'performance_density'?"
    assert (caught.value.column, caught.value.width) == (19, len("performance_densty"))


def test_quoted_text_is_listed():
    tests = parse_chip_test("vendor == 'A' or not chip != 'B' and tpp > 1").text_tests
    assert [(t.field, t.value, t.column) for t in tests] == [("vendor", "A", 11), ("chip", "B", 30)]


ATOMS = {
    "us_controlled": lambda c: c.us_controlled,
    "tpp >= 4800": lambda c: c.tpp >= 4800,
    "stack == 'cn'": lambda c: c.stack == "cn",
    "chip != 'BIG'": lambda c: c.chip != "BIG",
}


def both(two):
    """Conjunction of two trees."""
    (left, passes_left), (right, passes_right) = two
    return f"({left}) and ({right})", lambda c: passes_left(c) and passes_right(c)


def either(two):
    """Disjunction of two trees."""
    (left, passes_left), (right, passes_right) = two
    return f"({left}) or ({right})", lambda c: passes_left(c) or passes_right(c)


TREES = st.recursive(
    st.sampled_from(sorted(ATOMS)).map(lambda text: (text, ATOMS[text])),
    lambda inner: st.one_of(
        inner.map(lambda one: (f"not ({one[0]})", lambda c: not one[1](c))),
        st.tuples(inner, inner).map(both),
        st.tuples(inner, inner).map(either),
    ),
    max_leaves=8,
)


@given(TREES)
def test_agrees_with_python(tree):
    text, expected = tree
    assert passing(text) == {name for name, c in CHIPS.items() if expected(c)}
