"""The simulated PBX in a process of its own, in real time: `python -m benchmarks.pbx [FILE]` prints its port and serves.

Into the file it writes when each originate request arrived and on which line, by its own clock.
"""

import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import trio

from callengine.model import SeededAmbient
from callengine.simulator import Kind, Log, PbxConfig, People, Persona, Record, SimulatedPbx

PERSONA = Persona(rings_after=0.05, answers_after=0.05, says=("yes",), thinks=0.1)
"""Answers at once, says yes, and stays until hung up."""

PATIENCE = 10.0
"""Seconds a socket may stay unread. With Asterisk's 0.1, a PBX that waits for its own core drops sockets that are read."""

PROMPT = "sound:short"
PROMPTS: Mapping[str, float] = MappingProxyType({PROMPT: 0.2})


async def serve(arrivals: Path | None) -> None:
    """Serve until killed."""

    def note(record: Record) -> None:
        if arrivals is not None and record.kind is Kind.ORIGINATE:
            with arrivals.open("a", encoding="ascii") as file:
                file.write(f"{record.at} {record.detail['line']}\n")

    config = PbxConfig(prompt_seconds=PROMPTS, write_timeout=PATIENCE)
    pbx = SimulatedPbx(SeededAmbient(1, trio.current_time), People(otherwise=PERSONA), config, log=Log(note))
    async with trio.open_nursery() as nursery:
        await nursery.start(pbx.run)
        _, port = await nursery.start(pbx.serve_tcp, "127.0.0.1", 0)
        print(port, flush=True)


if __name__ == "__main__":
    trio.run(serve, Path(sys.argv[1]) if len(sys.argv) > 1 else None)
