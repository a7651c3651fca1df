"""Profiles of one's own: every hour once, and shares that are shares."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from optimizer.instance.checks.context import Context
from optimizer.instance.codes import Code
from optimizer.instance.instance import Instance
from optimizer.instance.places import CellRef, Finding
from optimizer.instance.schema.hourly import HOURS_OF_LEAP_YEAR, HOURS_OF_YEAR
from optimizer.instance.schema.technologies import SHARE_PROFILES

TABLE = "hourly_profiles"


def check_hours(instance: Instance, context: Context) -> Iterator[Finding]:
    """Profiles that lack hours or have those of a leap year."""
    if not context.is_whole(TABLE):
        return
    for name, indices in _by_profile(instance).items():
        hours = {instance.hourly_profiles[index].hour for index in indices}
        missing = next((hour for hour in range(HOURS_OF_YEAR) if hour not in hours), None)
        count = len(indices)
        if count == HOURS_OF_LEAP_YEAR:
            reason = "a leap year; leave out 29 February, hours 1,416 to 1,439, and count the later ones from there"
        elif missing is not None:
            reason = f"hour {missing} is missing"
        elif count > HOURS_OF_YEAR:
            reason = "the last hour is 8,759"
        else:
            continue
        # A gap is shown at the row before it, anything else at the end.
        before = [index for index in indices if missing is not None and instance.hourly_profiles[index].hour < missing]
        at = CellRef(TABLE, before[-1] if before and count < HOURS_OF_LEAP_YEAR else indices[-1], "hour")
        message = f"profile '{name}' has {count} hours instead of {HOURS_OF_YEAR}: {reason}"
        yield Finding(Code.HOURS_OF_PROFILE, at, message, str(instance.hourly_profiles[at.row].hour))


def check_shares(instance: Instance, context: Context) -> Iterator[Finding]:
    """Sun, wind and load above 1, or a load that is never there; told once for each profile."""
    if not context.is_whole(TABLE, "site_power"):
        return
    shares = {
        name: column for row in instance.site_power for column in SHARE_PROFILES if (name := getattr(row, column))
    }
    for name, indices in _by_profile(instance).items():
        if name not in shares:
            continue
        values = [instance.hourly_profiles[index].value for index in indices]
        above = [index for index, value in zip(indices, values, strict=True) if value > 1]
        if above:
            first = instance.hourly_profiles[above[0]]
            message = (
                f"hour {first.hour} of '{name}' is above 1, as are {len(above) - 1} others; it is a {shares[name]}"
            )
            yield Finding(Code.HOUR_ABOVE_ONE, CellRef(TABLE, above[0], "value"), message, f"{first.value:g}")
        elif shares[name] == "load_profile" and max(values) == 0:
            message = f"load '{name}' is 0 in every hour"
            yield Finding(Code.HOURS_OF_PROFILE, CellRef(TABLE, indices[0], "value"), message, "0")


def check_used(instance: Instance, context: Context) -> Iterator[Finding]:
    """Profiles that no site names."""
    if not context.is_whole(TABLE, "site_power"):
        return
    columns = (*SHARE_PROFILES, "price_profile")
    used = {getattr(row, column) for row in instance.site_power for column in columns}
    for name, indices in _by_profile(instance).items():
        if name not in used:
            at = CellRef(TABLE, indices[0], "profile")
            yield Finding(Code.UNUSED_HOURLY_PROFILE, at, f"no row of site_power.csv names profile '{name}'", name)


def _by_profile(instance: Instance) -> Mapping[str, Sequence[int]]:
    """Rows of each profile."""
    rows: dict[str, list[int]] = {}
    for index, row in enumerate(instance.hourly_profiles):
        rows.setdefault(row.profile, []).append(index)
    return rows


CHECKS = (check_hours, check_shares, check_used)
