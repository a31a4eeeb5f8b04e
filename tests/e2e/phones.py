"""Phones that really speak: SIPp on loopback, playing everybody of people.py."""

import socket
import subprocess
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import trio
from attrs import frozen

from tests.e2e.callers import Reception, caller, reception
from tests.e2e.ears import open_ear
from tests.e2e.packages import require
from tests.e2e.people import EVERYBODY, Person
from tests.e2e.processes import free_port, stop, wait_until_taken
from tests.e2e.scenarios import called
from tests.e2e.sip import LONGEST_CALL
from tests.e2e.speech import conversation

MOST_CALLS = 100
"""At once."""

LONGEST_SESSION = 3600
"""Seconds after which the phones end by themselves, should the session have died without stopping them."""


class CallFailed(Exception):
    """A call to a line went as no part of a caller foresees, so nothing can be said of it."""


@frozen
class Phones:
    """Running phones.

    Attributes:
        port: UDP, on loopback: where the trunk sends calls.
        folder: scenarios, audio and SIPp's logs.
        process: SIPp.
    """

    port: int
    folder: Path
    process: subprocess.Popen[bytes]

    def die(self) -> None:
        """Be gone in the middle of every call, without a word to the other side."""
        self.process.kill()
        self.process.wait()

    def log(self) -> str:
        """What SIPp noted, all runs together. Its "receive timeout" is how a person rings, leaves and loses patience."""
        return "\n".join(path.read_text(errors="replace") for path in sorted(self.folder.glob("*.errors.log")))

    async def call(self, line: str, person: Person, sip_port: int) -> Reception:
        """Let this person call `line` on the PBX at `sip_port`; returns when the call is over, however it went.

        Raises:
            CallFailed: the telephone met with something that is not in its scenario.
        """
        name = f"caller-{person.digits}-{uuid.uuid4()}"
        audio, scenario, log = (self.folder / f"{name}.{kind}" for kind in ("ulaw", "xml", "noted.log"))
        audio.write_bytes(conversation(person.says, LONGEST_CALL))
        async with open_ear() as ear:
            scenario.write_text(caller(person, audio, ear.port), encoding="utf-8")
            command = sipp(scenario, free_port(socket.SOCK_DGRAM), self.folder)
            command += ["-trace_logs", "-log_file", str(log), "-m", "1", "-s", line, f"127.0.0.1:{sip_port}"]
            with trio.move_on_after(2 * LONGEST_CALL):
                done = await trio.run_process(command, cwd=self.folder, check=False, capture_stdout=True, capture_stderr=True)
                if done.returncode == 0:
                    return reception(log, tuple(ear.heard))
        raise CallFailed(f"{person.digits} calling {line}: {self.log()}")

    async def call_together(self, calls: Sequence[tuple[str, Person]], sip_port: int) -> list[Reception]:
        """Let all these people call, each a line, at once; what became of them, in the same order.

        Raises:
            ExceptionGroup: of `CallFailed`.
        """
        became: dict[int, Reception] = {}

        async def one(place: int, line: str, person: Person) -> None:
            became[place] = await self.call(line, person, sip_port)

        async with trio.open_nursery() as nursery:
            for place, (line, person) in enumerate(calls):
                nursery.start_soon(one, place, line, person)
        return [became[place] for place in range(len(calls))]


@contextmanager
def phones(folder: Path, people: Sequence[Person] = EVERYBODY, port: int | None = None) -> Iterator[Phones]:
    """Phones for these people, answering on this port, or one of their own, until the block ends.

    Numbers not among these people answer 404.

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
    port = port or free_port(socket.SOCK_DGRAM)
    command = [*sipp(scenario, port, folder), "-l", str(MOST_CALLS), "-timeout", f"{LONGEST_SESSION}s"]
    with (folder / "people.out").open("wb") as output:
        process = subprocess.Popen(
            command, cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )
        try:
            wait_until_taken(port, process)
            yield Phones(port, folder, process)
        finally:
            stop(process)


def sipp(scenario: Path, port: int, folder: Path) -> list[str]:
    address = ["-i", "127.0.0.1", "-mi", "127.0.0.1", "-p", str(port), "-nostdin"]
    notes = ["-trace_err", "-error_file", str(folder / f"{scenario.stem}.errors.log")]
    return ["sipp", "-sf", str(scenario), *address, *notes, "-rtp_threadtasks", str(MOST_CALLS)]
