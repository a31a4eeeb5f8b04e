"""A YAML document as a tree whose every node knows its place in the file."""

import re
from typing import Literal

from attrs import field, frozen

Kind = Literal["text", "empty", "boolean", "integer", "number"]

# The core schema of YAML 1.2.2, section 10.3.2: `yes`, `no`, `on` and `off` are text.
_PLAIN = re.compile(
    r"(?P<empty>~|null|Null|NULL|)"
    r"|(?P<boolean>true|True|TRUE|false|False|FALSE)"
    r"|(?P<integer>[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)"
    r"|(?P<number>[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))"
)
_KINDS: dict[str | None, Kind] = {"empty": "empty", "boolean": "boolean", "integer": "integer", "number": "number"}


@frozen
class Position:
    """A place in a file: line and column, both counted from 1."""

    line: int = 1
    column: int = 1


@frozen
class ScalarNode:
    """A single value.

    Attributes:
        text: as written, quotes and escapes resolved.
        plain: whether it stood there without quotes, so that it may mean something else than text.
    """

    text: str
    plain: bool
    position: Position

    @property
    def kind(self) -> Kind:
        """What the value is by the rules of YAML 1.2."""
        match = _PLAIN.fullmatch(self.text) if self.plain else None
        return _KINDS[match.lastgroup] if match else "text"


@frozen
class SequenceNode:
    """A list of values."""

    position: Position
    items: list["Node"] = field(factory=list)


@frozen
class MappingNode:
    """Values by key; `key_positions` tells where each key stands."""

    position: Position = Position()
    entries: dict[str, "Node"] = field(factory=dict)
    key_positions: dict[str, Position] = field(factory=dict)


Node = ScalarNode | SequenceNode | MappingNode
Path = tuple[str | int, ...]
"""From the root to a node: keys of mappings and places in sequences."""


def child(node: Node, key: str | int) -> Node | None:
    """The node one step down, or None where there is none."""
    if isinstance(node, MappingNode) and isinstance(key, str):
        return node.entries.get(key)
    if isinstance(node, SequenceNode) and isinstance(key, int) and key < len(node.items):
        return node.items[key]
    return None


def node_at(root: Node, path: Path) -> Node:
    """The node at the end of the path, or the last one on the way that exists."""
    node = root
    for key in path:
        below = child(node, key)
        if below is None:
            break
        node = below
    return node


def key_position(root: Node, path: Path, key: str) -> Position:
    """Where a key of the mapping at `path` stands; the place of the mapping itself if it has no such key."""
    node = node_at(root, path)
    if isinstance(node, MappingNode):
        return node.key_positions.get(key, node.position)
    return node.position
