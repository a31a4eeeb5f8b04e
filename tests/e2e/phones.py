"""Phones that really speak: SIPp on loopback, playing everybody of people.py."""

import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import trio
from attrs import frozen

from tests.e2e.packages import require
from tests.e2e.people import EVERYBODY, Person
from tests.e2e.processes import free_port, stop, wait_until_taken
from tests.e2e.scenarios import LONGEST_CALL, called, caller
from tests.e2e.speech import conversation

MOST_CALLS = 100
"""At once."""

LONGEST_SESSION = 3600
"""Seconds after which the phones end by themselves, should the session have died without stopping them."""


class CallFailed(Exception):
    """A person who called a line did not get through, or the call did not go as that person's part says."""


@frozen
class Phones:
    """Running phones.

    Attributes:
        port: UDP, on loopback: where the trunk sends calls.
        folder: scenarios, audio and SIPp's logs.
    """

    port: int
    folder: Path

    def log(self) -> str:
        """What SIPp noted, all runs together. Its "receive timeout" is how a person rings, leaves and loses patience."""
        return "\n".join(path.read_text(errors="replace") for path in sorted(self.folder.glob("*.errors.log")))

    async def call(self, line: str, person: Person, sip_port: int) -> None:
        """Let this person call `line` on the PBX at `sip_port`; returns when the call is over.

        Raises:
            CallFailed: it was not answered, or did not go as described.
        """
        audio = self.folder / f"caller-{person.digits}.ulaw"
        audio.write_bytes(conversation(person.says, LONGEST_CALL))
        scenario = self.folder / f"caller-{person.digits}.xml"
        scenario.write_text(caller(person, audio), encoding="utf-8")
        port = free_port(socket.SOCK_DGRAM)
        command = [*sipp(scenario, port, self.folder), "-m", "1", "-s", line, f"127.0.0.1:{sip_port}"]
        with trio.move_on_after(2 * LONGEST_CALL):
            done = await trio.run_process(command, cwd=self.folder, check=False, capture_stdout=True, capture_stderr=True)
            if done.returncode == 0:
                return
        raise CallFailed(f"{person.digits} calling {line}: {self.log()}")


@contextmanager
def phones(folder: Path, people: Sequence[Person] = EVERYBODY) -> Iterator[Phones]:
    """Phones for these people, answering on a port of their own until the block ends. Numbers not among them answer 404.

    Raises:
        CannotFetch: sipp, espeak-ng or sox is missing and cannot be installed.
    """
    require("sipp")
    audio = {}
    for person in people:
        audio[person.digits] = folder / f"{person.digits}.ulaw"
        audio[person.digits].write_bytes(conversation(person.says, LONGEST_CALL))
    scenario = folder / "people.xml"
    scenario.write_text(called(people, audio), encoding="utf-8")
    port = free_port(socket.SOCK_DGRAM)
    command = [*sipp(scenario, port, folder), "-l", str(MOST_CALLS), "-timeout", f"{LONGEST_SESSION}s"]
    with (folder / "people.out").open("wb") as output:
        process = subprocess.Popen(
            command, cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )
        try:
            wait_until_taken(port, process)
            yield Phones(port, folder)
        finally:
            stop(process)


def sipp(scenario: Path, port: int, folder: Path) -> list[str]:
    address = ["-i", "127.0.0.1", "-mi", "127.0.0.1", "-p", str(port), "-nostdin"]
    notes = ["-trace_err", "-error_file", str(folder / f"{scenario.stem}.errors.log")]
    return ["sipp", "-sf", str(scenario), *address, *notes, "-rtp_threadtasks", str(MOST_CALLS)]
