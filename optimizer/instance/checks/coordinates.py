"""Sites must lie where their country is."""

from __future__ import annotations

from collections.abc import Iterator

from optimizer.instance.checks.context import Context
from optimizer.instance.codes import Code
from optimizer.instance.instance import Instance
from optimizer.instance.iso_countries import lies_in
from optimizer.instance.places import CellRef, Finding
from optimizer.instance.schema import Site


def check_coordinates(instance: Instance, context: Context) -> Iterator[Finding]:  # noqa: ARG001 - rows stand alone
    """Swapped, unsigned and empty coordinates."""
    for index, site in enumerate(instance.sites):
        at = CellRef("sites", index, "latitude")
        value = f"{site.latitude}, {site.longitude}"
        if site.latitude == 0 and site.longitude == 0:
            yield Finding(Code.NULL_ISLAND, at, f"site '{site.site}' lies at 0, 0: coordinates are missing", value)
        elif lies_in(site.country, site.longitude, site.latitude):
            continue
        elif lies_in(site.country, site.latitude, site.longitude):
            message = f"latitude and longitude of '{site.site}' look swapped: swapped, they lie in {site.country}"
            hint = f"write latitude {site.longitude} and longitude {site.latitude}"
            yield Finding(Code.SWAPPED_COORDINATES, at, message, value, hint=hint)
        else:
            message = (
                f"site '{site.site}' at latitude {site.latitude}, longitude {site.longitude} is not in {site.country}"
            )
            yield Finding(Code.OUTSIDE_COUNTRY, at, message, value, hint=_sign_hint(site))


def _sign_hint(site: Site) -> str:
    if lies_in(site.country, -site.longitude, site.latitude):
        return f"the longitude seems to lack its sign: write {-site.longitude}"
    if lies_in(site.country, site.longitude, -site.latitude):
        return f"the latitude seems to lack its sign: write {-site.latitude}"
    return ""


CHECKS = (check_coordinates,)
