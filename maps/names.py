"""Words, colours and orders that the page and the static map share.

Colours are those of Okabe and Ito, told apart with every common colour blindness; brown and grey fill up the
nine kinds of power. No figure relies on colour alone: every mark has a name, a place or a pattern as well.
"""

from __future__ import annotations

import re
from typing import Final

#: Kinds of power in the order of legends: (kind, name, colour).
POWER_KINDS: Final = (
    ("grid_firm", "firm grid", "#7A7A7A"),
    ("grid_interruptible", "interruptible grid", "#56B4E9"),
    ("hydro", "hydro", "#0072B2"),
    ("nuclear", "nuclear", "#CC79A7"),
    ("geothermal", "geothermal", "#8C510A"),
    ("renewables_storage", "renewables + storage", "#009E73"),
    ("gas_turbine", "gas turbine", "#D55E00"),
    ("gas_engine", "gas engine", "#E69F00"),
    ("fuel_cell", "fuel cell", "#F0E442"),
)
#: Colour of a campus that has no energy yet.
NO_POWER_COLOUR: Final = "#B4BCC6"

#: What power comes from, in stacking order: (kind of option or technology, name, colour, whether it is hatched).
#: Technologies of one colour are told apart by the hatching.
POWER_SOURCES: Final = (
    ("grid_firm", "firm grid", "#7A7A7A", False),
    ("grid_interruptible", "interruptible grid", "#56B4E9", False),
    ("hydro", "hydro", "#0072B2", False),
    ("hydro_contract", "hydro contract", "#0072B2", False),
    ("nuclear", "nuclear", "#CC79A7", False),
    ("nuclear_large", "large nuclear", "#CC79A7", False),
    ("nuclear_small", "small nuclear", "#CC79A7", True),
    ("geothermal", "geothermal", "#8C510A", False),
    ("renewables_storage", "renewables + storage", "#009E73", False),
    ("onshore_wind", "wind", "#009E73", False),
    ("solar", "sun", "#009E73", True),
    ("gas_turbine", "gas turbine", "#D55E00", False),
    ("open_cycle_gas", "open-cycle gas", "#D55E00", False),
    ("combined_cycle_gas", "combined-cycle gas", "#D55E00", True),
    ("gas_engine", "gas engine", "#E69F00", False),
    ("fuel_cell", "fuel cell", "#F0E442", False),
    ("lithium_storage", "storage", "#332288", False),
)

#: Cash categories in stacking order: (category, name, colour).
CASH_CATEGORIES: Final = (
    ("revenue", "revenue", "#009E73"),
    ("chip_resale", "chip resale", "#7FCEB9"),
    ("terminal_value", "terminal value", "#B9E3D8"),
    ("chips", "chips", "#0072B2"),
    ("chip_taxes", "chip taxes", "#7FB8D8"),
    ("modules", "modules", "#D55E00"),
    ("committed_modules", "committed modules", "#EAAE7F"),
    ("site_opening", "site opening", "#8C510A"),
    ("power_capex", "power capital", "#E69F00"),
    ("power_fixed", "power, fixed", "#CC79A7"),
    ("power_energy", "power, energy", "#E5BCD3"),
    ("serving", "serving", "#56B4E9"),
    ("quota_steps", "quota steps", "#332288"),
    ("site_om", "site O&M", "#7A7A7A"),
    ("property_tax", "property tax", "#BCBCBC"),
    ("financing_premium", "financing premium", "#4D4D4D"),
)

#: Names of the families of limits.
FAMILIES: Final = {
    "budget": "budget",
    "chip_supply": "chip supply",
    "supply_response": "supply that answers demand",
    "take_or_pay": "take-or-pay",
    "slots": "delivery slots",
    "grid_headroom": "grid headroom",
    "technology_limits": "limits of power technologies",
    "site_carbon": "carbon per MWh of campuses",
    "sovereignty": "sovereignty",
    "capital_share": "share of capital",
    "it_gw": "IT capacity",
    "gas_gw": "power on gas",
    "carbon_mt": "carbon",
    "water_million_m3": "water",
    "required_compute": "required compute",
}

BOUNDARY_NOTE: Final = (
    "Boundaries and names are those of Natural Earth, drawn as held on the ground; they express no opinion on the "
    "legal status of any territory."
)

_KIND_LABEL: Final = {kind: label for kind, label, _ in POWER_KINDS}
_KIND_COLOUR: Final = {kind: colour for kind, _, colour in POWER_KINDS}
_SOURCE_ORDER: Final = {kind: place for place, (kind, *_) in enumerate(POWER_SOURCES)}
_CATEGORY_LABEL: Final = {category: label for category, label, _ in CASH_CATEGORIES}


def kind_label(kind: str) -> str:
    """Name of a kind of power for people."""
    return _KIND_LABEL.get(kind, kind.replace("_", " "))


def kind_colour(kind: str) -> str:
    """Colour of a kind of power; a pale grey for none."""
    return _KIND_COLOUR.get(kind, NO_POWER_COLOUR)


def source_label(kind: str) -> str:
    """Name of what power comes from, for people."""
    place = _SOURCE_ORDER.get(kind)
    return kind.replace("_", " ") if place is None else POWER_SOURCES[place][1]


def source_order(kind: str) -> int:
    """Place of what power comes from in stacks and legends."""
    return _SOURCE_ORDER.get(kind, len(POWER_SOURCES))


def source_look(kind: str) -> tuple[str, bool]:
    """Colour of what power comes from, and whether it is hatched."""
    place = _SOURCE_ORDER.get(kind)
    return (NO_POWER_COLOUR, False) if place is None else (POWER_SOURCES[place][2], POWER_SOURCES[place][3])


def category_label(category: str) -> str:
    """Name of a cash category for people."""
    return _CATEGORY_LABEL.get(category, category.replace("_", " "))


def family_label(family: str) -> str:
    """Name of a family of limits for people."""
    return FAMILIES.get(family, family.replace("_", " "))


def bloc_label(bloc: str) -> str:
    """Name of a bloc of countries for people."""
    return bloc.replace("_", " ")


def shorten(name: str, longest: int = 26) -> str:
    """Name that fits on a map: without brackets and what follows a semicolon or comma, cut at a word."""
    spaced = " ".join("".join(sign if sign.isprintable() else " " for sign in name).split())
    text = re.split(r"[(;,]", spaced, maxsplit=1)[0].strip() or spaced
    if len(text) <= longest:
        return text
    cut = text[: longest - 1].rsplit(" ", 1)[0] if " " in text[: longest - 1] else text[: longest - 1]
    return cut.rstrip(" /-+") + "…"
