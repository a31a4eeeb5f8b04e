"""The reference of all settings: `python -m callengine.settings.reference` writes it into the working folder."""

from collections.abc import Iterator, Mapping
from datetime import time
from pathlib import Path

from attrs import frozen
from typed_settings.cls_utils import deep_options
from typed_settings.types import OptionInfo, Secret

from callengine.settings.about import ENV, MEANING
from callengine.settings.telephony import LineSettings
from callengine.settings.tree import Settings

_ENV_HEADER = """\
# Every setting the environment can say. Copy this file to .env and fill in what you need: an empty value counts as not
# set. Lists have commas between their values. docs/settings.md tells the same by TOML key.
"""

_DOC_HEADER = """\
# Settings

Written by `python -m callengine.settings.reference`; change the classes in `src/callengine/settings/`, not this file.

Later ones win: defaults, `callengine.toml`, `.env`, the environment, command-line options. An empty value counts as not
set. Lists are arrays in TOML and have commas between their values in the environment. A yes or no is written `true`,
`false`, `1`, `0`, `yes`, `no`, `on` or `off`. A wrong value or an unknown key of `callengine.toml` stops the engine at start
with a message that names all of them; environment names that stand in no table are ignored.

Keys are tables by group:

```toml
[ari]
base_url = "http://127.0.0.1:8088/ari"
username = "callengine"

[limits]
concurrent = 4

[[lines]]
number = "02191000001"
per_day = 500

[calls.results]
19 = "power_off"
```

`OUTBOUND_NUMBERS` says which lines there are; without it the tables `[[lines]]` do. Credentials may stand in `ARI_WS_URL`
(`?api_key=user:password`), as in Asterisk's documentation: they are taken out of it and never logged.
"""


@frozen
class Row:
    """One setting of the reference.

    Attributes:
        name: in the environment; empty where only callengine.toml can say it.
        key: in callengine.toml, dotted.
        default: as it is written in the environment; empty for none.
    """

    name: str
    key: str
    default: str
    meaning: str


def rows() -> tuple[Row, ...]:
    """Every setting, in the order of the tree; those of `[[lines]]` last."""
    options = [option for option in deep_options(Settings) if option.nested_options is None]
    lines = [_row(option, f"lines[].{option.path}") for option in deep_options(LineSettings)]
    return (*(_row(option, option.path) for option in options), *lines)


def _row(option: OptionInfo, key: str) -> Row:
    default = "" if option.default_is_factory else _written(option.default)
    return Row(option.metadata[ENV], key, default, option.metadata[MEANING])


def _written(value: object) -> str:
    """A default as the environment would say it."""
    if value is None or isinstance(value, (Secret, Mapping)):
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    if isinstance(value, float):
        return f"{value:g}"
    return f"{value:%H:%M}" if isinstance(value, time) else str(value)


def env_example() -> str:
    """The text of `.env.example`. Its values are empty, or a copy of it would overrule callengine.toml."""
    return "\n".join([_ENV_HEADER, *map(_env_entry, (row for row in rows() if row.name))])


def _env_entry(row: Row) -> str:
    default = f" Default: {row.default}" if row.default else ""
    return f"# {row.meaning}.{default}\n{row.name}=\n"


def settings_page() -> str:
    """The text of `docs/settings.md`."""
    return "\n".join([_DOC_HEADER, "| name | TOML key | default | meaning |", "|---|---|---|---|", *_table(), ""])


def _table() -> Iterator[str]:
    for row in rows():
        name, default = (f"`{cell}`" if cell else "" for cell in (row.name, row.default))
        yield f"| {name} | `{row.key}` | {default} | {row.meaning} |"


def write(folder: Path) -> None:
    """Write both files below a folder, which is that of the sources."""
    (folder / ".env.example").write_text(env_example(), encoding="utf-8")
    (folder / "docs" / "settings.md").write_text(settings_page(), encoding="utf-8")


if __name__ == "__main__":
    write(Path())
