"""A small campaign by a bare script; run as a program it prints the PBX's log, for comparison between processes."""

import sys
from random import Random

import trio
from attrs import define, field

from callengine.model import SeededAmbient
from callengine.simulator import Log, PbxConfig, SimulatedPbx, random_people, run_virtually
from tests.simulator.client import Client, Document, id_of

PHRASES = ("yes please", "no", "who is this", "بله", "call me later")
NUMBERS = [f"0912{n:07d}" for n in range(1000)]
WANTED = ("StasisStart", "ChannelDestroyed", "PlaybackFinished", "RecordingFinished")


async def campaign(seed: int, calls: int, at_once: int = 20) -> Log:
    """Call so many numbers: play, record, fetch, play, hang up."""
    ambient = SeededAmbient(seed, trio.current_time)
    config = PbxConfig(keep_alive=3600, session_limit=300)
    pbx = SimulatedPbx(ambient, random_people(Random(seed), NUMBERS, PHRASES), config)
    slots = trio.Semaphore(at_once)
    async with trio.open_nursery() as nursery:
        await nursery.start(pbx.run)
        client = Dispatcher(pbx.opener, nursery)
        await client.listen()
        await client.request("PUT", "/applications/callengine/eventFilter", {"allowed": [{"type": kind} for kind in WANTED]})
        async with trio.open_nursery() as calling:
            for number in range(calls):
                await slots.acquire()
                calling.start_soon(call, client, NUMBERS[number % len(NUMBERS)], ambient.new_id(), slots)
        nursery.cancel_scope.cancel()
    return pbx.log


@define(eq=False)
class Dispatcher(Client):
    """Hands each event to the one task that waits for the channel; keeps none."""

    waiting: dict[str, trio.MemorySendChannel[Document]] = field(factory=dict)

    async def hear(self, event: Document) -> None:
        found = self.waiting.get(channel_of(event))
        if found is not None:
            found.send_nowait(event)


def channel_of(event: Document) -> str:
    for kind in ("playback", "recording"):
        if kind in event:
            thing = event[kind]
            assert isinstance(thing, dict)
            return str(thing["target_uri"]).removeprefix("channel:")
    return id_of(event) if "channel" in event else ""


async def call(client: Dispatcher, number: str, channel: str, slots: trio.Semaphore) -> None:
    send, events = trio.open_memory_channel[Document](100)
    client.waiting[channel] = send
    try:
        if (await client.originate(number, channel, callerId="02155", timeout=20)).status != 200:
            return
        await talk(client, channel, events)
        if (await client.request("DELETE", f"/channels/{channel}")).status == 204:
            while (await events.receive())["type"] != "ChannelDestroyed":
                pass
    finally:
        await client.request("DELETE", f"/recordings/stored/r{channel}")
        del client.waiting[channel]
        slots.release()


async def talk(client: Dispatcher, channel: str, events: trio.MemoryReceiveChannel[Document]) -> None:
    """Greet, listen, thank; whatever goes wrong ends it."""
    steps = (
        ("StasisStart", f"/channels/{channel}/play/g{channel}?media=sound:greeting"),
        (
            "PlaybackFinished",
            f"/channels/{channel}/record?name=r{channel}&format=wav&maxSilenceSeconds=2",
        ),
        ("RecordingFinished", f"/channels/{channel}/play/t{channel}?media=sound:thanks"),
        ("PlaybackFinished", ""),
    )
    for kind, request in steps:
        event = await events.receive()
        if event["type"] != kind:
            return
        if kind == "RecordingFinished":
            await client.request("GET", f"/recordings/stored/r{channel}/file")
        if request and (await client.request("POST", request)).status != 201:
            return


if __name__ == "__main__":
    for record in run_virtually(int(sys.argv[1]), campaign, int(sys.argv[1]), int(sys.argv[2])):
        print(record)  # noqa: T201  this is what the program is for
