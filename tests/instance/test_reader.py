"""Files as people make them: encodings, line ends, quotes, and several mistakes at once."""

import json

import pytest

from optimizer.instance import InstanceError, load_instance
from optimizer.instance.csv_file import split_csv
from tests.instance.small import Folder, small_instance


@pytest.fixture
def folder(tmp_path):
    """The small instance on disk."""
    return Folder.write(tmp_path / "small")


def errors_of(folder, **load):
    """Errors of a broken instance."""
    with pytest.raises(InstanceError) as caught:
        load_instance(folder.path, **load)
    return caught.value.diagnostics


def test_loads_what_was_written(folder):
    assert load_instance(folder.path) == small_instance()


def test_loads_by_folder_toml_and_text(folder):
    assert load_instance(folder.path / "instance.toml") == load_instance(str(folder.path)) == small_instance()


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n"])
@pytest.mark.parametrize("mark", ["\ufeff", ""])
def test_byte_order_mark_and_line_ends(folder, end, mark):
    for file in folder.path.glob("*.csv"):
        file.write_bytes((mark + file.read_text(encoding="utf-8").replace("\n", end)).encode())
    toml = folder.path / "instance.toml"
    toml.write_bytes((mark + toml.read_text(encoding="utf-8").replace("\n", "\r\n")).encode())
    assert load_instance(folder.path) == small_instance()


def test_blank_lines_spaces_and_column_order_do_not_matter(folder):
    rows = folder.rows("sites")
    reversed_rows = [[f" {cell} " for cell in reversed(row)] for row in rows]
    folder.save("sites", [reversed_rows[0], [""] * len(rows[0]), *reversed_rows[1:], [""]])
    assert load_instance(folder.path) == small_instance()


def test_empty_cells_and_absent_columns_take_the_default(folder):
    folder.drop_column("sites", "pool")
    folder.cell("sites", 0, "status", "")
    assert load_instance(folder.path) == small_instance()


def test_quoted_line_breaks_keep_lines_right(folder):
    folder.cell("sites", 0, "source", "first line\nsecond, line\n\nfourth")
    folder.cell("sites", 1, "module_mw", "1.5GW")
    (diagnostic,) = errors_of(folder)
    lines = (folder.path / "sites.csv").read_text(encoding="utf-8").splitlines()
    assert diagnostic.line == 6
    assert lines[diagnostic.line - 1][diagnostic.column - 1 :].startswith("1.5GW")


def test_a_mistake_after_a_quoted_line_break_in_its_own_row(folder):
    folder.cell("sites", 1, "name", "two\nlines")
    folder.cell("sites", 1, "module_mw", "1.5GW")
    (diagnostic,) = errors_of(folder)
    lines = (folder.path / "sites.csv").read_text(encoding="utf-8").splitlines()
    assert diagnostic.line == 4
    assert lines[3][diagnostic.column - 1 :].startswith("1.5GW")


def test_quotes_and_commas_before_the_cell(folder):
    folder.cell("sites", 0, "name", 'The "big" one, in Texas')
    folder.cell("sites", 0, "module_mw", "big")
    (diagnostic,) = errors_of(folder)
    source = diagnostic.place.source
    assert source[diagnostic.column - 1 :].startswith("big,")
    assert '""big""' in source


def test_quote_inside_an_unquoted_cell():
    file = split_csv('a,b,c\nx 5" pipe,2,"3, 4"\n', "t.csv")
    assert file.records[0].cells == ('x 5" pipe', "2", "3, 4")
    assert file.cell(file.records[0], 1).column == 11
    assert file.cell(file.records[0], 2).width == len('"3, 4"')


def test_all_mistakes_are_reported_at_once_in_order(folder):
    folder.cell("sites", 0, "module_mw", "1.5GW")
    folder.cell("sites", 1, "lead_months", "soon")
    folder.cell("chip_supply", 2, "units", "-1")
    folder.cell("power_options", 2, "kind", "gas")
    folder.settings("discount_rate = 0.08", "discount_rate = 8")
    folder.raw("extra.csv", "a\n")
    found = errors_of(folder)
    assert [d.code.value for d in found] == ["T209", "F004", "S103", "T211", "T207", "T208"]
    assert [d.place for d in found] == sorted((d.place for d in found), key=lambda p: (p.file, p.line, p.column))


def test_cell_mistakes_do_not_hide_unknown_names(folder):
    folder.cell("chips", 0, "it_power_kw", "1.4kW")
    folder.cell("committed", 0, "site", "golf")
    assert {d.code.value for d in errors_of(folder)} == {"T207", "R311"}


def test_a_refused_row_is_no_unknown_name(folder):
    folder.cell("sites", 1, "module_mw", "1.5GW")
    assert [d.code.value for d in errors_of(folder)] == ["T207"]


def test_two_mistakes_in_one_row(folder):
    folder.cell("sites", 0, "module_mw", "x")
    folder.cell("sites", 0, "pue_peak", "9")
    folder.cell("sites", 0, "source", "")
    assert {d.code.value for d in errors_of(folder)} == {"T208", "T209", "T206"}


def test_duplicate_names_its_first_row(folder):
    folder.copy_row("sites", 0)
    (diagnostic,) = errors_of(folder)
    assert diagnostic.line == 4
    assert diagnostic.hint.endswith("sites.csv:2")


def test_warnings_stay_with_the_instance(folder):
    folder.cell("rules", 0, "chip_test", "vendor == 'Vndor'")
    assert [w.code.value for w in load_instance(folder.path).warnings] == ["R318"]


def test_an_accepted_code_becomes_a_warning(folder):
    folder.cell("chip_prices", 0, "price_usd", "3000000")
    folder.cell("chip_prices", 1, "price_usd", "3000000")
    assert {d.code.value for d in errors_of(folder)} == {"M703"}
    folder.settings("accept = []", 'accept = ["M703"]')
    assert [w.code.value for w in load_instance(folder.path).warnings] == ["M703", "M703"]


def test_json_form_has_stable_keys(folder):
    folder.cell("power_options", 2, "kind", "gas_turbin")
    (diagnostic,) = errors_of(folder)
    document = json.loads(json.dumps(diagnostic.as_dict()))
    assert document == {
        "code": "T211",
        "severity": "error",
        "file": str(folder.path / "power_options.csv"),
        "line": 4,
        "column": document["column"],
        "value": "gas_turbin",
        "message": "kind: 'gas_turbin' is not a value of this column",
        "expected": document["expected"],
        "hint": "did you mean 'gas_turbine'?",
    }
    assert "gas_turbine" in document["expected"]


def test_rendering_points_with_a_caret(folder):
    folder.cell("regimes", 1, "rule", "capp")
    (diagnostic,) = errors_of(folder)
    assert diagnostic.render().splitlines() == [
        "error[R314]: rule 'capp' is not in rules.csv",
        f" --> {folder.path / 'regimes.csv'}:3:6",
        "  |",
        "3 | test,capp,made for a test",
        "  |      ^^^^",
        "  = help: did you mean 'cap'?",
    ]
    assert "\x1b[1;31m" in diagnostic.render(colour=True)


def test_long_lines_are_cut_around_the_caret(folder):
    folder.cell("rules", 0, "source", "x" * 500)
    folder.cell("rules", 0, "effective_from", "someday")
    (diagnostic,) = errors_of(folder)
    *_, line, caret, _ = diagnostic.render().splitlines()
    assert len(line) < 130
    assert line[caret.index("^") :].startswith("someday")


def test_the_error_counts(folder):
    folder.cell("sites", 0, "module_mw", "x")
    folder.cell("chips", 0, "tpp", "x")
    with pytest.raises(InstanceError) as caught:
        load_instance(folder.path)
    assert caught.value.summary() == "2 errors in 2 files"
    assert str(caught.value).endswith("2 errors in 2 files")


def test_missing_folder(tmp_path):
    with pytest.raises(InstanceError) as caught:
        load_instance(tmp_path / "nowhere")
    assert [d.code.value for d in caught.value.diagnostics] == ["F001"]


@pytest.mark.parametrize("text", ["", "x", "name = 1\n[calendar]\nstart='x'\nperiods=3\n", "a.b.c = 1\n[[x]]\ny=1"])
def test_any_toml_gives_diagnostics_not_crashes(folder, text):
    folder.raw("instance.toml", text)
    assert all(d.code.value[0] in "FS" for d in errors_of(folder))


def test_every_section_of_the_toml_can_be_wrong(folder):
    folder.raw(
        "instance.toml",
        'schema_version = 1\nname = "x"\n[calendar]\nstart = "2027"\nperiods = [\n  { months = 12, count = 1 },\n'
        '  { months = 12, count = 0 },\n]\n[finance]\ndiscount_rate = 0.1\n[scenarios]\na = { changs = ["x = 1"] }\n',
    )
    found = {d.code.value: d for d in errors_of(folder)}
    assert set(found) == {"S101", "S102", "S103"}
    assert (found["S103"].line, found["S103"].column) == (7, 18)
    assert found["S101"].hint == "did you mean 'changes'?"
