"""The PBX's addresses, which people write with credentials in them."""

import re
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit, urlunsplit

import attrs
from attrs import frozen
from typed_settings.types import Secret

from callengine.settings.about import NOT_SET
from callengine.settings.telephony import AriSettings

_CREDENTIALS: Final = re.compile(r"(?<=//)[^/?#]*@|(?<=api_key=)[^&#]*")


def without_credentials(address: str) -> str:
    """A URL that may be shown: what stands in front of its host, or in its `api_key`, is masked."""
    return _CREDENTIALS.sub("***", address)


@frozen
class _Found:
    url: str
    app: str = ""
    username: str = ""
    password: Secret[str] = NOT_SET


def _taken_apart(address: str) -> _Found:
    """An address without query, and what its user part and query said."""
    parts = urlsplit(address)
    query = parse_qs(parts.query)
    username, _, password = query.get("api_key", [""])[0].partition(":")
    bare = urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path.rstrip("/"), "", ""))
    return _Found(
        url=bare,
        app=query.get("app", [""])[0],
        username=unquote(parts.username or "") or username,
        password=Secret(unquote(parts.password or "") or password),
    )


def _with_path(address: str, path: str) -> str:
    """The address, given a path where it has none."""
    return f"{address}{path}" if address and not urlsplit(address).path else address


def settled(ari: AriSettings) -> AriSettings:
    """How the PBX is reached, with URLs free of credentials and queries.

    Users write `ws://host:8088/ari/events?app=callengine&api_key=user:password`, as Asterisk's documentation does. What the
    URLs say counts where the settings of their own say nothing.
    """
    rest, socket = _taken_apart(ari.base_url), _taken_apart(ari.ws_url)
    base_url = _with_path(rest.url, "/ari")
    derived = f"{base_url.replace('http', 'ws', 1)}/events" if base_url else ""
    default_app = attrs.fields(AriSettings).app.default
    return attrs.evolve(
        ari,
        base_url=base_url,
        ws_url=_with_path(socket.url, "/ari/events") or derived,
        app=ari.app if ari.app != default_app else socket.app or ari.app,
        username=ari.username or rest.username or socket.username,
        password=next((known for known in (ari.password, rest.password, socket.password) if known), ari.password),
    )
