"""What one event costs: from the text of the socket's message to the reader whose call it concerns."""

from collections.abc import Iterable

import trio

from benchmarks.figures import MICRO, Figure, cpu_of_async
from benchmarks.scripted import playback_finished
from callengine.ari import EventDecoder, Router

TIMES = 2000
LIVE = 1000
CHANNEL = "7c1d4a34-3a55-4b0e-9a53-5a2c6b1de001"
PLAYBACK = "7c1d4a34-3a55-4b0e-9a53-5a2c6b1de002"


def measure() -> Iterable[Figure]:
    return trio.run(_measure)


async def _measure() -> list[Figure]:
    router, decoder = Router(), EventDecoder()
    others = [router.subscribe(f"{number:036}") for number in range(LIVE)]
    message = playback_finished(CHANNEL, PLAYBACK)

    async def decode() -> None:
        decoder.decode(message)

    with router.subscribe(PLAYBACK) as mine:

        async def deliver() -> None:
            event = decoder.decode(message)
            assert event is not None, "it is of the table"
            router.dispatch(event)
            await mine.receive()

        decoded = await cpu_of_async(decode, times=TIMES)
        delivered = await cpu_of_async(deliver, times=TIMES)
    for other in others:
        other.close()
    return [
        Figure("decode PlaybackFinished", decoded * MICRO, "us CPU"),
        Figure(f"decode, route among {LIVE:,} subscriptions, receive", delivered * MICRO, "us CPU"),
    ]
