"""Loading: defaults < callengine.toml < .env < environment < command-line options."""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from secrets import token_urlsafe
from typing import Final

import attrs
import typed_settings
from dotenv import dotenv_values
from typed_settings.dict_utils import set_path
from typed_settings.types import Secret

from callengine.errors import ConfigError, WrongSettings
from callengine.settings.addresses import settled
from callengine.settings.audio import MediaSettings
from callengine.settings.notes import contradictions
from callengine.settings.sources import CONVERTER, NamedValues, NestedValues, Reader, Table
from callengine.settings.tree import Settings

CONFIG_NAME = "callengine.toml"
DOTENV_NAME = ".env"

_TOKEN_BYTES: Final = 24


def load_settings(
    environ: Mapping[str, str] | None = None,
    *,
    folder: Path | None = None,
    config: Path | None = None,
    overrides: Mapping[str, object] | None = None,
) -> Settings:
    """Load all settings; an empty value counts as none, wherever it stands.

    Args:
        environ: the environment; the process's own if None.
        folder: where `.env`, `callengine.toml` and the scenarios are looked for, and what relative paths of the environment
            are relative to; the working folder if None. Paths in callengine.toml are relative to that file.
        config: the configuration file; if None, `callengine.toml` in the folder, where there is one.
        overrides: values of command-line options by dotted path (`scenarios.dir`); None stands for an option not given.

    Raises:
        WrongSettings: values or keys are wrong; it names all of them, where they stand and what to do. A wrong value is told
            even where another source overrules it.
        ConfigError: a file cannot be read.
    """
    environ = os.environ if environ is None else environ  # noqa: TID251 - the one place that reads it
    folder = (folder or Path()).absolute()
    loaders = (
        _config_file(folder, config),
        NamedValues(_dotenv(folder / DOTENV_NAME), Reader(DOTENV_NAME, folder)),
        NamedValues(environ, Reader("environment", folder)),
        NestedValues(_nested(overrides or {}), Reader("command line", folder)),
    )
    settings = typed_settings.load_settings(Settings, loaders, converter=CONVERTER, base_dir=folder)
    settings = _settled(settings, folder)
    problems = [problem for loader in loaders for problem in loader.reader.problems]
    wrong = {problem.path for problem in problems}
    problems += [problem for problem in contradictions(settings) if problem.path not in wrong]
    if problems:
        raise WrongSettings(tuple(problem.message for problem in problems))
    return settings


def _config_file(folder: Path, config: Path | None) -> NestedValues:
    path = folder / (config or CONFIG_NAME)
    name = str(config or CONFIG_NAME)
    if config is None and not path.exists():
        return NestedValues({}, Reader(name, folder))
    return NestedValues(_toml(path, name), Reader(name, path.parent))


def _toml(path: Path, name: str) -> Table:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{name} cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{name} is not TOML: {error}") from error


def _dotenv(path: Path) -> Mapping[str, str | None]:
    if not path.is_file():
        return {}
    try:
        return dotenv_values(path)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path.name} cannot be read: {error}") from error


def _nested(overrides: Mapping[str, object]) -> Table:
    table: dict[str, object] = {}
    for path, value in overrides.items():
        set_path(table, path, value)
    return table


def _settled(settings: Settings, folder: Path) -> Settings:
    """The settings with what follows from other settings and from the file system."""
    usual = folder / "config" / "scenarios"
    scenarios = settings.scenarios.dir or (usual if usual.is_dir() else folder / "flows")
    return attrs.evolve(
        settings,
        ari=settled(settings.ari),
        scenarios=attrs.evolve(settings.scenarios, dir=scenarios),
        media=_unguessable(settings.media),
    )


def _unguessable(media: MediaSettings) -> MediaSettings:
    """With a token where one is needed. It is made here, so that it is kept out of logs like any other secret."""
    if media.delivery != "http" or media.token:
        return media
    return attrs.evolve(media, token=Secret(token_urlsafe(_TOKEN_BYTES)))
