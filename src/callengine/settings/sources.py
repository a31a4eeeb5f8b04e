"""Where values come from: loaders for typed-settings that read names as deployments write them.

The library's own environment loader derives one name from the path of each option; the names of the field follow no such
rule, so these loaders take them from the options' metadata. They convert each value at once, because only here it is known
what its author called it and in which file: what is wrong goes to a list of problems, and loading goes on.
"""

from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Final

import cattrs
from attrs import define, field, frozen
from typed_settings.cls_utils import deep_options
from typed_settings.dict_utils import set_path
from typed_settings.types import LoadedSettings, LoaderMeta, OptionInfo, OptionList

from callengine.settings.about import ENV
from callengine.settings.addresses import without_credentials
from callengine.settings.telephony import LineSettings

Table = Mapping[str, object]

CONVERTER: Final = cattrs.Converter(prefer_attrib_converters=True)
"""Builds the classes. Loaders have converted every value already; converters accept their own results."""


@frozen
class Problem:
    """Something wrong.

    Attributes:
        path: of the setting, dotted.
        message: for people.
    """

    path: str
    message: str


@define
class Reader:
    """Converts values of one origin and notes what is wrong with them.

    Attributes:
        origin: in the words of messages: `environment`, a file's path, `command line`.
        base: what relative paths are relative to.
        problems: what was wrong so far.
    """

    origin: str
    base: Path
    problems: list[Problem] = field(factory=list)

    def read(self, option: OptionInfo, path: str, name: str, raw: object) -> dict[str, object]:
        """The converted value under its path; nothing if it is empty or wrong.

        Args:
            path: of the setting, dotted.
            name: what the value's author calls it.
        """
        if raw is None or raw == "" or option.converter is None:
            return {}
        try:
            value = option.converter(raw)
        except ValueError as error:
            self.note(path, f"{name} is {_shown(option, raw)}: {error}")
            return {}
        return {path: self._placed(value)}

    def _placed(self, value: object) -> object:
        """Paths, alone or in a list, are relative to the base."""
        if isinstance(value, tuple) and all(isinstance(each, Path) for each in value):
            return tuple(self.base / each for each in value)
        return self.base / value if isinstance(value, Path) else value

    def note(self, path: str, message: str) -> None:
        self.problems.append(Problem(path, f"{self.origin}: {message}"))

    def loaded(self, values: Table) -> LoadedSettings:
        """Values by dotted path, as typed-settings wants them."""
        nested: dict[str, object] = {}
        for path, value in values.items():
            set_path(nested, path, value)
        return LoadedSettings(nested, LoaderMeta(self.origin, self.base))


@define
class NamedValues:
    """Values by environment name; names of others are none of our business."""

    values: Mapping[str, str | None]
    reader: Reader

    def __call__(self, settings_cls: type, options: OptionList) -> LoadedSettings:  # noqa: ARG002 - the protocol's signature
        found: dict[str, object] = {}
        for option in options:
            name = option.metadata.get(ENV, "")
            found |= self.reader.read(option, option.path, name, (self.values.get(name) or "").strip())
        return self.reader.loaded(found)


@define
class NestedValues:
    """Values in tables by group, as callengine.toml and command-line options have them; unknown keys are wrong."""

    table: Table
    reader: Reader

    def __call__(self, settings_cls: type, options: OptionList) -> LoadedSettings:  # noqa: ARG002 - the protocol's signature
        return self.reader.loaded(self._walk(self.table, "", {option.path: option for option in options}))

    def _walk(self, table: Table, prefix: str, options: Mapping[str, OptionInfo]) -> dict[str, object]:
        found: dict[str, object] = {}
        for key, raw in table.items():
            path = f"{prefix}{key}"
            option = options.get(path)
            is_group = any(known.startswith(f"{path}.") for known in options)
            if option is not None and option.nested_options is not None:
                found[path] = self._lines(path, raw)
            elif option is not None:
                found |= self.reader.read(option, path, path, raw)
            elif is_group and isinstance(raw, Mapping):
                found |= self._walk(raw, f"{path}.", options)
            elif is_group:
                self.reader.note(path, f"{path} is a single value: write a table [{path}]")
            else:
                self.reader.note(path, f"unknown key {path!r}{_suggestion(path, options)}")
        return found

    def _lines(self, path: str, raw: object) -> tuple[LineSettings, ...]:
        if not isinstance(raw, list) or not all(isinstance(table, Mapping) for table in raw):
            self.reader.note(path, f"{path} is not a list of tables: write [[{path}]] above each line's settings")
            return ()
        return tuple(self._line(f"{path}.{place}", table) for place, table in enumerate(raw, start=1))

    def _line(self, path: str, table: Table) -> LineSettings:
        options = {f"{path}.{option.path}": option for option in deep_options(LineSettings)}
        values = self._walk(table, f"{path}.", options)
        if not table.get("number"):
            self.reader.note(f"{path}.number", f"{path}.number is missing: name the line's number")
        return CONVERTER.structure({name.rpartition(".")[2]: value for name, value in values.items()}, LineSettings)


def _shown(option: OptionInfo, raw: object) -> str:
    if option.is_secret:
        return "not usable (its value is not shown)"
    return repr(without_credentials(raw) if isinstance(raw, str) else raw)


def _suggestion(path: str, options: Mapping[str, OptionInfo]) -> str:
    """The known key nearest to an unknown one, or that of the same name in another table."""
    name = path.rpartition(".")[2]
    elsewhere = [known for known in options if known.rpartition(".")[2] == name]
    groups = {known.partition(".")[0] for known in options}
    near = elsewhere or get_close_matches(path, [*options, *sorted(groups)], n=1)
    return f"; did you mean {near[0]!r}?" if near else ""
