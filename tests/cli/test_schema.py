"""`callengine schema`, as a shell sees it."""

import json

import pytest

from callengine.cli import execute


def test_the_schema_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert execute(["schema"]) == 0
    assert json.loads(capsys.readouterr().out)["title"] == "callengine scenario"
