"""Steps under other ids: what a step leads to is found by the types of its fields, so any step type may stand in a subflow."""

from collections.abc import Callable, Mapping
from functools import cache
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, cast, get_args, get_origin

from attrs import evolve, fields, has

from callengine.fsm.step import Step
from callengine.model import StepId

S = TypeVar("S", bound=Step)

Rename = Callable[[StepId], StepId]
_Change = Callable[[Any, Rename], Any]


def renamed(step: S, rename: Rename) -> S:
    """The step under its new id, leading to the new ids of others."""
    return cast("S", _evolved(step, rename))


def _evolved(value: Any, rename: Rename) -> Any:
    described: type = type(value)
    changes = _changes(described)
    return evolve(value, **{name: change(getattr(value, name), rename) for name, change in changes.items()})


@cache
def _changes(described: type) -> Mapping[str, _Change]:
    """How each field changes in which the id of a step can stand."""
    found = ((each.name, _change(each.type)) for each in fields(described))
    return {name: change for name, change in found if change is not None}


def _change(kind: Any) -> _Change | None:
    origin, arguments = get_origin(kind), get_args(kind)
    if kind is StepId:
        return lambda value, rename: rename(value)
    if origin in (Union, UnionType):
        return _if_given(*map(_change, [each for each in arguments if each is not type(None)]))
    if origin is Annotated:
        return _change(arguments[0])
    if origin is tuple:
        return _of_each(_change(arguments[0]))
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return _of_values(_change(arguments[1]))
    return _evolved if has(kind) and _changes(kind) else None


def _if_given(change: _Change | None) -> _Change | None:
    return change and (lambda value, rename: None if value is None else change(value, rename))


def _of_each(change: _Change | None) -> _Change | None:
    return change and (lambda values, rename: tuple(change(value, rename) for value in values))


def _of_values(change: _Change | None) -> _Change | None:
    return change and (lambda values, rename: {key: change(value, rename) for key, value in values.items()})
