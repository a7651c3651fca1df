"""Who runs a site, and the groups for which a rule holds apart (SEMANTICS 7.3, 7.9)."""

from __future__ import annotations

from dataclasses import dataclass

from optimizer.instance.schema import Site


@dataclass(frozen=True)
class Owner:
    """All that owner and operator tests look at.

    Attributes
    ----------
    operator
        Name of who runs the site.
    headquarters
        Country of the operator.
    parent
        Country of its ultimate parent; empty: that of the headquarters.
    """

    operator: str
    headquarters: str
    parent: str = ""

    @classmethod
    def of(cls, site: Site) -> Owner:
        """Owner of a site."""
        return cls(site.operator, site.operator_hq, site.parent_country)

    @property
    def parent_country(self) -> str:
        """Country of the ultimate parent."""
        return self.parent or self.headquarters


@dataclass(frozen=True)
class RuleGroup:
    """What a rule holds for apart: a country of sites, an operator, both, or (neither) everything together."""

    country: str | None = None
    operator: str | None = None

    def __str__(self) -> str:
        """Name in plan tables, e.g. ``G42/ARE``; empty for everything together."""
        return "/".join(part for part in (self.operator, self.country) if part is not None)

    def includes(self, country: str, operator: str) -> bool:
        """Whether a site in a country with an operator belongs to the group."""
        return self.country in (None, country) and self.includes_operator(operator)

    def includes_operator(self, operator: str) -> bool:
        """Whether an operator belongs to the group, wherever its sites lie."""
        return self.operator in (None, operator)


#: The only group of a rule that holds for everything together.
EVERYTHING = RuleGroup()
