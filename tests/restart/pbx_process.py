"""A simulated PBX in a process of its own, so that the engine can be killed and its calls live on: `python -m ... FOLDER`.

It writes its port to FOLDER/port once it listens and, told to stop by SIGTERM, its log to FOLDER/log.
"""

import pickle
import signal
import sys
from pathlib import Path
from random import Random

import trio

from callengine.model import SystemAmbient
from callengine.simulator import PbxConfig, SimulatedPbx
from tests.restart.world import PASSWORD, everybody

SEED = 5


async def main(folder: Path) -> None:
    pbx = SimulatedPbx(
        SystemAmbient(), everybody(Random(SEED)), PbxConfig(password=PASSWORD, prompt_seconds={"sound:hello": 1.0})
    )
    async with trio.open_nursery() as world:
        with trio.open_signal_receiver(signal.SIGTERM) as signals:
            await world.start(pbx.run)
            _, port = await world.start(pbx.serve_tcp, "127.0.0.1", 0)
            told = folder / "port.part"
            told.write_text(str(port), encoding="ascii")
            told.rename(folder / "port")
            async for _ in signals:
                break
        (folder / "log").write_bytes(pickle.dumps(list(pbx.log)))
        world.cancel_scope.cancel()


if __name__ == "__main__":
    trio.run(main, Path(sys.argv[1]))
