"""A look at a store changes nothing."""

from pathlib import Path

import pytest

from callengine.errors import ConfigError, StoreError
from callengine.model import SystemAmbient
from callengine.store import look_at_store, open_store


async def test_a_store_before_and_after_it_is_made(url: str) -> None:
    assert look_at_store(url).state == "absent"
    assert look_at_store(url).state == "absent"
    async with open_store(url, SystemAmbient(), exclusive=True):
        assert look_at_store(url).state == "ready"
    assert look_at_store(url).state == "ready"


@pytest.mark.parametrize("url", ["sqlite:////nowhere/at/all.db", "mysql://there", "postgresql://u:canary@127.0.0.1:9/none"])
def test_what_is_no_store(url: str) -> None:
    with pytest.raises((ConfigError, StoreError)) as raised:
        look_at_store(url)
    assert "canary" not in str(raised.value)


def test_a_folder_is_no_store(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="is a folder"):
        look_at_store(f"sqlite:///{tmp_path}")
