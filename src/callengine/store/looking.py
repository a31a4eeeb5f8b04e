"""A look at a store, by which nothing is made, moved or locked."""

import os
from typing import Literal

from attrs import frozen

from callengine.errors import ConfigError
from callengine.store import postgresql, sqlite
from callengine.store.address import address_of
from callengine.store.database import translated
from callengine.store.migrations import HEAD, KNOWN, revision_of


@frozen
class StoreLook:
    """What can be seen of a store.

    Attributes:
        name: without a password.
        state: `absent` where there is none yet and one can be made, `old` where its tables are brought up to date when it is
            opened, `ready` otherwise.
    """

    name: str
    state: Literal["absent", "old", "ready"]


def look_at_store(url: str) -> StoreLook:
    """See whether a store can be used. It blocks, for seconds where a database does not answer.

    Raises:
        ConfigError: there can be no such store, or a newer version wrote it.
        StoreError: it cannot be read.
    """
    address = address_of(url)
    if address.path is not None and not address.path.exists():
        if not os.access(address.path.parent, os.W_OK | os.X_OK):
            raise ConfigError(f"the store {address.name} cannot be made: its folder is not there, or not ours to write to")
        return StoreLook(address.name, "absent")
    if address.path is None:
        engines = postgresql.engines(address, exclusive=False)
    else:
        engines = sqlite.engines(address, address.path, exclusive=False)
    _, reading = engines
    try:
        with translated(address), reading.connect() as connection:
            found = revision_of(connection)
    finally:
        for engine in engines:
            engine.dispose()
    if found is not None and found not in KNOWN:
        raise ConfigError(f"the store {address.name} was written by a newer callengine (its tables are at {found})")
    return StoreLook(address.name, "absent" if found is None else "ready" if found == HEAD else "old")
