"""Each mistake gives exactly its own code, at the place of the mistake."""

import pytest

from optimizer.instance import Code, InstanceError, Severity, load_instance
from tests.instance.cases import CASES
from tests.instance.small import Folder


def diagnostics_of(folder: Folder, **load):
    """Errors and warnings of an instance."""
    try:
        return load_instance(folder.path, **load).warnings
    except InstanceError as error:
        return (*error.diagnostics, *error.warnings)


def test_the_small_instance_is_valid_without_warnings(tmp_path):
    assert diagnostics_of(Folder.write(tmp_path / "small")) == ()


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.code}-{case.file}-{case.at}")
def test_each_mistake_gives_its_own_code_and_place(tmp_path, case):
    folder = Folder.write(tmp_path / "small")
    case.edit(folder)
    found = diagnostics_of(folder, **case.load)
    text = "\n".join(diagnostic.render() for diagnostic in found)
    matching = [diagnostic for diagnostic in found if diagnostic.code.value == case.code]
    assert matching, text
    assert len(found) == case.count, text
    diagnostic = matching[0]
    assert diagnostic.file.endswith(case.file), text
    assert diagnostic.severity is (case.severity or Code(case.code).severity), text
    assert case.hint in diagnostic.hint, text
    assert diagnostic.message
    if case.at:
        place = diagnostic.place
        assert place.source[place.column - 1 : place.column - 1 + place.width] == case.at, text


def test_every_code_has_a_case():
    assert {code.value for code in Code} == {case.code for case in CASES}


def test_codes_are_unique_and_explained():
    assert len({code.value for code in Code}) == len(list(Code)) > 45
    assert all(code.meaning and code.severity in Severity for code in Code)
