"""Nodes to plain values: what may stand where text, a name, a number, a list or a mapping is asked for."""

import re
from collections.abc import Callable
from functools import cache
from ipaddress import IPv6Address
from typing import TypeVar
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from callengine.fsm import codes
from callengine.fsm.findings import Code, quoted
from callengine.fsm.kinds import RESERVED, Bounds, Spoken
from callengine.fsm.nodes import MappingNode, Node, Path, ScalarNode, SequenceNode
from callengine.fsm.spelling import Names

T = TypeVar("T")
Hook = Callable[[Node, object], T]
"""Makes a value of a node; the second argument, the type asked for, is part of cattrs' convention."""


class Misfit(ValueError):
    """A node that cannot become what its place asks for.

    Attributes:
        below: leads from there to the value at fault.
        of_key: the key of the value is at fault, not the value.
    """

    def __init__(self, code: Code, message: str, below: Path = ()) -> None:
        super().__init__(message)
        self.code = code
        self.below = below
        self.of_key = False


def _describe(node: Node) -> str:
    if isinstance(node, MappingNode):
        return "a mapping"
    if isinstance(node, SequenceNode):
        return "a list"
    if node.kind == "empty":
        return "nothing"
    return f"the {node.kind} {quoted(node.text)}"


def _wrong(wanted: str, node: Node, remedy: str) -> Misfit:
    return Misfit(codes.WRONG_TYPE, f"must be {wanted}, but {_describe(node)} stands here; {remedy}")


def is_empty(node: Node) -> bool:
    """Whether nothing stands after the key or the dash."""
    return isinstance(node, ScalarNode) and node.kind == "empty"


def entries_of(node: Node) -> dict[str, Node]:
    """The entries of a mapping; a key followed by nothing is an empty one."""
    if isinstance(node, MappingNode):
        return node.entries
    if is_empty(node):
        return {}
    raise _wrong("a mapping", node, "write `key: value` lines")


def items_of(node: Node) -> list[Node]:
    """The items of a list; a key followed by nothing is an empty one."""
    if isinstance(node, SequenceNode):
        return node.items
    if is_empty(node):
        return []
    raise _wrong("a list", node, "write its items on lines that begin with `- `")


def text_of(node: Node | str, _: object = None) -> str:
    """Text: in quotes, or without them where YAML 1.2 reads nothing else into it."""
    if isinstance(node, str):  # a key, which the reader has found to be text
        return node
    if not isinstance(node, ScalarNode):
        raise _wrong("text", node, "write one word or sentence")
    if node.kind == "empty":
        raise _wrong("text", node, "write a value or take the key out")
    if node.kind != "text":
        raise _wrong("text", node, "put it in quotes")
    return node.text


_BREAKS = frozenset("\n\r\t")


def word_of(node: Node | str, _: object = None) -> str:
    """Text on one line that is not empty."""
    text = text_of(node)
    if not text.strip() or not _BREAKS.isdisjoint(text):
        message = f"must be words on one line, not {quoted(text)}; write some, without tabs and line breaks"
        raise Misfit(codes.VALUE_NOT_ALLOWED, message)
    return text


def sentence_of(spoken: Spoken) -> Hook[str]:
    """Text on one line that is not too long to be spoken."""

    def structure(node: Node, _: object) -> str:
        text = word_of(node)
        if len(text) > spoken.longest:
            message = f"has {len(text):,} characters, but at most {spoken.longest} are spoken; shorten it"
            raise Misfit(codes.VALUE_NOT_ALLOWED, message)
        return text

    return structure


def written_of(node: Node | str, _: object = None) -> str:
    """Text as it stands in the file, numbers included."""
    if isinstance(node, ScalarNode) and node.kind != "empty":
        return node.text
    return text_of(node)


def number_within(bounds: Bounds, whole: bool) -> Hook[float]:
    """A number within bounds."""
    wanted = "a whole number" if whole else "a number"

    def structure(node: Node, _: object) -> float:
        if not isinstance(node, ScalarNode) or node.kind not in ("integer", "number") or (whole and node.kind == "number"):
            raise _wrong(wanted, node, "write it in digits, without quotes")
        if node.text.startswith("0") and node.text[1:2] in ("x", "o"):
            raise _wrong(wanted, node, "write it in decimal digits")
        value = float(node.text.lower().replace(".inf", "inf").replace(".nan", "nan"))
        if not bounds.low <= value <= bounds.high:
            message = f"must be from {bounds.low:,.12g} to {bounds.high:,.12g}, not {quoted(node.text)}; change the number"
            raise Misfit(codes.VALUE_NOT_ALLOWED, message)
        return int(value) if whole else value

    return structure


def truth_of(node: Node, _: object = None) -> bool:
    """`true` or `false`."""
    if not isinstance(node, ScalarNode) or node.kind != "boolean":
        raise _wrong("true or false", node, "write one of them, without quotes")
    return node.text.lower() == "true"


def unreserved_of(node: Node | str, _: object = None) -> str:
    """A name that has no meaning already."""
    text = word_of(node)
    if text in RESERVED:
        raise Misfit(codes.VALUE_NOT_ALLOWED, f"is {quoted(text)}, which has a meaning already; choose another name")
    return text


_IDENTIFIER = re.compile(r"[^\W\d]\w*")


def identifier_of(node: Node | str, _: object = None) -> str:
    """A name that a flow may give to what it remembers."""
    text = unreserved_of(node)
    if not _IDENTIFIER.fullmatch(text):
        message = f"must be a name of letters, digits and `_`, not {quoted(text)}; choose such a one"
        raise Misfit(codes.VALUE_NOT_ALLOWED, message)
    return text


_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


def clock_of(node: Node | str, _: object = None) -> str:
    """A time of day."""
    text = written_of(node)
    if not _CLOCK.fullmatch(text):
        raise Misfit(codes.VALUE_NOT_ALLOWED, f"must be a time of day, not {quoted(text)}; write one such as 09:30")
    return text


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def zone_of(node: Node | str, _: object = None) -> str:
    """A time zone."""
    text = word_of(node)
    if text not in _zones():
        hint = Names(_zones()).hint(text) or "; write one such as Asia/Tehran"
        raise Misfit(codes.VALUE_NOT_ALLOWED, f"is {quoted(text)}, which is no time zone{hint}")
    return text


def url_of(node: Node | str, _: object = None) -> str:
    """The address of a web service."""
    text = word_of(node)
    whole = _URL.fullmatch(text)
    if whole is None or any(char.isspace() for char in text):
        raise _no_address(text)
    if "@" in whole["place"]:
        raise Misfit(codes.VALUE_NOT_ALLOWED, "has a user or a password in it; take them out, the settings hold secrets")
    if "{" in whole["place"]:
        raise Misfit(codes.VALUE_NOT_ALLOWED, "has a placeholder in its host; write the host out")
    if not _PLACE.fullmatch(whole["place"]) or not _can_be_split(text):
        raise _no_address(text)
    return text


_URL = re.compile(r"https?://(?P<place>[^/?#]+)(?:[/?].*)?")
_PLACE = re.compile(r"(?:\[[\da-fA-F:.]+\]|[\w-]+(?:\.[\w-]+)*\.?)(?::\d+)?")
"""Host and port; an IPv6 address stands in brackets."""


def _no_address(text: str) -> Misfit:
    message = f"must be the address of a web service, not {quoted(text)}; write one such as https://crm.example.com/customers"
    return Misfit(codes.VALUE_NOT_ALLOWED, message)


def _can_be_split(url: str) -> bool:
    """Whether the standard library, and so those who ask the service, can tell host and port apart."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
        if parts.netloc.startswith("["):
            IPv6Address(host or "")
    except ValueError:
        return False
    return bool(host) and port != 0
