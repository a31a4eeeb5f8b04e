"""What the classes of the language say of themselves: their docstrings, taken apart for people who write scenarios."""

import inspect
import re
from collections.abc import Mapping

_ENTRY = re.compile(r"^ {4}(\w+): (.*(?:\n {5,}.*)*)", re.MULTILINE)


def sentence(described: type) -> str:
    """The first paragraph of a class's docstring, on one line; empty if it has none."""
    return " ".join(_docstring(described).split("\n\n")[0].split())


def attributes(described: type) -> Mapping[str, str]:
    """What docstrings say of the class's attributes, those of its bases included."""
    found: dict[str, str] = {}
    for base in reversed(described.__mro__):
        _, _, section = _docstring(base).partition("Attributes:\n")
        found.update({name: " ".join(text.split()) for name, text in _ENTRY.findall(section)})
    return found


def _docstring(described: type) -> str:
    return inspect.cleandoc(described.__doc__ or "")
