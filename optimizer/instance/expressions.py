"""Tokens and errors that the small languages of instance files share."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class ExpressionError(ValueError):
    """A text that is not in the language.

    Attributes
    ----------
    message
        What is wrong.
    column
        1-based place in the text.
    width
        Characters that are wrong, at least 1.
    hint
        What would be right, or "".
    """

    def __init__(self, message: str, column: int, width: int = 1, hint: str = "") -> None:
        super().__init__(f"{message} (column {column})" + (f"; {hint}" if hint else ""))
        self.message = message
        self.column = column
        self.width = max(1, width)
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Token:
    """A word, number, quoted text or sign, with its 1-based column. The end of the text is a token of kind ``end``."""

    kind: str
    text: str
    column: int


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Name among ``known`` that looks most like ``word``, or None if none comes near."""
    names = list(dict.fromkeys(known))
    matches = get_close_matches(word, names, n=1, cutoff=0.6)
    if not matches:
        by_lower = {name.lower(): name for name in names}
        matches = [by_lower[m] for m in get_close_matches(word.lower(), by_lower, n=1, cutoff=0.6)]
    return matches[0] if matches else None


def nearest_hint(word: str, known: Iterable[str], show_at_most: int = 12) -> str:
    """``did you mean 'x'?``, or the known names if they are few, or ""."""
    names = list(dict.fromkeys(known))
    match = nearest(word, names)
    if match is not None:
        return f"did you mean '{match}'?"
    return f"known: {', '.join(names)}" if 0 < len(names) <= show_at_most else ""


def tokenize(text: str, pattern: re.Pattern[str]) -> tuple[Token, ...]:
    """Split a text by a pattern of named groups; blanks between tokens are skipped.

    Raises
    ------
    ExpressionError
        At the first character that starts no token.
    """
    tokens: list[Token] = []
    position = 0
    while True:
        position += len(text[position:]) - len(text[position:].lstrip())
        if position >= len(text):
            return (*tokens, Token("end", "", len(text) + 1))
        match = pattern.match(text, position)
        if match is None or match.lastgroup is None:
            message = f"unexpected character '{text[position]}'"
            raise ExpressionError(message, position + 1)
        tokens.append(Token(match.lastgroup, match.group(), position + 1))
        position = match.end()


class TokenStream:
    """A cursor over tokens, for recursive descent."""

    def __init__(self, tokens: tuple[Token, ...]) -> None:
        self._tokens = tokens
        self._next = 0

    @property
    def current(self) -> Token:
        """Token not yet taken."""
        return self._tokens[self._next]

    def take(self) -> Token:
        """Return the current token and move on; the end token is returned again and again."""
        token = self.current
        if token.kind != "end":
            self._next += 1
        return token

    def take_if(self, *texts: str) -> Token | None:
        """Take the current token if its text is one of ``texts``."""
        return self.take() if self.current.kind != "end" and self.current.text in texts else None

    def fail(self, expected: str) -> ExpressionError:
        """Error at the current token."""
        token = self.current
        found = "the end" if token.kind == "end" else f"'{token.text}'"
        return ExpressionError(f"expected {expected}, found {found}", token.column, len(token.text))
