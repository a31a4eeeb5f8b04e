"""What one request costs: our transport and client, and httpx, to the same peer over loopback TCP."""

from collections.abc import Iterable

import httpx
import trio

from benchmarks.children import child
from benchmarks.figures import MICRO, Figure, cpu_of_async
from callengine.ari import AriClient, AriConfig, Transport, tcp_opener

TIMES = 500
CHANNEL = "7c1d4a34-3a55-4b0e-9a53-5a2c6b1de001"
PLAYBACK = "7c1d4a34-3a55-4b0e-9a53-5a2c6b1de002"
PATH = f"/channels/{CHANNEL}/play/{PLAYBACK}"
MEDIA = "sound:custom/greeting"


def measure() -> Iterable[Figure]:
    return trio.run(_measure)


async def _measure() -> list[Figure]:
    async with child("benchmarks.peer") as port:
        base = f"http://127.0.0.1:{port}/ari"
        config = AriConfig(app="bench", username="bench", password="bench", base_url=base)
        transport = Transport(config, tcp_opener(base))
        client = AriClient(transport, "bench")
        lean = await cpu_of_async(lambda: transport.request("POST", PATH, query=f"media={MEDIA}"), times=TIMES)
        typed = await cpu_of_async(lambda: client.play(CHANNEL, MEDIA, PLAYBACK), times=TIMES)
        await transport.close_idle()
        async with httpx.AsyncClient(auth=("bench", "bench")) as http:
            heavy = await cpu_of_async(lambda: http.post(f"{base}{PATH}", params={"media": MEDIA}), times=TIMES // 5)
    return [
        Figure("request and answer, ari.Transport", lean * MICRO, "us CPU"),
        Figure("POST play, ari.AriClient", typed * MICRO, "us CPU"),
        Figure("the same by httpx", heavy * MICRO, "us CPU"),
    ]
