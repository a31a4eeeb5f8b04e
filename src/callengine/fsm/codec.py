"""Nodes to a Scenario and back to bytes: every conversion rule of the language, apart from the classes themselves.

cattrs walks the classes and gathers all errors, each with the path it took; the path finds the node, and the node its place.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from itertools import islice
from typing import Annotated, Any, Literal, TypeVar, get_args, get_origin

from attrs import Attribute, fields, frozen, has
from cattrs import Converter
from cattrs.cols import is_mapping
from cattrs.errors import (
    AttributeValidationNote,
    BaseValidationError,
    ForbiddenExtraKeysError,
    IterableValidationError,
    IterableValidationNote,
)
from cattrs.gen import make_dict_structure_fn, override

from callengine.fsm import codes
from callengine.fsm.acts import Act, act_of
from callengine.fsm.document import MOST_FAULTS, Fault
from callengine.fsm.findings import quoted
from callengine.fsm.kinds import (
    AsWritten,
    Bounds,
    Clock,
    CountedName,
    OneOrMore,
    Spoken,
    VariableName,
    WebAddress,
    Word,
    ZoneName,
)
from callengine.fsm.nodes import MappingNode, Node, Path, ScalarNode, SequenceNode, key_position, node_at
from callengine.fsm.scenario import Flow, FlowName, Scenario
from callengine.fsm.spelling import Names
from callengine.fsm.step import Step
from callengine.fsm.steps import STEP_TYPES, Set
from callengine.fsm.values import (
    Hook,
    Misfit,
    clock_of,
    entries_of,
    identifier_of,
    is_empty,
    items_of,
    number_within,
    sentence_of,
    text_of,
    truth_of,
    unreserved_of,
    url_of,
    word_of,
    written_of,
    zone_of,
)
from callengine.model import Intent, Result, StepId

T = TypeVar("T")

KEYS = {"id": "step", "one_of": "in", "start": "from", "end": "to"}
"""Fields whose key in the file is another word than their name."""
_NOT_IN_FILE = ("path", "source", "content")
"""Fields of a scenario that the loader sets."""


@frozen
class _File:
    """The top level of a scenario file."""

    scenario: Scenario


def decode(root: Node) -> Scenario | list[tuple[Path, Fault]]:
    """Build the scenario, or tell its faults as `decode_as` does."""
    decoded = decode_as(root, _File)
    return decoded.scenario if isinstance(decoded, _File) else decoded


def decode_as(root: Node, wanted: type[T]) -> T | list[tuple[Path, Fault]]:
    """Build an attrs class that mirrors a file, or tell its faults, each with the path to it: `MOST_FAULTS` at most."""
    try:
        return _converter.structure(root, wanted)
    except BaseValidationError as error:
        faults = (fault for path, leaf in _leaves(error, ()) for fault in _faults(root, path, leaf))
        return list(islice(faults, MOST_FAULTS))
    except Misfit as error:
        return [((), Fault(error.code, root.position, str(error)))]


def canonical(scenario: Scenario, flow: Flow) -> bytes:
    """The same bytes for the same behaviour: neither comments nor the order of prompts change them."""
    content = {
        "flow": [[step.type, _converter.unstructure(step), *_order(step)] for step in flow.steps],
        "prompts": _converter.unstructure(scenario.prompts),
        "stt": _converter.unstructure(scenario.stt),
        "llm": _converter.unstructure(scenario.llm),
    }
    return json.dumps(content, sort_keys=True).encode("ascii")


_MARKED: Mapping[type, Hook[str]] = {
    Word: word_of,
    AsWritten: written_of,
    VariableName: identifier_of,
    CountedName: unreserved_of,
    Clock: clock_of,
    ZoneName: zone_of,
    WebAddress: url_of,
}


def _order(step: Step) -> Iterator[list[str]]:
    """What else than its keys a step does: `set` remembers in the order of the file."""
    if isinstance(step, Set):
        yield list(step.values)


def _annotated(wanted: Any, converter: Converter) -> Hook[object]:
    base, mark = get_args(wanted)
    if isinstance(mark, OneOrMore):
        return _one_or_more(base, converter)
    if isinstance(mark, Bounds):
        return number_within(mark, whole=base is int)
    if isinstance(mark, Spoken):
        return sentence_of(mark)
    return _MARKED[type(mark)]


def _literal(wanted: Any, _: Converter) -> Hook[str]:
    allowed: tuple[str, ...] = get_args(wanted)
    choice = f"{', '.join(allowed[:-1])} or {allowed[-1]}"
    remedy = (
        "write one of them"
        if all(len(each) > 1 or each.isalnum() for each in allowed)
        else "write one of them, a sign in quotes"
    )

    def structure(node: Node, _: object) -> str:
        text = "" if is_empty(node) else written_of(node)
        if text not in allowed:
            raise Misfit(codes.VALUE_NOT_ALLOWED, f"must be {choice}, not {quoted(text)}; {remedy}")
        return text

    return structure


def _tuple(wanted: Any, converter: Converter) -> Hook[object]:
    item = get_args(wanted)[0]
    return lambda node, _: tuple(_each(enumerate(items_of(node)), lambda _, below: converter.structure(below, item), wanted))


def _one_or_more(wanted: Any, converter: Converter) -> Hook[object]:
    several = _tuple(wanted, converter)

    def structure(node: Node, _: object) -> object:
        alone = isinstance(node, ScalarNode) and not is_empty(node)
        return several(SequenceNode(node.position, [node]) if alone else node, wanted)

    return structure


def _mapping(wanted: Any, converter: Converter) -> Hook[object]:
    of_key, of_value = get_args(wanted)

    def entry(key: str | int, below: Node) -> tuple[object, object]:
        value = converter.structure(below, of_value)
        try:
            return converter.structure(key, of_key), value
        except Misfit as misfit:
            misfit.of_key = True
            raise

    return lambda node, _: dict(_each(entries_of(node).items(), entry, wanted))


def _each(parts: Iterable[tuple[str | int, Node]], structure: Callable[[str | int, Node], T], wanted: Any) -> list[T]:
    """Structure every part, in the manner of cattrs' own loops; those would gather the errors of a million parts."""
    made: list[T] = []
    errors: list[Exception] = []
    for index, below in parts:
        try:
            made.append(structure(index, below))
        except (ValueError, BaseValidationError) as error:
            error.add_note(IterableValidationNote("", index, wanted))
            errors.append(error)
        if len(errors) == MOST_FAULTS:
            break
    if errors:
        raise IterableValidationError("", errors, wanted)
    return made


def _attrs_class(wanted: Any, converter: Converter) -> Hook[object]:
    rules: dict[str, Any] = {name: override(rename=key) for name, key in KEYS.items()}
    if wanted is Scenario:
        rules |= {name: override(omit=True) for name in _NOT_IN_FILE}
        rules |= {"flow": override(struct_hook=_flow("flow")), "inbound_flow": override(struct_hook=_flow("inbound_flow"))}
    structure = make_dict_structure_fn(wanted, converter, _cattrs_forbid_extra_keys=True, **rules)
    return lambda node, _: structure(entries_of(node), wanted)


def _flow(name: FlowName) -> Hook[Flow | None]:
    def structure(node: Node, _: object) -> Flow | None:
        if name == "inbound_flow" and is_empty(node):
            return None
        return Flow(name, _converter.structure(node, tuple[Step, ...]))

    return structure


def _step(_: object, converter: Converter) -> Hook[Step]:
    by_type = {
        name: make_dict_structure_fn(step_type, converter, _cattrs_forbid_extra_keys=True, id=override(rename="step"))
        for name, step_type in STEP_TYPES.items()
    }
    names = Names(STEP_TYPES)

    def structure(node: Node, _: object) -> Step:
        entries = dict(entries_of(node))
        if "type" not in entries:
            raise Misfit(codes.MISSING_KEY, f"needs the key `type`; write one of {', '.join(STEP_TYPES)}")
        type_node = entries.pop("type")
        word = type_node.text if isinstance(type_node, ScalarNode) else ""
        if word not in by_type:
            hint = names.hint(word) or f"; the types are {', '.join(STEP_TYPES)}"
            raise Misfit(codes.UNKNOWN_STEP_TYPE, f"is {quoted(word)}, which is no step type{hint}", ("type",))
        return by_type[word](entries, STEP_TYPES[word])

    return structure


def _comes_from(origin: object) -> Callable[[Any], bool]:
    return lambda wanted: get_origin(wanted) is origin


def _make_converter() -> Converter:
    converter = Converter(detailed_validation=True)
    converter.register_structure_hook_factory(has, _attrs_class)
    converter.register_structure_hook_factory(lambda wanted: wanted is Step, _step)
    converter.register_structure_hook_factory(_comes_from(tuple), _tuple)
    converter.register_structure_hook_factory(is_mapping, _mapping)
    converter.register_structure_hook_factory(_comes_from(Literal), _literal)
    converter.register_structure_hook_factory(_comes_from(Annotated), _annotated)
    converter.register_structure_hook(str, text_of)
    converter.register_structure_hook(bool, truth_of)
    converter.register_structure_hook_func(lambda wanted: wanted is Act, act_of)
    for name in (StepId, Intent, Result):
        converter.register_structure_hook(name, word_of)
    return converter


_converter = _make_converter()


def _leaves(error: Exception, path: Path) -> Iterator[tuple[Path, Exception]]:
    """The single errors of a group, each with the path cattrs took to it."""
    if not isinstance(error, BaseValidationError):
        yield path, error
        return
    for inner in error.exceptions:
        yield from _leaves(inner, (*path, *_keys_in(inner)))


def _keys_in(error: Exception) -> Iterator[str | int]:
    for note in getattr(error, "__notes__", ()):
        if isinstance(note, AttributeValidationNote):
            yield KEYS.get(note.name, note.name)
        elif isinstance(note, IterableValidationNote):
            yield note.index


def _faults(root: Node, path: Path, error: Exception) -> Iterator[tuple[Path, Fault]]:
    if isinstance(error, ForbiddenExtraKeysError):
        known = _known_keys(error.cl)
        entries = node_at(root, path)
        keys = entries.key_positions if isinstance(entries, MappingNode) else {}
        for key in islice((key for key in keys if key in error.extra_fields), MOST_FAULTS):
            message = f"has the unknown key {quoted(key)}{known.hint(key) or '; take it out'}"
            yield path, Fault(codes.UNKNOWN_KEY, keys[key], message)
    elif isinstance(error, KeyError):
        message = f"needs the key `{path[-1]}`; add it"
        yield path[:-1], Fault(codes.MISSING_KEY, node_at(root, path[:-1]).position, message)
    elif isinstance(error, Misfit):
        place = (*path, *error.below)
        position = key_position(root, path[:-1], str(path[-1])) if error.of_key else node_at(root, place).position
        yield place, Fault(error.code, position, str(error))
    else:  # a class that checks its fields together
        yield path, Fault(codes.VALUE_NOT_ALLOWED, node_at(root, path).position, str(error))


@cache
def _known_keys(wanted: type) -> Names:
    given = ("type",) if issubclass(wanted, Step) else ()
    return Names((*given, *(key for key, _ in keys_of(wanted))))


def keys_of(wanted: type) -> "Iterator[tuple[str, Attribute[object]]]":
    """The keys of a class in a file, each with the field that it fills."""
    for attribute in fields(wanted):
        if wanted is not Scenario or attribute.name not in _NOT_IN_FILE:
            yield KEYS.get(attribute.name, attribute.name), attribute
