"""What the engine takes for granted of ARI and could not know from its documentation, asked of Asterisk itself."""

import uuid

import httpx
import pytest
import trio

from callengine.ari import WANTED
from tests.e2e import people
from tests.e2e.ami import ChannelLog
from tests.e2e.asterisk import Asterisk, Leftovers
from tests.e2e.bare import BareClient, bare_client


async def refusal(client: BareClient, method: str, path: str, query: dict[str, str]) -> httpx.Response:
    with pytest.raises(httpx.HTTPStatusError) as refused:
        await client.ask(method, path, query)
    return refused.value.response


async def test_ids_are_compared_by_prefix(asterisk: Asterisk, channel_log: ChannelLog) -> None:
    """Therefore all ids are UUIDs: of one length, none is the beginning of another."""
    short = str(uuid.uuid4())
    query = {"endpoint": f"PJSIP/{people.NEVER_ANSWERS.digits}@trunk", "app": asterisk.app}
    async with bare_client(asterisk) as client:
        await client.ask("POST", "/channels", {**query, "channelId": f"{short}8"})
        refused = await refusal(client, "POST", "/channels", {**query, "channelId": short})
        await client.ask("POST", "/channels", {**query, "channelId": f"{short}89"})
        for live in (f"{short}8", f"{short}89"):
            await client.hang_up(live)
    assert (refused.status_code, refused.json()["message"]) == (409, "Channel with given unique ID already exists")
    await channel_log.wait_quiet()


async def test_an_endpoint_that_is_not_known_cannot_be_allocated(asterisk: Asterisk) -> None:
    """A 500 that no second try would change."""
    async with bare_client(asterisk) as client:
        refused = await refusal(client, "POST", "/channels", {"endpoint": "PJSIP/10001@nowhere", "app": asterisk.app})
    assert (refused.status_code, refused.json()) == (500, {"error": "Allocation failed"})


async def test_a_channel_in_a_bridge_cannot_be_recorded(asterisk: Asterisk, channel_log: ChannelLog) -> None:
    async with bare_client(asterisk) as client:
        channel = await client.originate(people.SAYS_NOTHING.digits)
        await client.event("StasisStart")
        bridge = str(uuid.uuid4())
        await client.ask("POST", "/bridges", {"bridgeId": bridge})
        await client.ask("POST", f"/bridges/{bridge}/addChannel", {"channel": channel})
        await client.event("ChannelEnteredBridge")
        await client.start_recording(channel)
        with trio.fail_after(1.0):
            failed = await client.event("RecordingFailed", "RecordingFinished")
        await client.hang_up(channel)
        await client.ask("DELETE", f"/bridges/{bridge}")
    assert failed.type == "RecordingFailed"
    await channel_log.wait_quiet()
    assert await asterisk.leftovers() == Leftovers()


async def test_a_phone_without_sound_leaves_a_file_without_samples(asterisk: Asterisk, channel_log: ChannelLog) -> None:
    """The recording is done, as any other; only the file tells: a header of 44 bytes."""
    async with bare_client(asterisk) as client:
        channel = await client.originate(people.MUTE.digits)
        await client.event("StasisStart")
        recording = await client.record(channel)
        await client.hang_up(channel)
    [ended] = [event for event in client.seen if event.type == "RecordingFinished"]
    assert (ended.recording.state, ended.recording.duration, len(recording)) == ("done", 0, 44)
    await channel_log.wait_quiet()


async def test_without_the_folder_of_recordings_there_is_a_bare_500(asterisk: Asterisk, channel_log: ChannelLog) -> None:
    folder = asterisk.folder / "spool/recording"
    async with bare_client(asterisk) as client:
        channel = await client.originate(people.SAYS_NOTHING.digits)
        await client.event("StasisStart")
        away = folder.rename(folder.with_name("away"))
        try:
            refused = await refusal(client, "POST", f"/channels/{channel}/record", {"name": str(uuid.uuid4()), "format": "wav"})
        finally:
            away.rename(folder)
        await client.hang_up(channel)
    assert refused.status_code == 500
    await channel_log.wait_quiet()


async def test_the_filter_keeps_out_what_nobody_waits_for(asterisk: Asterisk, channel_log: ChannelLog) -> None:
    """Most of a call's events are variables that were set."""
    arrived = []
    for wanted in ((), WANTED):
        async with bare_client(asterisk) as client:
            await client.only(wanted)
            channel = await client.originate(people.SAYS_NOTHING.digits)
            await client.event("StasisStart")
            await client.play(channel, "custom/hello")
            await client.hang_up(channel)
        arrived.append((client.variables, {event.type for event in client.seen}))
    (unfiltered, _), (filtered, types) = arrived
    assert unfiltered >= 5
    assert filtered == 0
    assert types == {"Dial", "StasisStart", "PlaybackFinished", "StasisEnd", "ChannelDestroyed"}
    await channel_log.wait_quiet()
