"""A QGIS style: colour by main power, area by GW on line, names of the largest campuses."""

from __future__ import annotations

from xml.etree import ElementTree as Xml

from maps.names import NO_POWER_COLOUR, POWER_KINDS

_MILLIMETRES_PER_ROOT_GW = 3.5
_SMALLEST = 1.1  # millimetres
_NAMED_FROM_GW = 1.0


def qml(field: str, dates: tuple[str, str] | None = None) -> str:
    """Style of a layer of points as QGIS reads it.

    Parameters
    ----------
    field
        Field with the GW on line.
    dates
        Fields with the first and last day of each row, for the temporal controller.
    """
    root = Xml.Element("qgis", version="3.28.0", styleCategories="Symbology|Labeling|Temporal", labelsEnabled="1")
    if dates is not None:
        Xml.SubElement(
            root, "temporal", enabled="1", mode="2", startField=dates[0], endField=dates[1], limitMode="1",
            durationUnit="days", fixedDuration="0", accumulate="0", durationField="", startExpression="",
            endExpression="",
        )  # fmt: skip
    renderer = Xml.SubElement(root, "renderer-v2", type="categorizedSymbol", attr="main_power", symbollevels="0")
    categories, symbols = Xml.SubElement(renderer, "categories"), Xml.SubElement(renderer, "symbols")
    for number, (kind, label, colour) in enumerate((*POWER_KINDS, ("", "no power yet", NO_POWER_COLOUR))):
        Xml.SubElement(
            categories, "category", symbol=str(number), value=kind, label=label, render="true", type="string"
        )
        _symbol(symbols, str(number), colour, field)
    _labels(root, field)
    return Xml.tostring(root, encoding="unicode")


def _options(parent: Xml.Element, values: dict[str, str]) -> None:
    holder = Xml.SubElement(parent, "Option", type="Map")
    for name, value in values.items():
        Xml.SubElement(holder, "Option", name=name, value=value, type="QString")


def _symbol(parent: Xml.Element, name: str, colour: str, field: str) -> None:
    """A disc whose area is in proportion to the GW; what is not on line is a dot."""
    symbol = Xml.SubElement(parent, "symbol", name=name, type="marker", alpha="0.9", clip_to_extent="1", force_rhr="0")
    layer = Xml.SubElement(symbol, "layer", {"class": "SimpleMarker"}, enabled="1", locked="0")
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    look = {
        "name": "circle", "color": f"{red},{green},{blue},255", "outline_color": "255,255,255,255",
        "outline_width": "0.2", "outline_width_unit": "MM", "size": str(_SMALLEST), "size_unit": "MM",
        "scale_method": "diameter",
    }  # fmt: skip
    _options(layer, look)
    properties = Xml.SubElement(layer, "data_defined_properties")
    outer = Xml.SubElement(properties, "Option", type="Map")
    Xml.SubElement(outer, "Option", name="name", value="", type="QString")
    inner = Xml.SubElement(outer, "Option", name="properties", type="Map")
    size = Xml.SubElement(inner, "Option", name="size", type="Map")
    expression = f'max({_SMALLEST}, {_MILLIMETRES_PER_ROOT_GW} * sqrt(coalesce("{field}", 0)))'
    Xml.SubElement(size, "Option", name="active", value="true", type="bool")
    Xml.SubElement(size, "Option", name="expression", value=expression, type="QString")
    Xml.SubElement(size, "Option", name="type", value="3", type="int")
    Xml.SubElement(outer, "Option", name="type", value="collection", type="QString")


def _labels(root: Xml.Element, field: str) -> None:
    labelling = Xml.SubElement(root, "labeling", type="simple")
    settings = Xml.SubElement(labelling, "settings", calloutType="simple")
    words = f'CASE WHEN "{field}" >= {_NAMED_FROM_GW} THEN "name" || \'\\n\' || round("{field}", 1) || \' GW\' END'
    style = Xml.SubElement(
        settings, "text-style", fieldName=words, isExpression="1", fontSize="7", fontSizeUnit="Point",
        fontFamily="DejaVu Sans", textColor="23,32,43,255",
    )  # fmt: skip
    Xml.SubElement(
        style, "text-buffer", bufferDraw="1", bufferSize="0.7", bufferSizeUnits="MM", bufferColor="255,255,255,220"
    )
    # Beside the mark, however large it is: offset type 1 measures from the bounds of the symbol.
    Xml.SubElement(settings, "placement", placement="6", offsetType="1", dist="0.8", distUnits="MM", priority="5")
    Xml.SubElement(settings, "rendering", obstacle="1", drawLabels="1", displayAll="0")
