"""Country sets, chip tests, lists of operators and knobs inside cells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from optimizer.instance.checks.context import Context
from optimizer.instance.chip_tests import ChipTest, parse_chip_test
from optimizer.instance.codes import Code
from optimizer.instance.country_sets import EVERYWHERE_NAME, CountrySet, parse_country_set
from optimizer.instance.expressions import ExpressionError, nearest_hint
from optimizer.instance.instance import Instance
from optimizer.instance.iso_countries import ISO_CODES
from optimizer.instance.knobs import KnobError, find_knob
from optimizer.instance.places import CellRef, Finding
from optimizer.instance.schema import LimitKind
from optimizer.instance.scopes import Place, PlaceKind


def country_set_cells(instance: Instance) -> Iterator[tuple[CellRef, str]]:
    """Every cell that holds a country set."""
    for index, rule in enumerate(instance.rules):
        for column in ("destination", "owner", "base_destination"):
            yield CellRef("rules", index, column), getattr(rule, column)
    for index, row in enumerate(instance.sovereignty):
        yield CellRef("sovereignty", index, "allowed"), row.allowed
    for index, limit in enumerate(instance.limits):
        if limit.scope != "*" and Place.of(limit.scope) is None:
            yield CellRef("limits", index, "scope"), limit.scope


def check_country_sets(instance: Instance, context: Context) -> Iterator[Finding]:
    """Country sets that cannot be read, or name neither a group nor a country."""
    groups_known = context.is_whole("country_groups")
    places = [place.text for known in _places_known(instance, context).values() for place in known]
    for at, text in country_set_cells(instance):
        try:
            parsed = parse_country_set(text)
        except ExpressionError as error:
            yield _syntax(Code.BAD_COUNTRY_SET, at, text, error)
            continue
        if groups_known:
            yield from _unknown_names(instance, at, parsed, places if at.table == "limits" else ())


def _unknown_names(instance: Instance, at: CellRef, parsed: CountrySet, others: Sequence[str]) -> Iterator[Finding]:
    for named in parsed.names:
        if named.name in instance.groups or named.name in ISO_CODES:
            continue
        hint = nearest_hint(named.name, [*instance.groups, *ISO_CODES, EVERYWHERE_NAME, *others], 0)
        if "-" in named.name:
            hint = "a minus sign needs a blank on each side" + (f"; {hint}" if hint else "")
        message = f"{at.column}: '{named.name}' is neither a group of country_groups.csv nor a country code"
        yield Finding(
            Code.UNKNOWN_SET_NAME, at, message, named.name, hint=hint, offset=named.column - 1, width=len(named.name)
        )


def check_places(instance: Instance, context: Context) -> Iterator[Finding]:
    """Limits on grid regions or basins that do not exist."""
    known = _places_known(instance, context)
    for index, limit in enumerate(instance.limits):
        place = Place.of(limit.scope)
        if place is None or place.kind not in known or place in known[place.kind]:
            continue
        names = [other.name for other in known[place.kind]]
        if place.kind is PlaceKind.GRID:
            code, message = Code.UNKNOWN_GRID_REGION, f"scope: grid region '{place.name}' is not in grid_regions.csv"
        else:
            code, message = Code.UNKNOWN_BASIN, f"scope: basin '{place.name}' is that of no site in sites.csv"
        hint = nearest_hint(place.name, names) if names else "name it in the column 'basin' of sites.csv"
        at, offset = CellRef("limits", index, "scope"), len(place.text) - len(place.name)
        yield Finding(code, at, message, place.name, hint=hint, offset=offset, width=len(place.name))


def _places_known(instance: Instance, context: Context) -> Mapping[PlaceKind, Sequence[Place]]:
    """Places that limits may be on, by kind; without those whose table could not be read whole."""
    known: dict[PlaceKind, Sequence[Place]] = {}
    if context.is_whole("grid_regions"):
        known[PlaceKind.GRID] = [Place(PlaceKind.GRID, region.grid_region) for region in instance.grid_regions]
    if context.is_whole("sites"):
        names = dict.fromkeys(site.basin for site in instance.sites if site.basin is not None)
        known[PlaceKind.BASIN] = [Place(PlaceKind.BASIN, name) for name in names]
    return known


def check_capital_scopes(instance: Instance, _: Context) -> Iterator[Finding]:
    """Limits on the share of capital of a place: capital is counted by country (SEMANTICS 8.1)."""
    for index, limit in enumerate(instance.limits):
        if limit.kind is LimitKind.CAPITAL_SHARE and Place.of(limit.scope) is not None:
            message = f"scope: a share of capital is of countries, and '{limit.scope}' is none"
            hint = "write '*' or a country set"
            yield Finding(Code.SHARE_OF_PLACE, CellRef("limits", index, "scope"), message, limit.scope, hint=hint)


def check_chip_tests(instance: Instance, context: Context) -> Iterator[Finding]:
    """Chip tests that cannot be read, or compare with a text that no chip has."""
    for index, rule in enumerate(instance.rules):
        at = CellRef("rules", index, "chip_test")
        try:
            parsed = parse_chip_test(rule.chip_test)
        except ExpressionError as error:
            yield _syntax(Code.BAD_CHIP_TEST, at, rule.chip_test, error)
            continue
        if context.is_whole("chips"):
            yield from _unknown_values(instance, at, parsed)


def _unknown_values(instance: Instance, at: CellRef, parsed: ChipTest) -> Iterator[Finding]:
    for test in parsed.text_tests:
        known = [getattr(chip, test.field) for chip in instance.chips]
        if test.value not in known:
            message = f"chip_test: no chip has the {test.field} '{test.value}'"
            hint = nearest_hint(test.value, known, 0)
            yield Finding(
                Code.UNKNOWN_TEST_VALUE, at, message, test.value, "", hint, test.column - 1, len(test.value) + 2
            )


def check_operators(instance: Instance, context: Context) -> Iterator[Finding]:
    """Operators of rules and of the installed base that no site has."""
    if not context.is_whole("sites"):
        return
    known = {site.operator for site in instance.sites}
    for index, base in enumerate(instance.installed_base):
        if base.operator and base.operator not in known:
            at = CellRef("installed_base", index, "operator")
            message = f"operator: no site has the operator '{base.operator}', whose countries are those of its sites"
            hint = nearest_hint(base.operator, known, 0) or "leave the cell empty if share rules need not know it"
            yield Finding(Code.UNKNOWN_OPERATOR, at, message, base.operator, hint=hint)
    for index, rule in enumerate(instance.rules):
        names = [name.strip() for name in rule.operators.split(";") if name.strip()]
        for name in names:
            if name not in known and names != ["any"]:
                at = CellRef("rules", index, "operators")
                offset = rule.operators.find(name)
                message = f"operators: no site has the operator '{name}'"
                hint = nearest_hint(name, known, 0)
                yield Finding(Code.UNKNOWN_OPERATOR, at, message, name, "", hint, offset, len(name))


def check_knobs(instance: Instance, context: Context) -> Iterator[Finding]:
    """Knobs of assumptions that cannot be read or turn nothing."""
    if context.refused:
        return
    for index, assumption in enumerate(instance.assumptions):
        try:
            find_knob(instance, assumption.knob)
        except KnobError as error:
            at = CellRef("assumptions", index, "knob")
            message = f"knob: {error.message}"
            yield Finding(Code.BAD_KNOB, at, message, assumption.knob, "", error.hint, error.offset, error.width)


def _syntax(code: Code, at: CellRef, text: str, error: ExpressionError) -> Finding:
    message = f"{at.column}: {error.message}"
    return Finding(code, at, message, text, "", error.hint, error.column - 1, error.width)


CHECKS = (check_country_sets, check_places, check_capital_scopes, check_chip_tests, check_operators, check_knobs)
