"""Whatever stands in a file, the answer is an instance or a list of diagnostics, never a traceback."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from optimizer.instance import InstanceError, load_instance
from optimizer.instance.schema import TABLES
from tests.instance.small import Folder

NASTY = st.one_of(
    st.text(max_size=12),
    st.sampled_from(["1e999", "1e999999999", "1e-999999999", "1e300", "-0", "0x1F", "1_0", "NaN", "9" * 400]),
    st.sampled_from(["2027Q9", "any |", "((", "'", '"', "=", "\x00", "٣", "1e999GW", "1e999 GW"]),
    st.integers(-(10**30), 10**30).map(str),
    st.floats().map(str),
)  # fmt: skip
CELLS = st.tuples(st.sampled_from([row.table for row in TABLES]), st.integers(0, 5), st.integers(0, 30), NASTY)
QUIET = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def answer(folder, **load):
    """Load, and look at everything that is said."""
    try:
        found = load_instance(folder.path, **load).warnings
    except InstanceError as error:
        found = (*error.diagnostics, *error.warnings)
    for diagnostic in found:
        assert diagnostic.render(colour=True)
        assert diagnostic.as_dict()
        assert diagnostic.message


@QUIET
@given(st.lists(CELLS, min_size=1, max_size=3))
def test_any_cell(tmp_path, cells):
    folder = Folder.write(tmp_path / "small")
    # A whole profile has 8,760 rows; a first one is enough here.
    folder.save("hourly_profiles", [["profile", "hour", "value"], ["mine", "0", "1"]])
    for table, row, column, text in cells:
        rows = folder.rows(table)
        line = rows[row % len(rows)]
        line[column % len(line)] = text
        folder.save(table, rows)
    answer(folder)


@QUIET
@given(st.sampled_from(["instance.toml", "sites.csv", "rules.csv"]), st.integers(0, 2000), st.binary(max_size=6))
def test_any_bytes(tmp_path, name, position, junk):
    folder = Folder.write(tmp_path / "small")
    raw = (folder.path / name).read_bytes()
    at = position % len(raw)
    folder.raw(name, raw[:at] + junk + raw[at + len(junk) // 2 :])
    answer(folder)


@QUIET
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=40), max_size=3))
def test_any_change(tmp_path, changes):
    folder = Folder.write(tmp_path / "small")
    answer(folder, changes=changes)


KNOBS = st.sampled_from(
    ["sites[*].module_mw", "sites[*].module_gw", "sites[*].name", "chips[C?].life_months", "chips[C1].life_years",
     "finance.discount_rate", "calendar.start", "x[", "solver.gap", "solver.seed", "rules[*].quantity", "name",
     "chip_supply[C1,2027].units", "sites[*].earliest_start", "scenarios.slow.changes"]
)  # fmt: skip


@QUIET
@given(KNOBS, st.sampled_from(["=", "+=", "*="]), NASTY)
def test_any_value_of_a_change(tmp_path, knob, operation, value):
    folder = Folder.write(tmp_path / "small")
    answer(folder, changes=[f"{knob} {operation} {value}"])
