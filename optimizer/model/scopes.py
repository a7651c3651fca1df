"""Scopes of limits: everywhere, a set of countries, a grid region, or a basin (SEMANTICS 8.3)."""

from __future__ import annotations

from dataclasses import dataclass

from optimizer.instance.country_sets import CountrySet, parse_country_set
from optimizer.instance.instance import Instance
from optimizer.instance.schema import Limit, Site
from optimizer.instance.scopes import Place, PlaceKind
from optimizer.model.context import ModelContext


@dataclass(frozen=True)
class Scope:
    """Part of the world that a limit counts.

    Exactly one of `countries` and `place` is set, or neither for the whole world.
    """

    instance: Instance
    month: int
    countries: CountrySet | None = None
    place: Place | None = None

    @classmethod
    def of(cls, context: ModelContext, limit: Limit) -> Scope:
        """Scope of a limit, with group membership on the first day of its year (or of the plan)."""
        month = max(12 * limit.year, context.timing.calendar.start)
        if limit.scope == "*":
            return cls(context.instance, month)
        if (place := Place.of(limit.scope)) is not None:
            return cls(context.instance, month, place=place)
        return cls(context.instance, month, countries=parse_country_set(limit.scope))

    def contains_country(self, country: str) -> bool:
        """Whether a country lies in the scope; a place contains no whole country."""
        if self.countries is not None:
            return self.countries.contains(country, self.month, self.instance.groups)
        return self.place is None

    def contains(self, site: Site) -> bool:
        """Whether a site lies in the scope."""
        if self.place is None:
            return self.contains_country(site.country)
        own = site.grid_region if self.place.kind is PlaceKind.GRID else site.basin
        return own == self.place.name
