"""A scenario as the file an author would write of it: the way back from classes to text."""

import json
from collections.abc import Mapping

from attrs import has

from callengine.fsm import Flow, Scenario, Step
from callengine.fsm.codec import keys_of


def plain(value: object) -> object:
    """A value of the language as JSON has it, by the keys of the file; what is None is left out."""
    if isinstance(value, Flow):
        return [plain(step) for step in value.steps]
    if has(type(value)):
        parts = {key: getattr(value, each.name) for key, each in keys_of(type(value))}
        keys = {key: plain(part) for key, part in parts.items() if part is not None}
        return {"type": value.type, **keys} if isinstance(value, Step) else keys
    if isinstance(value, Mapping):
        return {key: plain(part) for key, part in value.items()}
    if isinstance(value, tuple):
        return [plain(part) for part in value]
    return value


def written(scenario: Scenario) -> bytes:
    """The file: each step, and each other part, on a line of its own."""
    parts = plain(scenario)
    assert isinstance(parts, dict)
    lines = ["scenario:"]
    for key, part in parts.items():
        flow = key in ("flow", "inbound_flow")
        steps = [f"    - {json.dumps(step, ensure_ascii=False)}" for step in part] if flow else []
        lines += [f"  {key}:", *steps] if flow else [f"  {key}: {json.dumps(part, ensure_ascii=False)}"]
    return "\n".join([*lines, ""]).encode()
