"""What holds for every test."""

import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from random import SystemRandom

import pytest
import structlog
from hypothesis import HealthCheck, settings

from tests.store.postgres import Server, running_server

# No example fails for being slow: on a busy machine any may be. Everything else is as hypothesis has it here or in CI.
settings.register_profile("unhurried", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")


@pytest.fixture(autouse=True)
def logs_as_they_were() -> Iterator[None]:
    """A command that a test runs configures the logs of the whole process: put them back for the next test."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
def seed(record_property: Callable[[str, object], None]) -> int:
    """A fresh one; it stands in the summary at the end of the test run."""
    fresh = SystemRandom().getrandbits(32)
    record_property("seed", fresh)
    return fresh


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """One server for each process of the test session, started when the first test asks for it."""
    with running_server() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A store that nobody has opened yet, of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/store.db"
    server: Server = request.getfixturevalue("postgres")
    return server.fresh()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the seeds that simulated campaigns were played from, so that each can be played again."""
    for outcome in ("passed", "failed"):
        for report in terminalreporter.getreports(outcome):
            for name, value in report.user_properties:
                if name == "seed" and report.when == "call":
                    terminalreporter.write_line(f"seed {value}: {report.nodeid}")
