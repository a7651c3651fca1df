"""What a check may know besides the instance: which tables were read only in part."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Context:
    """State of the tables that are checked.

    Attributes
    ----------
    refused
        Tables of which some rows could not be read, with the first key cell of those rows. Checks that need a
        whole table are skipped for them, so that one mistake gives one message.
    settings_known
        False if instance.toml could not be read and stand-in settings are used.
    """

    refused: Mapping[str, frozenset[str]] = field(default_factory=dict)
    settings_known: bool = True

    def is_whole(self, *tables: str) -> bool:
        """Whether all of these tables were read in full."""
        return not any(table in self.refused for table in tables)
