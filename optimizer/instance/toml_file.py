"""instance.toml with places: tomllib keeps none, so keys are looked up again in the text when one is needed."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

from optimizer.instance.codes import Code
from optimizer.instance.csv_file import UnreadableError
from optimizer.instance.diagnostics import Diagnostic, Place

KeyPath: TypeAlias = tuple[str | int, ...]
_SECTION = re.compile(r"^\s*\[\[?\s*([^\]]+?)\s*\]\]?")
_KEY = re.compile(r"^\s*(?P<key>[\w.\"'-]+?)\s*=\s*(?P<value>.*?)\s*$")


@dataclass(frozen=True, slots=True)
class _Key:
    """A line on which a key is given: its path, and where its name and its value start."""

    path: tuple[str, ...]
    line: int
    key_column: int
    key_width: int
    value_column: int


@dataclass(frozen=True)
class TomlFile:
    """Text and content of a TOML file."""

    name: str
    text: str
    content: dict[str, Any]

    @cached_property
    def _lines(self) -> list[str]:
        return self.text.splitlines()

    @cached_property
    def _keys(self) -> list[_Key]:
        keys: list[_Key] = []
        section: tuple[str, ...] = ()
        for number, line in enumerate(self._lines, start=1):
            if match := _SECTION.match(line):
                section = _split(match[1])
                keys.append(_Key(section, number, match.start(1) + 1, len(match[1]), match.start(1) + 1))
            elif match := _KEY.match(line):
                path = (*section, *_split(match["key"]))
                keys.append(_Key(path, number, match.start("key") + 1, len(match["key"]), match.start("value") + 1))
        return keys

    def key(self, path: KeyPath) -> Place:
        """Where a key is written; the nearest enclosing key or the file if it is not."""
        return self._find(path, value=False)

    def value(self, path: KeyPath) -> Place:
        """Where the value of a key is written; the nearest enclosing key or the file if it is not."""
        return self._find(path, value=True)

    def text_in(self, path: KeyPath, text: str) -> Place:
        """Where a text stands in the value of a key, e.g. one string of a list."""
        place = self.value(path)
        for number in range(place.line, len(self._lines) + 1):
            line = self._lines[number - 1]
            start = line.find(text, place.column - 1 if number == place.line else 0)
            if text and start >= 0:
                return Place(self.name, number, start + 1, len(text), line)
        return place

    def _find(self, path: KeyPath, *, value: bool) -> Place:
        names = tuple(str(part) for part in path if isinstance(part, str))
        for length in range(len(names), 0, -1):
            found = [key for key in self._keys if key.path == names[:length]]
            if found and length == len(names):
                return self._place(found[-1], value=value)
            if found:
                return self._inside(found[-1], names[length], next((p for p in path if isinstance(p, int)), 0))
        return Place(self.name)

    def _place(self, key: _Key, *, value: bool) -> Place:
        source = self._lines[key.line - 1]
        if value:
            width = len(source.split(" #", maxsplit=1)[0].rstrip()) - key.value_column + 1
            return Place(self.name, key.line, key.value_column, max(1, width), source)
        return Place(self.name, key.line, key.key_column, key.key_width, source)

    def _inside(self, key: _Key, name: str, index: int) -> Place:
        """A key of an inline table: the (index+1)th one of that name after the enclosing key."""
        last = min((other.line for other in self._keys if other.line > key.line), default=len(self._lines) + 1)
        left = index
        for number in range(key.line, last):
            source = self._lines[number - 1]
            for match in re.finditer(rf"(?<![\w-]){re.escape(name)}\s*=\s*(?P<value>[^,}}\]]*)", source):
                if left == 0:
                    return Place(self.name, number, match.start() + 1, len(match.group().rstrip()), source)
                left -= 1
        return self._place(key, value=False)


def _split(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip().strip("\"'") for part in dotted.split("."))


def read_toml(raw: bytes, name: str) -> TomlFile:
    """Read TOML text.

    Raises
    ------
    UnreadableError
        If it is not UTF-8 or not TOML.
    """
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        message = f"byte 0x{raw[error.start]:02x} is not UTF-8 text"
        raise UnreadableError(Diagnostic(Code.NOT_UTF8, Place(name, line), message)) from None
    text = text.replace("\r\n", "\n")
    try:
        return TomlFile(name, text, tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise UnreadableError(_syntax_error(name, text, str(error))) from None


def _syntax_error(name: str, text: str, message: str) -> Diagnostic:
    match = re.search(r"\(at line (\d+), column (\d+)\)$", message)
    lines = text.splitlines()
    line, column = (int(match[1]), int(match[2])) if match else (len(lines), 1)
    source = lines[line - 1] if 0 < line <= len(lines) else ""
    problem = re.sub(r"\s*\(at .*\)$", "", message)
    return Diagnostic(Code.TOML_SYNTAX, Place(name, line, column, 1, source), f"not valid TOML: {problem}")
