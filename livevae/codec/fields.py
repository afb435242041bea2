"""Reading typed fields out of a JSON object that may be anything; every complaint names field and value."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from livevae.errors import ModelError

_SHOWN_CHARACTERS = 60  # a corrupt value may be megabytes long; the start identifies it


class Fields:
    """A JSON object under a path such as ``manifest.golden``; each method returns one checked field.

    All methods raise ModelError when the field is missing or of another kind.
    """

    def __init__(self, record: Any, path: str) -> None:
        if not isinstance(record, dict):
            raise ModelError(f"{path} = {_shown(record)}, expected an object")
        self._record: dict[str, Any] = record
        self._path = path

    def has(self, key: str) -> bool:
        """Whether the field is there at all."""
        return key in self._record

    def names(self) -> tuple[str, ...]:
        """Of the fields that are there."""
        return tuple(self._record)

    def _get(self, key: str) -> Any:
        if key not in self._record:
            raise ModelError(f"{self._path}: field {key!r} is missing")
        return self._record[key]

    def _refuse(self, key: str, value: Any, expected: str) -> ModelError:
        return ModelError(f"{self._path}: {key} = {_shown(value)}, expected {expected}")

    def text(self, key: str) -> str:
        value = self._get(key)
        if not isinstance(value, str):
            raise self._refuse(key, value, "text")
        return value

    def choice(self, key: str, allowed: tuple[str, ...]) -> str:
        value = self._get(key)
        if value not in allowed:
            raise self._refuse(key, value, " or ".join(allowed))
        return str(value)

    def integer(self, key: str, lowest: int) -> int:
        value = self._get(key)
        if isinstance(value, bool) or not isinstance(value, int) or value < lowest:
            raise self._refuse(key, value, f"a whole number from {lowest}")
        return value

    def number(self, key: str) -> float:
        value = self._get(key)
        if not _is_number(value):
            raise self._refuse(key, value, "a number")
        return float(value)

    def mapping(self, key: str) -> Mapping[str, Any]:
        value = self._get(key)
        if not isinstance(value, dict):
            raise self._refuse(key, value, "an object")
        return value

    def figures(self, key: str) -> Mapping[str, float]:
        value = self.mapping(key)
        for name, figure in value.items():
            if not _is_number(figure):
                raise self._refuse(f"{key}.{name}", figure, "a number")
        return {name: float(figure) for name, figure in value.items()}

    def record(self, key: str) -> Fields:
        return Fields(self._get(key), f"{self._path}.{key}")

    def records(self, key: str) -> list[Fields]:
        return [Fields(item, f"{self._path}.{key}[{i}]") for i, item in enumerate(self._list(key))]

    def _list(self, key: str) -> list[Any]:
        value = self._get(key)
        if not isinstance(value, list):
            raise self._refuse(key, value, "a list")
        return value

    def numbers(self, key: str) -> tuple[float, ...]:
        values = self._list(key)
        if not all(_is_number(value) for value in values):
            raise self._refuse(key, values, "a list of numbers")
        return tuple(float(value) for value in values)

    def shape(self, key: str) -> tuple[int | str, ...]:
        values = self._list(key)
        if not all(isinstance(value, (int, str)) and not isinstance(value, bool) for value in values):
            raise self._refuse(key, values, "a list of sizes and names")
        return tuple(values)

    def grid(self, key: str) -> tuple[tuple[int, ...], ...]:
        """Rows of tokens, zero or more."""
        rows = self._list(key)
        for row in rows:
            if not isinstance(row, list) or not all(type(token) is int and token >= 0 for token in row):
                raise self._refuse(key, row, "rows of tokens")
        return tuple(tuple(row) for row in rows)

    def ranges(self, key: str) -> tuple[tuple[int, int], ...]:
        """Pairs of whole numbers: first, and just behind the last."""
        return tuple(self._range(key, pair) for pair in self._list(key))

    def range_lists(self, key: str) -> tuple[tuple[tuple[int, int], ...], ...]:
        """Lists of such pairs."""
        lists = self._list(key)
        if not all(isinstance(each, list) for each in lists):
            raise self._refuse(key, lists, "lists of ranges")
        return tuple(tuple(self._range(key, pair) for pair in each) for each in lists)

    def _range(self, key: str, pair: Any) -> tuple[int, int]:
        if not isinstance(pair, list) or len(pair) != 2 or not all(type(end) is int for end in pair):
            raise self._refuse(key, pair, "ranges of two whole numbers")
        return pair[0], pair[1]


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS] + "…"
