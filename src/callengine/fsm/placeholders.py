"""Placeholders in a prompt template or in a text: what lint looks for and what a call fills are one and the same.

`{name}` is a placeholder; `{{` and `}}` are literal braces, so that `{{name}}` comes out as `{name}`. A template is read
once, from left to right. A single brace that belongs to no placeholder is literal too.
"""

import re
from collections.abc import Iterator, Mapping

from callengine.fsm.declarations import INTENT, TRANSCRIPT, Variable, contact_field

_TOKEN = re.compile(r"\{\{|\}\}|\{([^{}]+)\}")

_BRACES = frozenset("{}")


def names_in(template: str) -> Iterator[str]:
    """Yield the name of every placeholder, in order."""
    return (match[1] for match in _TOKEN.finditer(template) if match[1] is not None)


def is_broken(template: str) -> bool:
    """Whether a text has a brace that belongs to no placeholder, or a name with spaces around it: nobody means to say these."""
    return any(name != name.strip() for name in names_in(template)) or not _BRACES.isdisjoint(_TOKEN.sub("", template))


def fill(template: str, values: Mapping[str, str]) -> str:
    """Return the template with its placeholders filled; one without a value stays as it is written."""
    return _TOKEN.sub(lambda match: match[0][0] if match[1] is None else values.get(match[1], match[0]), template)


def named(name: str) -> Variable:
    """What a name in a text or in a test stands for, as far as it can be told without the rest of the flow.

    Where steps of the flow set a variable or a counter of that name, `graph` takes it for that.
    """
    return {"transcript": TRANSCRIPT, "intent": INTENT}.get(name) or contact_field(name)


def read_by(template: str) -> tuple[Variable, ...]:
    """What a text reads."""
    return tuple(map(named, dict.fromkeys(names_in(template))))
