"""What is told about a setting beside its type: its environment name and its meaning."""

from collections.abc import Mapping
from typing import Final

from typed_settings.constants import METADATA_KEY
from typed_settings.types import Secret

NOT_SET: Final = Secret("")
"""The default of every secret."""

ENV: Final = "env"
MEANING: Final = "help"
"""The library's own word for it."""


def about(meaning: str, env: str = "") -> Mapping[str, Mapping[str, str]]:
    """Metadata of a field.

    Args:
        meaning: one line for people, with units.
        env: the environment name; empty where only callengine.toml can say it.
    """
    return {METADATA_KEY: {ENV: env, MEANING: meaning}}
