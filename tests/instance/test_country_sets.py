"""Country sets: precedence, memberships over time, and errors that point at the mistake."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimizer.instance.country_sets import parse_country_set
from optimizer.instance.expressions import ExpressionError
from tests.instances import instance, member, month

GROUPS = instance(
    country_groups=[
        member("EU", "DEU"),
        member("EU", "FRA"),
        member("EU", "GBR", member_to="2020-02"),
        member("D:1", "KAZ"),
        member("D:1", "ARE"),
        member("late-joiners", "ARE", member_from="2028-07"),
    ]
).groups
COUNTRIES = ("USA", "DEU", "FRA", "GBR", "KAZ", "ARE")


def countries_in(text, when="2027"):
    """Countries of a set."""
    return {c for c in COUNTRIES if parse_country_set(text).contains(c, month(when), GROUPS)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("any", set(COUNTRIES)),
        ("USA", {"USA"}),
        ("EU", {"DEU", "FRA"}),
        ("USA | EU", {"USA", "DEU", "FRA"}),
        ("EU - FRA", {"DEU"}),
        ("EU & FRA | USA", {"FRA", "USA"}),
        ("USA | EU & FRA", {"FRA", "USA"}),
        ("(USA | EU) & FRA", {"FRA"}),
        ("any - EU - USA", {"GBR", "KAZ", "ARE"}),
        ("any - (EU | USA)", {"GBR", "KAZ", "ARE"}),
        ("any - EU | DEU", {"USA", "GBR", "KAZ", "ARE", "DEU"}),
        ("  D:1|USA ", {"KAZ", "ARE", "USA"}),
        ("D:1 - late-joiners", {"KAZ", "ARE"}),
    ],
)
def test_members(text, expected):
    assert countries_in(text) == expected


@pytest.mark.parametrize(
    ("when", "inside"), [("2020-01", True), ("2020-02", False), ("2000-01", True), ("1999-12", False)]
)
def test_membership_has_a_first_month_and_a_first_month_outside(when, inside):
    assert parse_country_set("EU").contains("GBR", month(when), GROUPS) is inside


def test_group_name_with_hyphen_joins_later():
    assert "ARE" in countries_in("late-joiners", "2028-07")
    assert "ARE" not in countries_in("late-joiners", "2028-06")


@pytest.mark.parametrize(
    ("text", "column", "words"),
    [
        ("", 1, "expected a country code"),
        ("USA |", 6, "expected a country code"),
        ("USA ARE", 5, "expected '|', '&' or '-', found 'ARE'"),
        ("(USA | ARE", 1, "never closed"),
        ("USA | (ARE DEU)", 12, "expected ')'"),
        ("USA ; ARE", 5, "unexpected character ';'"),
        ("USA - - ARE", 7, "expected a country code"),
        ("USA)", 4, "found ')'"),
    ],
)
def test_mistakes_have_a_column(text, column, words):
    with pytest.raises(ExpressionError) as caught:
        parse_country_set(text)
    assert caught.value.column == column
    assert words in caught.value.message


def test_names_are_listed_with_their_columns():
    named = parse_country_set("(D:1 | USA) - EU").names
    assert [(n.name, n.column) for n in named] == [("D:1", 2), ("USA", 8), ("EU", 15)]


LEAVES = st.sampled_from([*COUNTRIES, "EU", "D:1", "any"])
EXPRESSIONS = st.recursive(
    LEAVES.map(lambda name: (name, countries_in(name))),
    lambda inner: st.tuples(inner, st.sampled_from("|&-"), inner).map(
        lambda parts: (
            f"({parts[0][0]} {parts[1]} {parts[2][0]})",
            {"|": set.union, "&": set.intersection, "-": set.difference}[parts[1]](parts[0][1], parts[2][1]),
        )
    ),
    max_leaves=8,
)


@given(EXPRESSIONS)
def test_agrees_with_python_sets(expression):
    text, expected = expression
    assert countries_in(text) == expected
