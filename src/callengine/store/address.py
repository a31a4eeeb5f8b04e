"""Where a store is: read from its URL, and named without its password."""

import re
import shutil
from pathlib import Path
from typing import Final

from attrs import field, frozen
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from callengine.errors import ConfigError

DEFAULT: Final = "sqlite:///callengine.db"
"""In the working folder; where no URL is given."""

_SQLITE: Final = "sqlite"
_POSTGRESQL: Final = ("postgresql", "postgresql+psycopg", "postgres")
_MIB: Final = 1024 * 1024
_UNSAFE: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]+")
_LONGEST_REASON: Final = 300


@frozen
class Address:
    """A store's address.

    Attributes:
        name: the URL as it may be shown to people: without password and query.
        path: of an SQLite file, absolute; None for PostgreSQL.
    """

    url: URL = field(repr=False)
    name: str
    path: Path | None

    def reason(self, error: BaseException) -> str:
        """What a database says of an error: one short line, without the password."""
        text = str(getattr(error, "orig", None) or error).strip()
        for secret in _secrets(self.url):
            text = text.replace(secret, "***")
        text = _UNSAFE.sub(" ", text)
        return text if len(text) <= _LONGEST_REASON else f"{text[:_LONGEST_REASON]}..."


def address_of(url: str) -> Address:
    """Read the address of a store; empty stands for a file in the working folder.

    Raises:
        ConfigError: it is none, or of a database we do not know. The message does not repeat it: it may hold a password.
    """
    try:
        parsed = make_url(url or DEFAULT)
    except (ArgumentError, ValueError):
        raise _not_an_address() from None
    if parsed.drivername in _POSTGRESQL:
        parsed = parsed.set(drivername="postgresql+psycopg")
        shown = parsed.set(drivername="postgresql", password=None, query={})
        return Address(parsed, shown.render_as_string(), None)
    if parsed.drivername != _SQLITE or not parsed.database or parsed.host:
        raise _not_an_address()
    if parsed.database.startswith((":memory:", "file:")) or parsed.query:
        raise ConfigError("STORE_URL names no file of its own: give sqlite:///PATH, without anything behind the path")
    path = Path(parsed.database).resolve()
    return Address(URL.create(_SQLITE, database=str(path)), f"sqlite:///{parsed.database}", path)


def free_mib(url: str) -> int | None:
    """MiB of disk that are free where an SQLite store is; None for PostgreSQL, and where that cannot be found out.

    Raises:
        ConfigError: it is no address of a store.
    """
    path = address_of(url).path
    if path is None:
        return None
    try:
        return shutil.disk_usage(path.parent).free // _MIB
    except OSError:
        return None


def _not_an_address() -> ConfigError:
    return ConfigError("STORE_URL is no address of a store: give sqlite:///PATH or postgresql://USER@HOST/DATABASE")


def _secrets(url: URL) -> list[str]:
    query = url.query.get("password", ())
    found = [str(url.password or ""), *([query] if isinstance(query, str) else query)]
    return [secret for secret in found if secret]
