"""The way into a solve: instances as they are read and changed, with the power of their sites computed.

Commands and studies load and change instances here, so that models, plans, audits and maps see computed options
where `site_power` asks for them and given ones elsewhere. An instance without `site_power` passes untouched.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from optimizer.instance import Code, Instance, InstanceError, reader
from optimizer.instance.places import CellRef, Finding
from optimizer.instance.schema import OptionYear, PowerMethod, PowerOption


@dataclass(frozen=True)
class Powered:
    """An instance ready to be solved, and what to say of its power ("" where none is computed)."""

    instance: Instance
    note: str


def load_powered(path: Path | str, scenario: str | None = None, changes: Iterable[str] = ()) -> Powered:
    """Read, change and check an instance as `load_instance` does, then compute its power.

    Raises
    ------
    InstanceError
        With every error found; also if the power of a site cannot be computed.
    """
    return powered(reader.load_instance(path, scenario, changes))


def powered(instance: Instance) -> Powered:
    """Compute the power of an instance.

    Raises
    ------
    InstanceError
        If the power of a site cannot be computed.
    """
    if not instance.site_power:
        return Powered(instance, "")
    from optimizer.power.dispatched import chosen_method, with_dispatched_power, with_method
    from optimizer.power.portfolios import SitePowerError, with_computed_power
    from optimizer.power.store import NoStore, default_store

    choice = chosen_method(instance)
    settled = with_method(instance, choice.method)
    try:
        computed = (
            with_dispatched_power(settled, NoStore() if settled.settings.solver.deterministic else default_store())
            if choice.method.is_exact
            else with_computed_power(replace(settled, option_years=(), dispatch_modes=()), default_store())
        )
    except SitePowerError as error:
        rows = [row.site for row in instance.site_power]
        at = CellRef("site_power", rows.index(error.site), "site")
        raise _refused(instance, at, str(error), error.site) from error
    automatic = "chosen by auto" if instance.settings.power.method is PowerMethod.AUTO else "used"
    return Powered(computed.instance, f"{computed.line()}; {choice.method} {automatic}, as {choice.reason}")


def apply_changes(instance: Instance, changes: Iterable[str]) -> Instance:
    """Make changes to a valid instance, and compute again the power of the sites that they touch.

    Raises
    ------
    InstanceError
        If a change cannot be made, or what it makes is not valid; also if the changes touch computed options of a
        site whose options must be computed again, because these changes would be lost.
    """
    changed = reader.apply_changes(instance, changes)
    result = powered(changed).instance
    for index, row in enumerate(changed.site_power):
        before, wanted = instance.options_of_site[row.site], changed.options_of_site[row.site]
        if wanted != before and _say_nothing(instance, changed, row.site):
            message = (
                f"options of site '{row.site}' have their numbers by year: change option_years[{row.site},*,*] instead"
            )
            raise _refused(changed, CellRef("site_power", index, "site"), message, row.site)
        if wanted not in (before, result.options_of_site[row.site]):
            message = (
                f"options of site '{row.site}' are computed anew after these changes, which would undo some of them"
            )
            raise _refused(changed, CellRef("site_power", index, "site"), message, row.site)
    return result


def _say_nothing(instance: Instance, changed: Instance, site: str) -> bool:
    """Whether a change touches numbers of power options that rows of `option_years` stand in for."""
    before = {option.option: option for option in instance.options_of_site[site]}
    of_years = [name for name in OptionYear.model_fields if name in PowerOption.model_fields and name != "source"]
    return any(
        getattr(option, name) != getattr(before[option.option], name)
        for option in changed.options_of_site[site]
        if changed.is_dispatched(option) and option.option in before
        for name in of_years
    )


def _refused(instance: Instance, at: CellRef, message: str, site: str) -> InstanceError:
    return InstanceError([instance.locator.diagnostic(Finding(Code.SITE_WITHOUT_POWER, at, message, site))])


__all__ = ["Powered", "apply_changes", "load_powered", "powered"]
