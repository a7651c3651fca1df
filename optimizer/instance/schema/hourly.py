"""Hours of a year that the user knows better than a drawn climate does."""

from __future__ import annotations

from typing import Annotated, ClassVar, Final

from pydantic import Field

from optimizer.instance.schema.base import Identifier, NonNegative, Row

HOURS_OF_YEAR: Final = 8760
HOURS_OF_LEAP_YEAR: Final = 8784

Hour = Annotated[int, Field(ge=0, lt=HOURS_OF_LEAP_YEAR)]


class HourlyValue(Row):
    """One hour of a profile of one's own, which rows of `site_power` name: 8,760 rows for each profile."""

    table: ClassVar = "hourly_profiles"
    key: ClassVar = ("profile", "hour")

    profile: Identifier = Field(description="name of the profile")
    hour: Hour = Field(description="hours since 1 January 00:00 UTC of a year of 365 days, 0 to 8,759")
    value: NonNegative = Field(
        description="sun, wind: share from 0 to 1; load: its shape; price: factor on the cost of grid energy"
    )
