"""Format strings: what stands between the percent signs."""

from __future__ import annotations

import re
from dataclasses import dataclass


class FormatError(Exception):
    """What minigo does not know in a format."""


@dataclass(frozen=True)
class Verb:
    """`%-08.3f`: width and precision are -1 where they are left out."""

    letter: str
    width: int = -1
    precision: int = -1
    minus: bool = False
    zero: bool = False
    plus: bool = False
    space: bool = False


_VERB = re.compile(rb"%([-+ 0#]*)(\d*)(\.\d*)?([^\d.]|$)")


def parse_format(text: bytes) -> list[bytes | Verb]:
    """The format as texts and verbs, in order.

    Raises: FormatError for a verb that is not known.
    """
    parts: list[bytes | Verb] = []
    at = 0
    while at < len(text):
        percent = text.find(b"%", at)
        if percent != at:
            parts.append(text[at : percent if percent >= 0 else len(text)])
            if percent < 0:
                break
            at = percent
        match = _VERB.match(text, percent)
        spelled = text[percent : percent + 4].decode("utf-8", "replace")
        if match is None or not match[4]:
            raise FormatError(f"the format ends within the verb {spelled}")
        flags, width, precision, letter = match.groups()
        at = match.end()
        if letter == b"%":
            parts.append(b"%")
        elif letter in b"vdsqxXobcUtfFgGeE" and b"#" not in flags:
            parts.append(_verb(flags, width, precision, letter.decode()))
        else:
            raise FormatError(f"minigo does not know the verb {match[0].decode('utf-8', 'replace')}")
    return parts


def _verb(flags: bytes, width: bytes, precision: bytes | None, letter: str) -> Verb:
    minus = b"-" in flags
    return Verb(
        letter, int(width) if width else -1, int(precision[1:] or b"0") if precision else -1,
        minus=minus, zero=b"0" in flags and not minus, plus=b"+" in flags, space=b" " in flags,
    )  # fmt: skip
