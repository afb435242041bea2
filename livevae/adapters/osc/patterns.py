"""OSC address patterns: one message that reaches many addresses, such as /livevae/*/mute.

Source: Open Sound Control Specification 1.0, "OSC Message Dispatching and Pattern Matching".
"""

from __future__ import annotations

import re

from livevae.errors import MessageError
from livevae.wording import shown

_SPECIAL = frozenset("*?[]{}")
_MAX_CHARACTERS = 128
_MAX_STARS = 4  # each star multiplies the work of matching


def is_pattern(address: str) -> bool:
    """Whether ``address`` holds any of the characters that make it a pattern."""
    return not _SPECIAL.isdisjoint(address)


def compile_pattern(pattern: str) -> re.Pattern[str]:
    """A regular expression that matches in full what the OSC ``pattern`` means.

    ``*`` is any run of characters, ``?`` any one, ``[a-c]`` one of these, ``[!a-c]`` one that is not,
    ``{x,y}`` either word; none of them crosses a ``/``.
    Raises MessageError if brackets are left open or it would take long to match.
    """
    pattern = re.sub(r"\*+", "*", pattern)
    if len(pattern) > _MAX_CHARACTERS or pattern.count("*") > _MAX_STARS:
        raise MessageError(f"the OSC address pattern {shown(pattern)} is too complicated")
    expression = ""
    at = 0
    while at < len(pattern):
        character = pattern[at]
        closing = {"[": "]", "{": "}"}.get(character)
        if closing:
            end = pattern.find(closing, at)
            if end < 0:
                raise MessageError(f"the OSC address pattern {shown(pattern)} lacks a {closing}")
            inside = pattern[at + 1 : end]
            expression += _one_of(inside) if closing == "]" else _either(inside)
            at = end
        else:
            expression += {"*": "[^/]*", "?": "[^/]"}.get(character, re.escape(character))
        at += 1
    return re.compile(expression)


def _one_of(inside: str) -> str:
    """``[...]`` with its ranges written out, so that no character keeps a meaning of its own."""
    is_negated = inside.startswith("!")
    listed = re.sub(
        r"(.)-(.)",
        lambda ends: "".join(map(chr, range(ord(ends[1]), min(ord(ends[2]), ord(ends[1]) + 127) + 1))),
        inside[is_negated:],
    )
    characters = "".join(re.escape(character) for character in sorted(set(listed) - {"/"}))
    if is_negated:
        return f"[^/{characters}]"
    return f"[{characters}]" if characters else "(?!)"


def _either(inside: str) -> str:
    return "(?:" + "|".join(re.escape(word) for word in inside.split(",")) + ")"
