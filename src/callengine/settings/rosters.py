"""How a roster of operators is read and checked."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from callengine.settings.kinds import TELEPHONE, text, words

_ENDPOINT = re.compile(r"[0-9A-Za-z]+/[0-9A-Za-z_+*#.:;=@/-]+")
"""Without what Asterisk would read as several endpoints (`&`), variables (`$`) or options (`,`)."""


class RosterEntry(NamedTuple):
    """An operator as a roster has them: `target` or `name=target`.

    A pair and no attrs class, because typed-settings takes a tuple of those for tables of their own, like `[[lines]]`.

    Attributes:
        name: the target itself where the entry gives no other.
        target: a telephone number, or an endpoint in Asterisk's words, which has a slash.
    """

    name: str
    target: str


def operator_target(value: str | int) -> str:
    """Where an operator's telephone is: a number, or an endpoint in Asterisk's words.

    Raises:
        ValueError: it is neither; the message says what to give.
    """
    target = text(value)
    if not TELEPHONE.fullmatch(target) and not _ENDPOINT.fullmatch(target):
        raise ValueError("give a telephone number, or an endpoint such as PJSIP/200@desk")
    return target


def endpoint(value: str) -> str:
    """An endpoint in Asterisk's words; empty stands for none.

    Raises:
        ValueError: it is none.
    """
    given = text(value)
    if given and not _ENDPOINT.fullmatch(given):
        raise ValueError("give one endpoint such as PJSIP/200@desk")
    return given


def operators(value: str | Iterable[str | int] | tuple[RosterEntry, ...]) -> tuple[RosterEntry, ...]:
    """A roster: a list of operators; one that is named twice counts once.

    Raises:
        ValueError: an entry is none; the message names it and says what to give.
    """
    entries = value if isinstance(value, tuple) else words(value)
    return tuple(dict.fromkeys(each if isinstance(each, RosterEntry) else _entry(each) for each in entries))


def _entry(value: str | int) -> RosterEntry:
    entry = text(value)
    name, sign, target = entry.partition("=")
    if not sign or "/" in name:  # an endpoint may have parameters: PJSIP/desk/sip:200@host;transport=tcp
        name = target = entry
    if not name.strip():
        raise ValueError(f"{entry!r} has no name in front of its =: give one, or leave the = out")
    try:
        return RosterEntry(name.strip(), operator_target(target))
    except ValueError as error:
        raise ValueError(f"{entry!r} is no operator: {error}, with a name and = in front if need be") from None
