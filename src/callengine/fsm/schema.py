"""A JSON Schema of scenario files, made from the classes of the language, for editors that complete and check YAML.

It keeps to words that draft 7 and draft 2020-12 of JSON Schema share, which is what yaml-language-server understands (seen on
1.25.0). It is no stricter than the loader: what that accepts, the schema accepts. The linter knows much more.
"""

from collections.abc import Mapping, Sequence
from types import UnionType
from typing import Annotated, Any, Literal, NewType, Union, get_args, get_origin

import msgspec
from attrs import NOTHING, Attribute, fields, has

from callengine.fsm.codec import keys_of
from callengine.fsm.descriptions import attributes, sentence
from callengine.fsm.kinds import RESERVED, AsWritten, Bounds, Clock, CountedName, Spoken, VariableName, WebAddress, ZoneName
from callengine.fsm.scenario import Condition, Flow, Scenario
from callengine.fsm.step import Step
from callengine.fsm.steps import STEP_TYPES, Queue, ScheduleCallback, ToOperator, Uttering

DIALECT = "https://json-schema.org/draft/2020-12/schema"

_STEPS = "#/$defs/step"
_ONE_LINE = r"^[^\t\n\r]*\S[^\t\n\r]*$"
# JavaScript's \w knows ASCII only, so these say what no such word contains; the loader knows more.
_IDENTIFIER = r"^[^\s\d!-/:-@\[-^`{-~][^\s!-/:-@\[-^`{-~]*$"
_URL = r"^https?://[^\s/?#@{]+([/?]\S*)?$"
_CLOCK = r"^([01]\d|2[0-3]):[0-5]\d$"

_EXACTLY_ONE: Mapping[type, tuple[str, ...]] = {
    Uttering: ("prompt", "text"),
    ScheduleCallback: ("after", "at", "in_hours"),
    Condition: ("contains", "equals", "in"),
}
_AT_MOST_ONE: Mapping[type, tuple[str, str]] = {
    ToOperator: ("whisper", "whisper_text"),
    Queue: ("prompt", "position_text"),
}
"""Keys of which the classes themselves, which say it better, take one."""


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
    default: bool | float | str | None = None
    examples: tuple[str, ...] = ()
    items: "Schema | None" = None
    properties: Mapping[str, "Schema"] = msgspec.field(default_factory=dict)
    required: tuple[str, ...] = ()
    additional_properties: "Schema | bool | None" = None
    property_names: "Schema | None" = None
    any_of: "Sequence[Schema]" = ()
    all_of: "Sequence[Schema]" = ()
    one_of: "Sequence[Schema]" = ()
    negated: "Schema | None" = msgspec.field(default=None, name="not")
    condition: "Schema | None" = msgspec.field(default=None, name="if")
    then: "Schema | None" = None
    otherwise: "Schema | None" = msgspec.field(default=None, name="else")
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
    """A step: its `type` decides, by an `if` for each, which other keys it takes; so an editor blames the right key.

    While no type is written, or one that does not exist, it takes the keys that some type has.
    """
    types = [Schema(const=name, description=sentence(step)) for name, step in STEP_TYPES.items()]
    known = Schema(type="object", properties={"type": Schema(enum=tuple(STEP_TYPES))}, required=("type",))
    return Schema(
        title="step",
        type="object",
        properties=_of_every_step(Schema(any_of=types)),
        required=("step", "type"),
        all_of=[
            Schema(condition=known, otherwise=Schema(properties=_of_any_step(), additional_properties=False)),
            *(
                Schema(
                    condition=Schema(type="object", properties={"type": Schema(const=name)}, required=("type",)),
                    then=_class(step, type=Schema(const=name, description=sentence(step))),
                )
                for name, step in STEP_TYPES.items()
            ),
        ],
    )


def _of_every_step(types: Schema) -> Mapping[str, Schema]:
    words = attributes(Step)
    return {
        "step": _described(_value(fields(Step).id.type), words["id"]),
        "type": _described(types, words["type"]),
    }


def _of_any_step() -> Mapping[str, Schema]:
    return {name: Schema() for step in STEP_TYPES.values() for name in ("type", *(key for key, _ in keys_of(step)))}


def _class(described: Any, **given: Schema) -> Schema:
    """An attrs class as a mapping that takes its fields for keys, and no others; `given` stand before them."""
    words = attributes(described)
    required = tuple(key for key, each in keys_of(described) if each.default is NOTHING)
    return Schema(
        title=described.type if issubclass(described, Step) else None,
        description=sentence(described),
        type="object" if required else ("object", "null"),
        properties={**given, **{key: _field(each, words) for key, each in keys_of(described)}},
        required=(*given, *required),
        additional_properties=False,
        one_of=tuple(Schema(required=(key,)) for base in described.__mro__ for key in _EXACTLY_ONE.get(base, ())),
        all_of=tuple(
            Schema(negated=Schema(required=keys)) for base, keys in _AT_MOST_ONE.items() if issubclass(described, base)
        ),
    )


def _field(attribute: "Attribute[object]", words: Mapping[str, str]) -> Schema:
    schema = _described(_value(attribute.type), words.get(attribute.name))
    if isinstance(attribute.default, bool | int | float | str) and attribute.default != "":
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
    match mark:
        case Bounds():
            return Schema(type="integer" if base is int else "number", minimum=mark.low, maximum=mark.high)
        case AsWritten():
            return Schema(type=("string", "number", "boolean"))
        case Clock():
            return Schema(type="string", pattern=_CLOCK, examples=("09:30",))
        case ZoneName():
            return Schema(type="string", pattern=_ONE_LINE, examples=("Asia/Tehran", "Europe/Berlin", "UTC"))
        case WebAddress():
            return Schema(type="string", pattern=_URL, examples=("https://crm.example.com/customers",))
        case VariableName():
            return Schema(type="string", pattern=_IDENTIFIER, negated=Schema(enum=RESERVED))
        case CountedName():
            return Schema(type="string", pattern=_ONE_LINE, negated=Schema(enum=RESERVED))
        case Spoken():
            return Schema(type="string", pattern=_ONE_LINE, max_length=mark.longest)
        case _:
            return Schema(type="string", pattern=_ONE_LINE)


def _class_of(origin: Any) -> type:
    return origin if isinstance(origin, type) else object
