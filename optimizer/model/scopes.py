"""Scopes of limits: everywhere, a set of countries, or a grid region (SEMANTICS 8.3)."""

from __future__ import annotations

from dataclasses import dataclass

from optimizer.instance.country_sets import CountrySet, parse_country_set
from optimizer.instance.instance import Instance
from optimizer.instance.schema import Limit, Site
from optimizer.model.context import ModelContext

_GRID = "grid:"


@dataclass(frozen=True)
class Scope:
    """Part of the world that a limit counts.

    Exactly one of `countries` and `grid_region` is set, or neither for the whole world.
    """

    instance: Instance
    month: int
    countries: CountrySet | None = None
    grid_region: str | None = None

    @classmethod
    def of(cls, context: ModelContext, limit: Limit) -> Scope:
        """Scope of a limit, with group membership on the first day of its year (or of the plan)."""
        month = max(12 * limit.year, context.timing.calendar.start)
        if limit.scope == "*":
            return cls(context.instance, month)
        if limit.scope.startswith(_GRID):
            return cls(context.instance, month, grid_region=limit.scope.removeprefix(_GRID))
        return cls(context.instance, month, countries=parse_country_set(limit.scope))

    def contains_country(self, country: str) -> bool:
        """Whether a country lies in the scope; a grid region contains no whole country."""
        if self.countries is not None:
            return self.countries.contains(country, self.month, self.instance.groups)
        return self.grid_region is None

    def contains(self, site: Site) -> bool:
        """Whether a site lies in the scope."""
        if self.grid_region is not None:
            return site.grid_region == self.grid_region
        return self.contains_country(site.country)
