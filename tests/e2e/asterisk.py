"""A real Asterisk on loopback ports of its own, for as long as a block lasts."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx
from attrs import frozen

from tests.e2e.configuration import USER, Settings
from tests.e2e.layout import install_prompt, lay_out
from tests.e2e.people import PROMPT_SECONDS
from tests.e2e.processes import stop
from tests.e2e.rootfs import Home

BOOT = 60.0
"""Seconds Asterisk has to answer its first request; about one is usual."""

APP = "callengine"
LINE_VARIABLE = "CALLENGINE_LINE"

PROMPTS = {
    "custom/hello": "hello, may I",
    "custom/yes": "thank you",
    "custom/no": "good bye",
    "custom/goodby": "good bye",
    "custom/number": "from the book",
    "custom/alo": "hello, hello",
    "custom/onhold": "please hold",
    "custom/welcome": "welcome",
    "custom/nobody": "nobody is here",
    "custom/whisper": "call for you",
}
"""Sound -> what it says."""

LONGER = {"custom/onhold": 3.0}
"""Seconds of those that do not last `PROMPT_SECONDS`."""


class AsteriskFailed(Exception):
    """Asterisk ended, or did not answer in time; the message ends with its log."""


@frozen
class Leftovers:
    """What the PBX still holds: ids, and names of recordings."""

    channels: tuple[str, ...] = ()
    bridges: tuple[str, ...] = ()
    recordings: tuple[str, ...] = ()


@frozen
class Packets:
    """Of sound, so far: those that came from a telephone, and those that were sent to it."""

    received: int
    sent: int


@frozen
class Asterisk:
    """A running Asterisk.

    Attributes:
        version: as it names itself.
        folder: of this run, on the host; gone when the run is over.
    """

    version: str
    settings: Settings
    folder: Path

    @property
    def app(self) -> str:
        return self.settings.app

    @property
    def ari_url(self) -> str:
        """Base of the REST interface; paths are appended as `/channels`."""
        return f"http://127.0.0.1:{self.settings.http_port}/ari"

    @property
    def events_url(self) -> str:
        """Of the event socket, without a query."""
        return f"ws://127.0.0.1:{self.settings.http_port}/ari/events"

    @property
    def credentials(self) -> tuple[str, str]:
        return USER, self.settings.password

    @property
    def sounds(self) -> Path:
        """Its folder of custom sounds, on the host."""
        return self.folder / "data" / "sounds" / "en" / "custom"

    def log(self) -> str:
        """What Asterisk wrote so far."""
        return read(self.folder / "log" / "full") or read(self.folder / "console")

    def install_prompt(self, name: str, phrase: str, seconds: float = PROMPT_SECONDS) -> None:
        """Make `sound:<name>` say this phrase, in exactly so many seconds."""
        install_prompt(self.folder, name, phrase, seconds)

    async def leftovers(self) -> Leftovers:
        """What is in the PBX's three lists now; equal to `Leftovers()` when nothing was left behind."""
        async with self._client() as client:
            channels = await client.get("/channels")
            bridges = await client.get("/bridges")
            recordings = await client.get("/recordings/stored")
        return Leftovers(
            tuple(row["id"] for row in channels.json()),
            tuple(row["id"] for row in bridges.json()),
            tuple(row["name"] for row in recordings.json()),
        )

    async def packets(self, channel: str) -> Packets:
        """The packets of a channel that is up."""
        async with self._client() as client:
            figures = (await client.get(f"/channels/{channel}/rtp_statistics")).json()
        return Packets(figures["rxcount"], figures["txcount"])

    async def clear(self) -> None:
        """Take away whatever is left, so that a test that failed does not fail the next one too."""
        left = await self.leftovers()
        async with self._client() as client:
            for path in (
                *(f"/channels/{channel}" for channel in left.channels),
                *(f"/bridges/{bridge}" for bridge in left.bridges),
                *(f"/recordings/stored/{name}" for name in left.recordings),
            ):
                await client.delete(path)

    def _client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=self.ari_url, auth=self.credentials, trust_env=False)


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""


@contextmanager
def asterisk(home: Home, trunk_port: int, logs: Path, prompts: Mapping[str, str] = PROMPTS) -> Iterator[Asterisk]:
    """Run Asterisk; its trunk leads to the phones at `trunk_port`. Its log is kept in the folder `logs`.

    Raises:
        AsteriskFailed: it did not come up.
    """
    folder = Path(tempfile.mkdtemp(prefix="callengine-", dir=home.runs))
    try:
        settings = lay_out(home, folder, trunk_port, APP, LINE_VARIABLE)
        for name, phrase in prompts.items():
            install_prompt(folder, name, phrase, LONGER.get(name, PROMPT_SECONDS))
        command = [*home.prefix, "asterisk", "-f", "-C", f"{settings.folder}/etc/asterisk.conf", *hand_over(home, folder)]
        with (folder / "console").open("wb") as console:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=console, stderr=console, start_new_session=True
            )
        running = Asterisk(home.version, settings, folder)
        try:
            wait_until_ready(running, process)
            yield running
        finally:
            stop(process)
            (logs / "asterisk.log").write_text(running.log(), encoding="utf-8")
    finally:
        shutil.rmtree(folder)


def hand_over(home: Home, folder: Path) -> list[str]:
    """Give the run's folder to the user `asterisk`, where we are root; the options that make Asterisk that user.

    As root Asterisk fails: it drops the capability that lets root open its own database.
    """
    if os.geteuid() != 0:
        return []
    subprocess.run([*home.prefix, "chown", "-R", "asterisk:asterisk", home.inside(folder)], check=True)
    return ["-U", "asterisk", "-G", "asterisk"]


def wait_until_ready(running: Asterisk, process: subprocess.Popen[bytes]) -> None:
    """Ask until the REST interface answers: while modules load there is no port, then 404, then 503."""
    deadline = time.monotonic() + BOOT
    with httpx.Client(auth=running.credentials, trust_env=False) as client:
        while process.poll() is None and time.monotonic() < deadline:
            try:
                if client.get(f"{running.ari_url}/asterisk/info").status_code == httpx.codes.OK:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.1)
    ended = "did not answer in time" if process.poll() is None else f"ended with status {process.returncode}"
    raise AsteriskFailed(f"Asterisk {ended}\n{running.log()[-4000:]}")
