"""A JSON Schema of scenario files, made from the classes of the language, for editors that complete and check YAML.

It keeps to words that draft 7 and draft 2020-12 of JSON Schema share, which is what yaml-language-server understands (seen on
1.25.0). It is no stricter than the loader: what that accepts, the schema accepts. The linter knows much more.
"""

from collections.abc import Mapping, Sequence
from types import UnionType
from typing import Annotated, Any, Literal, NewType, Union, get_args, get_origin

import msgspec
from attrs import NOTHING, Attribute, fields, has

from callengine.fsm.codec import KEYS, NOT_IN_FILE
from callengine.fsm.descriptions import attributes, sentence
from callengine.fsm.kinds import AsWritten, Bounds, Clock, Spoken
from callengine.fsm.scenario import Flow, Scenario
from callengine.fsm.step import Step
from callengine.fsm.steps import STEP_TYPES

DIALECT = "https://json-schema.org/draft/2020-12/schema"

_STEPS = "#/$defs/step"
_ONE_LINE = r"^[^\t\n\r]*\S[^\t\n\r]*$"


class Schema(msgspec.Struct, rename="camel", omit_defaults=True):
    """A JSON Schema: the words of the standard that are used here."""

    dialect: str | None = msgspec.field(default=None, name="$schema")
    title: str | None = None
    description: str | None = None
    ref: str | None = msgspec.field(default=None, name="$ref")
    type: str | tuple[str, ...] | None = None
    const: str | None = None
    enum: tuple[str | int, ...] | None = None
    pattern: str | None = None
    max_length: int | None = None
    minimum: float | None = None
    maximum: float | None = None
    default: float | None = None
    items: "Schema | None" = None
    properties: Mapping[str, "Schema"] = msgspec.field(default_factory=dict)
    required: tuple[str, ...] = ()
    additional_properties: "Schema | bool | None" = None
    property_names: "Schema | None" = None
    any_of: "Sequence[Schema]" = ()
    all_of: "Sequence[Schema]" = ()
    condition: "Schema | None" = msgspec.field(default=None, name="if")
    then: "Schema | None" = None
    definitions: Mapping[str, "Schema"] = msgspec.field(default_factory=dict, name="$defs")


def scenario_schema() -> str:
    """The schema of a scenario file, as JSON text."""
    schema = Schema(
        dialect=DIALECT,
        title="callengine scenario",
        type="object",
        properties={"scenario": _class(Scenario)},
        required=("scenario",),
        additional_properties=False,
        definitions={"step": _step()},
    )
    return msgspec.json.format(msgspec.json.encode(schema), indent=2).decode() + "\n"


def _step() -> Schema:
    """A step: its `type` decides, by an `if` for each, which other keys it takes; so an editor blames the right key."""
    types = [Schema(const=name, description=sentence(step)) for name, step in STEP_TYPES.items()]
    described = attributes(Step)
    return Schema(
        title="step",
        type="object",
        properties={
            "step": _described(_value(fields(Step).id.type), described["id"]),
            "type": _described(Schema(any_of=types), described["type"]),
        },
        required=("step", "type"),
        all_of=[
            Schema(
                condition=Schema(type="object", properties={"type": Schema(const=name)}, required=("type",)),
                then=_class(step, type=Schema(const=name, description=sentence(step))),
            )
            for name, step in STEP_TYPES.items()
        ],
    )


def _class(described: Any, **given: Schema) -> Schema:
    """An attrs class as a mapping that takes its fields for keys, and no others; `given` stand before them."""
    words = attributes(described)
    in_file = [each for each in fields(described) if each.name not in NOT_IN_FILE]
    keys = {each.name: KEYS.get(each.name, each.name) for each in in_file}
    required = tuple(keys[each.name] for each in in_file if each.default is NOTHING)
    return Schema(
        title=described.type if issubclass(described, Step) else None,
        description=sentence(described),
        type="object" if required else ("object", "null"),
        properties={**given, **{keys[each.name]: _field(each, words) for each in in_file}},
        required=(*given, *required),
        additional_properties=False,
    )


def _field(attribute: "Attribute[object]", words: Mapping[str, str]) -> Schema:
    schema = _described(_value(attribute.type), words.get(attribute.name))
    if isinstance(attribute.default, float):
        schema.default = attribute.default
    return schema


def _described(schema: Schema, words: str | None) -> Schema:
    if words:
        schema.description = words[0].upper() + words[1:]
    return schema


def _value(wanted: Any) -> Schema:
    """What may stand where a value of this type is asked for, as `codec` reads it."""
    origin, arguments = get_origin(wanted), get_args(wanted)
    if origin in (Union, UnionType):  # optional: the key may be left out, but not be followed by nothing
        (inner,) = [each for each in arguments if each is not type(None)]
        return _value(inner)
    if wanted is Flow:
        return Schema(type=("array", "null"), items=Schema(ref=_STEPS))
    if wanted is Step:
        return Schema(ref=_STEPS)
    if origin is tuple:
        return Schema(type=("array", "null"), items=_value(arguments[0]))
    if has(wanted):
        return _class(wanted)
    if origin is not None and issubclass(_class_of(origin), Mapping):
        names, values = map(_value, arguments)
        return Schema(type=("object", "null"), additional_properties=values, property_names=names)
    return _scalar(wanted, origin, arguments)


def _scalar(wanted: Any, origin: Any, arguments: tuple[Any, ...]) -> Schema:
    if origin is Literal:  # a digit needs no quotes
        digits = tuple(int(each) for each in arguments if each.isdecimal())
        return Schema(enum=(*arguments, *digits))
    if wanted is bool:
        return Schema(type="boolean")
    if origin is Annotated:
        return _marked(*arguments)
    return Schema(type="string", pattern=_ONE_LINE) if isinstance(wanted, NewType) else Schema(type="string")


def _marked(base: type, mark: object) -> Schema:
    if isinstance(mark, Bounds):
        return Schema(type="integer" if base is int else "number", minimum=mark.low, maximum=mark.high)
    if isinstance(mark, Clock):
        return Schema(type="string", pattern=r"^([01]\d|2[0-3]):[0-5]\d$")
    if isinstance(mark, AsWritten):
        return Schema(type=("string", "number", "boolean"))
    longest = mark.longest if isinstance(mark, Spoken) else None
    return Schema(type="string", pattern=_ONE_LINE, max_length=longest)


def _class_of(origin: Any) -> type:
    return origin if isinstance(origin, type) else object
