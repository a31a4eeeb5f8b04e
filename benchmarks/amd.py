"""What Asterisk's own AMD says of greetings: each is played into it by another channel of the same Asterisk."""

import re
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import httpx

from benchmarks.greetings import Greeting
from callengine.providers import Answerer
from tests.e2e.asterisk import Asterisk, asterisk
from tests.e2e.configuration import GREETINGS, udp_port
from tests.e2e.packages import CannotFetch
from tests.e2e.rootfs import SUITE, cache_folder, find_home

AT_ONCE = 20
LONGEST = 15.0
"""Seconds in which a batch is judged; AMD takes five at most."""

_STATUSES = {"HUMAN": Answerer.PERSON, "MACHINE": Answerer.MACHINE}
_JUDGED = re.compile(r"judged (\d+) (\w+) (\S+) (\d+\.\d+) (\d+\.\d+)")


class AsteriskMissing(Exception):
    """There is none on this machine."""


def amd_verdicts(greetings: Sequence[Greeting], figures: Sequence[str]) -> list[list[tuple[Greeting, Answerer, float]]]:
    """Each greeting, what AMD says, and after how many seconds.

    Args:
        figures: arguments of AMD, for a list of verdicts each; empty for those that Asterisk ships.

    Raises:
        AsteriskMissing: it was not measured.
    """
    if not (cache_folder() / f"asterisk-{SUITE}").exists() and shutil.which("asterisk") is None:
        raise AsteriskMissing("not measured, there is no Asterisk here; the tests of tests/e2e build one")
    try:
        home = find_home()
    except CannotFetch as error:
        raise AsteriskMissing(f"not measured: {error}") from error
    with tempfile.TemporaryDirectory() as logs, asterisk(home, udp_port(), Path(logs), {}) as running:
        folder = running.folder / "data/sounds/en" / GREETINGS
        folder.mkdir(parents=True)
        folder.chmod(0o755)
        for greeting in greetings:
            (folder / f"{greeting.name}.ulaw").write_bytes(greeting.law)
        return [list(_all_judged(running, greetings, each)) for each in figures]


def _all_judged(running: Asterisk, greetings: Sequence[Greeting], figures: str) -> Iterator[tuple[Greeting, Answerer, float]]:
    for first in range(0, len(greetings), AT_ONCE):
        yield from _judged(running, greetings[first : first + AT_ONCE], figures)


def _judged(running: Asterisk, greetings: Sequence[Greeting], figures: str) -> Iterator[tuple[Greeting, Answerer, float]]:
    said_before = len(running.log())
    with httpx.Client(base_url=running.ari_url, auth=running.credentials, trust_env=False) as client:
        for each in greetings:
            query = {"endpoint": f"Local/{each.name}@greets/n", "context": "judges", "extension": each.name, "priority": "1"}
            client.post("/channels", params=query, json={"variables": {"FIGURES": figures}}).raise_for_status()
    found: dict[str, tuple[Answerer, float]] = {}
    deadline = time.monotonic() + LONGEST
    while len(found) < len(greetings) and time.monotonic() < deadline:
        time.sleep(0.2)
        names = {each.name for each in greetings}
        for name, status, _, began, ended in _JUDGED.findall(running.log()[said_before:]):
            if name in names:
                found[name] = _STATUSES.get(status, Answerer.NOT_SURE), float(ended) - float(began)
    for each in greetings:
        who, after = found.get(each.name, (Answerer.NOT_SURE, LONGEST))
        yield each, who, after
