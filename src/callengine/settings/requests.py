"""Settings of the web services that flows may ask."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from attrs import field, frozen
from typed_settings.types import Secret

from callengine.settings import kinds
from callengine.settings.about import NOT_SET, about

_HOST: Final = re.compile(r"([0-9a-z_-]+(\.[0-9a-z_-]+)*|\[[0-9a-f:]+\])(:[1-9][0-9]{0,4})?")
_TOKEN: Final = re.compile(r"[!-+\--~]+")
"""What a header can carry; a comma would begin the next pair."""


def host(value: str | int) -> str:
    """`host` or `host:port`, in lower case."""
    name = kinds.text(value).lower()
    if not _HOST.fullmatch(name):
        raise ValueError("give a host, or host:port, such as crm.example.com: no https://, no path and no *")
    return name


def hosts(value: str | Iterable[str | int]) -> tuple[str, ...]:
    """A list of hosts; one that is named twice counts once."""
    return tuple(dict.fromkeys(map(host, kinds.words(value))))


def tokens(value: str | Mapping[str, str] | Secret[str]) -> Secret[str]:
    """Tokens by host: a TOML table, or `host=token, host=token`. What is wrong is told without them."""
    if isinstance(value, Secret):
        return value
    pairs = [f"{name}={token}" for name, token in value.items()] if isinstance(value, Mapping) else value
    for pair in kinds.words(pairs):
        name, sign, token = pair.partition("=")
        if not sign or not _HOST.fullmatch(name.strip().lower()) or not _TOKEN.fullmatch(token.strip()):
            raise ValueError("give pairs of host and token, such as crm.example.com=token, without spaces in a token")
    return Secret(",".join(kinds.words(pairs)))


@frozen
class RequestSettings:
    """The web services that flows may ask. Without a host none is asked."""

    hosts: tuple[str, ...] = field(
        default=(),
        converter=hosts,
        metadata=about("Hosts that `request` steps may ask, each as host or host:port. Empty: none", "REQUEST_HOSTS"),
    )
    tokens: Secret[str] = field(
        default=NOT_SET,
        converter=tokens,
        metadata=about(
            "Bearer tokens for hosts of REQUEST_HOSTS, as host=token. Sent to that host alone, over https or to this machine",
            "REQUEST_TOKENS",
        ),
    )
    max_parallel: int = field(
        default=20, converter=kinds.at_least_one, metadata=about("Requests of flows at once", "MAX_PARALLEL_REQUESTS")
    )

    @property
    def token_of(self) -> Mapping[str, str]:
        """The tokens in the clear, by host."""
        pairs = (pair.partition("=") for pair in kinds.words(self.tokens.get_secret_value()))
        return {name.strip().lower(): token.strip() for name, _, token in pairs}
