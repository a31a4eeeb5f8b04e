"""What `import callengine` offers."""

import subprocess
import sys
from pathlib import Path

import pytest

import callengine


def test_every_public_name_is_there() -> None:
    for name in callengine.__all__:
        assert getattr(callengine, name) is not None
    with pytest.raises(AttributeError, match="nonsense"):
        callengine.nonsense  # noqa: B018


def test_lint_does_not_wait_for_the_engine() -> None:
    """`callengine lint` runs on every save in an editor; the engine's rooms and their libraries would triple its start."""
    program = "import sys, callengine.cli.lint; print(sorted({'callengine.engine', 'httpx', 'rich.live'} & set(sys.modules)))"
    source = Path(callengine.__file__).parents[1]
    shown = subprocess.run([sys.executable, "-c", program], cwd=source, capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"
