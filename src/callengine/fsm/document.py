"""Bytes to a tree of nodes, in one pass without recursion, within limits on size and depth.

The parser's events are taken one at a time, so a hostile file is refused where it passes a limit, before anything of its
size or depth is built. Aliases are never followed: ruamel's errors end here, as faults with a place.
"""

import re
from collections.abc import Iterator

from attrs import define, field, frozen
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from callengine.fsm import codes
from callengine.fsm.findings import Code, quoted
from callengine.fsm.nodes import MappingNode, Node, Position, ScalarNode, SequenceNode

MOST_BYTES = 2 * 1024 * 1024
MOST_NODES = 160_000
"""A flow of 10,000 steps needs some 100,000."""
MOST_FOR_EXACT_PARSER = 32 * 1024
"""Characters that ruamel's parser in Python, 30 times slower than the one in C, reads in less than a second."""
MOST_LEVELS = 16
"""The language itself needs six."""
MOST_FAULTS = 100
"""Reading stops there: nobody repairs more at a time."""

_BOM = "\ufeff"
# C0 and C1 controls, invisible line breaks, embeddings, overrides and isolates (they show text in another order than it is
# read), stray byte-order marks, surrogates and non-characters. The non-joiner and the plain direction marks are allowed.
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
)


@frozen
class Fault:
    """Something wrong at a place, before it is known which step it concerns."""

    code: Code
    position: Position
    message: str


@frozen
class Document:
    """What could be read: the root is None when nothing or too little could."""

    root: Node | None
    faults: tuple[Fault, ...]


def read_document(data: bytes) -> Document:
    """Read the one YAML document in `data`; never raises."""
    if len(data) > MOST_BYTES:
        message = f"the file is larger than {MOST_BYTES // 1024} KiB; split the scenario into several files"
        return Document(None, (Fault(codes.TOO_LARGE, Position(), message),))
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        place = _position(data[: error.start].decode("utf-8"), error.start)
        return Document(None, (Fault(codes.NOT_UTF8, place, "the file is not UTF-8 text from here on; save it as UTF-8"),))
    faults = []
    if text.startswith(_BOM):
        text = text.removeprefix(_BOM)
        message = "the file begins with a byte-order mark; save it as UTF-8 without one"
        faults.append(Fault(codes.BYTE_ORDER_MARK, Position(), message))
    faults += _forbidden_characters(text)
    return _compose(_FORBIDDEN.sub("\ufffd", text), faults)


def _compose(text: str, faults: list[Fault]) -> Document:
    """Compose with the fast parser; what it refuses, the exact one may accept.

    The parser in C keeps to YAML 1.1 in places: it refuses `{hello: sound:hello}` and `[really?]` (seen on libyaml in
    ruamel.yaml.clib 0.2.15).
    """
    composer = _Composer(list(faults))
    composer.compose(text, pure=False)
    if composer.faults and composer.faults[-1].code is codes.SYNTAX and len(text) <= MOST_FOR_EXACT_PARSER:
        composer = _Composer(list(faults))
        composer.compose(text, pure=True)
    return Document(composer.root, tuple(composer.faults))


def _position(text: str, index: int) -> Position:
    before = text[:index].replace("\r\n", "\n").replace("\r", "\n")
    return Position(before.count("\n") + 1, len(before) - before.rfind("\n"))


def _forbidden_characters(text: str) -> Iterator[Fault]:
    for number, match in enumerate(_FORBIDDEN.finditer(text)):
        if number == MOST_FAULTS:
            return
        message = f"the invisible character U+{ord(match[0]):04X} is not allowed; take it out"
        yield Fault(codes.FORBIDDEN_CHARACTER, _position(text, match.start()), message)


@define
class _Open:
    """A collection whose end has not come yet; for a mapping, the key whose value comes next."""

    node: MappingNode | SequenceNode
    key: ScalarNode | None = None
    key_taken: bool = False


@define
class _Composer:
    """Builds the tree from the parser's events."""

    faults: list[Fault]
    root: Node | None = None
    _open: list[_Open] = field(factory=list, init=False)
    _documents: int = field(default=0, init=False)
    _nodes: int = field(default=0, init=False)
    _stopped: bool = field(default=False, init=False)

    def compose(self, text: str, *, pure: bool) -> None:
        try:
            for event in YAML(typ="safe", pure=pure).parse(text):
                self._take(event)
                if self._stopped or len(self.faults) >= MOST_FAULTS:
                    self.root = None
                    return
        except MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            words = ", ".join(part for part in (error.context, error.problem) if part)
            self._refuse_syntax(words, Position(mark.line + 1, mark.column + 1) if mark else Position())
        except (YAMLError, ValueError, OverflowError) as error:  # an impossible escape or version, in the pure-Python parser
            self._refuse_syntax(str(error), Position())
        else:
            if self.root is None or (isinstance(self.root, ScalarNode) and self.root.kind == "empty"):
                self._fault(codes.EMPTY, Position(), "the file is empty; begin it with `scenario:`")

    def _refuse_syntax(self, words: str, position: Position) -> None:
        self.root = None
        summary = " ".join(words.split())
        self._fault(codes.SYNTAX, position, f"this is not YAML: {summary}; check indentation, quotes and brackets")

    def _fault(self, code: Code, position: Position, message: str) -> None:
        self.faults.append(Fault(code, position, message))

    def _take(self, event: Event) -> None:
        position = Position(event.start_mark.line + 1, event.start_mark.column + 1)
        if isinstance(event, NodeEvent):
            self._count(event, position)
        if isinstance(event, ScalarEvent):
            self._place(self._scalar(event, position))
        elif isinstance(event, AliasEvent):
            self._place(ScalarNode("", plain=True, position=position))
        elif isinstance(event, MappingStartEvent):
            self._descend(_Open(MappingNode(position)))
        elif isinstance(event, SequenceStartEvent):
            self._descend(_Open(SequenceNode(position)))
        elif isinstance(event, MappingEndEvent | SequenceEndEvent):
            self._place(self._open.pop().node)
        elif isinstance(event, DocumentStartEvent):
            self._count_document(position)

    def _count(self, event: NodeEvent, position: Position) -> None:
        self._nodes += 1
        if self._nodes > MOST_NODES:
            self._fault(codes.TOO_LARGE, position, f"more than {MOST_NODES:,} values in one file; split the scenario")
            self._stopped = True
        elif event.anchor is not None:
            sign = "alias *" if isinstance(event, AliasEvent) else "anchor &"
            self._fault(codes.ALIAS, position, f"the {sign}{event.anchor} is not allowed; write the value out")
        tag = getattr(event, "tag", None)  # an alias has none
        if tag is not None:
            self._fault(codes.TAG, position, f"the tag {quoted(str(tag))} is not allowed; take it out")

    def _count_document(self, position: Position) -> None:
        self._documents += 1
        if self._documents > 1:
            message = "a second document begins here; a file holds one scenario, so give the other its own file"
            self._fault(codes.SEVERAL_DOCUMENTS, position, message)
            self._stopped = True

    def _scalar(self, event: ScalarEvent, position: Position) -> ScalarNode:
        if event.style == '"' and (match := _FORBIDDEN.search(event.value)):
            message = f"the escaped character U+{ord(match[0]):04X} is not allowed; take it out"
            self._fault(codes.FORBIDDEN_CHARACTER, position, message)
        return ScalarNode(event.value, plain=not event.style, position=position)

    def _descend(self, collection: _Open) -> None:
        if len(self._open) == MOST_LEVELS:
            message = f"nested more than {MOST_LEVELS} levels deep; a scenario needs six"
            self._fault(codes.TOO_DEEP, collection.node.position, message)
            self._stopped = True
        self._open.append(collection)

    def _place(self, node: Node) -> None:
        if not self._open:
            self.root = node
            return
        parent = self._open[-1]
        if isinstance(parent.node, SequenceNode):
            parent.node.items.append(node)
        elif not parent.key_taken:
            parent.key, parent.key_taken = self._key(node), True
        else:
            if parent.key is not None:
                self._enter(parent.node, parent.key, node)
            parent.key, parent.key_taken = None, False

    def _key(self, node: Node) -> ScalarNode | None:
        """The node as a key, or None if it cannot be one."""
        if isinstance(node, ScalarNode) and node.kind == "text":
            return node
        if isinstance(node, ScalarNode) and node.text:
            message = f"the key {quoted(node.text)} is a {node.kind}, but keys are text; put it in quotes"
        else:
            message = "a key must be text; write a word before the colon"
        self._fault(codes.KEY_NOT_TEXT, node.position, message)
        return None

    def _enter(self, mapping: MappingNode, key: ScalarNode, node: Node) -> None:
        first = mapping.key_positions.get(key.text)
        if first is not None:
            message = f"the key {quoted(key.text)} already stands on line {first.line}; take one of them out"
            self._fault(codes.DUPLICATE_KEY, key.position, message)
            return
        mapping.entries[key.text] = node
        mapping.key_positions[key.text] = key.position
