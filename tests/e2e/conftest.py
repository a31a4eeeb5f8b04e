"""One Asterisk and one set of phones for the whole session; their logs beside every failure."""

from collections.abc import AsyncIterator, Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import trio

from callengine.providers import RenderedSpeech, Voice
from callengine.providers.espeak import EspeakTextToSpeech
from callengine.providers.local import PocketsphinxSpeechToText
from callengine.providers.shelves import FolderShelf
from callengine.settings import AriSettings, Secret
from tests.e2e.ami import ChannelLog, follow_channels
from tests.e2e.asterisk import Asterisk
from tests.e2e.asterisk import asterisk as run_asterisk
from tests.e2e.packages import CannotFetch, require
from tests.e2e.people import AT_THE_DESK
from tests.e2e.phones import Phones
from tests.e2e.phones import phones as run_phones
from tests.e2e.rootfs import Home, find_home

pytest.register_assert_rewrite("tests.e2e.checks")

LOG_TAIL = 8000
"""Characters of each log shown beside a failure."""

NOT_FETCHED = pytest.StashKey[str]()
VERSION = pytest.StashKey[str]()
LOGS = pytest.StashKey[dict[str, Callable[[], str]]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--record-goldens", action="store_true", help="keep what Asterisk does as what is expected of it")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[LOGS] = {}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed:
        for name, log in item.config.stash[LOGS].items():
            report.sections.append((f"end of the log of {name}", log()[-LOG_TAIL:]))
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    stash = terminalreporter.config.stash
    if VERSION in stash:
        terminalreporter.write_line(f"e2e: ran against {stash[VERSION]}")
    if NOT_FETCHED in stash:
        terminalreporter.write_line(
            f"e2e: not all could be fetched: {stash[NOT_FETCHED]}; the end-to-end tests that need it did not run"
        )


@contextmanager
def fetching(config: pytest.Config) -> Iterator[None]:
    """What this machine cannot get is said in the summary and skips the tests that need it; anything else fails them."""
    try:
        yield
    except CannotFetch as error:
        config.stash[NOT_FETCHED] = str(error)
        pytest.skip(f"could not be fetched: {error}")


@pytest.fixture(scope="session")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder the logs of this session are kept in."""
    return tmp_path_factory.mktemp("logs")


@pytest.fixture(scope="session")
def home(request: pytest.FixtureRequest) -> Home:
    with fetching(request.config):
        found = find_home()
    request.config.stash[VERSION] = found.version
    return found


@pytest.fixture(scope="session")
def phones(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Phones]:
    """Everybody of people.py, ready to be called."""
    with fetching(request.config):
        require("sipp", "espeak-ng", "sox")
    with run_phones(tmp_path_factory.mktemp("phones")) as running:
        request.config.stash[LOGS]["phones"] = running.log
        yield running


@pytest.fixture(scope="session")
def session_asterisk(request: pytest.FixtureRequest, home: Home, phones: Phones, logs: Path) -> Iterator[Asterisk]:
    """One PBX for all tests."""
    with run_asterisk(home, phones.port, logs) as running:
        request.config.stash[LOGS]["asterisk"] = running.log
        yield running


@pytest.fixture
async def asterisk(session_asterisk: Asterisk) -> AsyncIterator[Asterisk]:
    """The PBX, whose trunk leads to the phones; cleared after the test, whose own business it is to look for what it left."""
    yield session_asterisk
    await session_asterisk.clear()


@pytest.fixture
def desk(asterisk: Asterisk, tmp_path: Path) -> Iterator[Phones]:
    """The telephone of `AT_THE_DESK`, by way of the endpoint `desk`: in a process of its own, for `die()`."""
    with run_phones(tmp_path, [AT_THE_DESK], asterisk.settings.desk_port) as running:
        yield running


@pytest.fixture
def record_goldens(request: pytest.FixtureRequest) -> bool:
    """Whether this run writes the files of the folder `goldens`, instead of being held to them."""
    return bool(request.config.getoption("--record-goldens"))


@pytest.fixture
def ari(asterisk: Asterisk) -> AriSettings:
    """How the engine reaches the PBX."""
    username, password = asterisk.credentials
    return AriSettings(base_url=asterisk.ari_url, username=username, password=Secret(password), app=asterisk.app)


@pytest.fixture
async def ears() -> PocketsphinxSpeechToText:
    """Who listens: offline, and in earnest."""
    return await PocketsphinxSpeechToText.load()


@pytest.fixture
def speaker(asterisk: Asterisk) -> RenderedSpeech:
    """Who speaks: espeak-ng, to where the PBX plays it from."""
    return RenderedSpeech(EspeakTextToSpeech(), Voice("en"), FolderShelf((asterisk.sounds,)))


@pytest.fixture
async def channel_log(asterisk: Asterisk, nursery: trio.Nursery) -> ChannelLog:
    """The PBX's own account of its channels during this test."""
    log: ChannelLog = await nursery.start(follow_channels, asterisk)
    return log
