"""What the engine takes for granted of ARI and could not know from its documentation, asked of Asterisk itself."""

import uuid

import pytest
import trio

from callengine.ari import WANTED
from tests.e2e import people
from tests.e2e.ami import ChannelLog
from tests.e2e.asterisk import Asterisk, Leftovers
from tests.e2e.bare import BareClient, bare_client
from tests.e2e.configuration import DESK_TIMEOUT
from tests.e2e.phones import Phones


async def test_ids_are_compared_by_prefix(asterisk: Asterisk, channel_log: ChannelLog) -> None:
    """Therefore all ids are UUIDs: of one length, none is the beginning of another."""
    short = str(uuid.uuid4())
    query = {"endpoint": f"PJSIP/{people.NEVER_ANSWERS.digits}@trunk", "app": asterisk.app}
    async with bare_client(asterisk) as client:
        await client.ask("POST", "/channels", {**query, "channelId": f"{short}8"})
        refused = await client.refusal("POST", "/channels", {**query, "channelId": short})
        await client.ask("POST", "/channels", {**query, "channelId": f"{short}89"})
        for live in (f"{short}8", f"{short}89"):
            await client.hang_up(live)
    assert (refused.status_code, refused.json()["message"]) == (409, "Channel with given unique ID already exists")
    await channel_log.wait_quiet()


async def test_an_endpoint_that_is_not_known_cannot_be_allocated(asterisk: Asterisk) -> None:
    """A 500 that no second try would change."""
    async with bare_client(asterisk) as client:
        refused = await client.refusal("POST", "/channels", {"endpoint": "PJSIP/10001@nowhere", "app": asterisk.app})
    assert (refused.status_code, refused.json()) == (500, {"error": "Allocation failed"})


async def test_a_channel_in_a_bridge_cannot_be_recorded(asterisk: Asterisk, channel_log: ChannelLog) -> None:
    async with bare_client(asterisk) as client:
        channel = await client.originate(people.SAYS_NOTHING.digits)
        await client.event("StasisStart")
        bridge = await client.bridge(channel)
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
            refused = await client.refusal("POST", f"/channels/{channel}/record", {"name": str(uuid.uuid4()), "format": "wav"})
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


async def packets(client: BareClient, channel: str) -> tuple[int, int]:
    """Of sound: sent to the telephone, and received from it."""
    counted = (await client.ask("GET", f"/channels/{channel}/rtp_statistics")).json()
    return int(counted["txcount"]), int(counted["rxcount"])


async def test_a_key_is_heard_during_a_sound(asterisk: Asterisk, channel_log: ChannelLog) -> None:
    async with bare_client(asterisk) as client:
        await client.only(WANTED)
        channel = await client.originate(people.ACCEPTS.digits)
        await client.event("StasisStart")
        for sound in ("custom/hello", "custom/onhold"):
            await client.ask("POST", f"/channels/{channel}/play", {"media": f"sound:{sound}"})
        await client.end_of(channel)
    assert [str(event) for event in client.seen][4:] == [
        "PlaybackFinished done",
        "ChannelDtmfReceived 1 Up",
        "PlaybackFinished done",
        "StasisEnd Up",
        "ChannelDestroyed Up cause=0",
    ]
    await channel_log.wait_quiet()


async def test_sound_before_the_answer_is_progress(asterisk: Asterisk, channel_log: ChannelLog) -> None:
    """The state of the channel does not tell of it, and the application gets the channel at the answer, as ever."""
    async with bare_client(asterisk) as client:
        await client.only(WANTED)
        channel = await client.originate(people.SOUNDS_EARLY.digits)
        await client.event("StasisStart")
        await client.hang_up(channel)
    assert [event.dialstatus for event in client.seen if event.type == "Dial"] == ["", "RINGING", "PROGRESS", "ANSWER"]
    await channel_log.wait_quiet()


async def test_busy_after_a_sound_is_busy(asterisk: Asterisk, channel_log: ChannelLog) -> None:
    async with bare_client(asterisk) as client:
        await client.only(WANTED)
        await client.originate(people.BUSY_AFTER_SOUND.digits)
        gone = await client.event("ChannelDestroyed")
    assert [event.dialstatus for event in client.seen if event.type == "Dial"] == ["", "RINGING", "PROGRESS", "BUSY"]
    assert (gone.cause, gone.tech_cause) == (17, 486)
    await channel_log.wait_quiet()


async def test_a_telephone_that_dies_is_missed_for_its_sound(asterisk: Asterisk, desk: Phones, channel_log: ChannelLog) -> None:
    """No BYE comes; the endpoint's `rtp_timeout` ends the call, in a bridge as elsewhere. Cause 44: the channel was lost."""
    async with bare_client(asterisk) as client:
        operator = await client.originate(people.AT_THE_DESK.digits, by="desk")
        await client.event("StasisStart")
        caller = await client.originate(people.SAYS_NOTHING.digits)
        await client.event("StasisStart")
        bridge = await client.bridge(operator, caller)
        await client.event("ChannelDtmfReceived")
        assert min(*await packets(client, operator), *await packets(client, caller)) > 0
        began = trio.current_time()
        desk.die()
        gone = await client.end_of(operator)
        assert trio.current_time() - began == pytest.approx(DESK_TIMEOUT, abs=1.0)
        sent, received = await packets(client, caller)
        await client.hang_up(caller)
        await client.ask("DELETE", f"/bridges/{bridge}")
    assert (gone.cause, gone.tech_cause) == (44, None)
    assert received - sent > 50 * (DESK_TIMEOUT - 1)
    await channel_log.wait_quiet()
    [period] = channel_log.bridged(people.AT_THE_DESK.digits, people.SAYS_NOTHING.digits)
    assert period.end == pytest.approx(channel_log.channels[operator].ended, abs=0.5)


async def test_two_channels_are_not_bridged_when_one_is_gone(asterisk: Asterisk, channel_log: ChannelLog) -> None:
    """All or nothing, so the other one can be added alone afterwards."""
    async with bare_client(asterisk) as client:
        channels = []
        for person in (people.LEAVES_DURING_PROMPT, people.SAYS_NOTHING):
            channels.append(await client.originate(person.digits))
            await client.event("StasisStart")
        await client.end_of(channels[0])
        bridge = await client.bridge()
        refused = await client.refusal("POST", f"/bridges/{bridge}/addChannel", {"channel": ",".join(channels)})
        members = (await client.ask("GET", f"/bridges/{bridge}")).json()["channels"]
        await client.ask("POST", f"/bridges/{bridge}/addChannel", {"channel": channels[1]})
        await client.event("ChannelEnteredBridge")
        await client.hang_up(channels[1])
        await client.ask("DELETE", f"/bridges/{bridge}")
    assert (refused.status_code, refused.json()["message"]) == (400, "Channel not found")
    assert members == []
    await channel_log.wait_quiet()


async def sent_in_a_second(client: BareClient, channel: str) -> int:
    before, _ = await packets(client, channel)
    await client.rest(1.0)
    after, _ = await packets(client, channel)
    return after - before


async def test_music_goes_on_in_a_bridge(asterisk: Asterisk, channel_log: ChannelLog) -> None:
    """Between the packets of who else is there, which ruins both; so it must be stopped before. No request waits for it."""
    async with bare_client(asterisk) as client:
        channels = []
        for _ in range(2):
            channels.append(await client.originate(people.SAYS_NOTHING.digits))
            await client.event("StasisStart")
        await client.ask("POST", f"/channels/{channels[0]}/moh")
        with trio.fail_after(1.0):
            bridge = await client.bridge(*channels)
        with_music = await sent_in_a_second(client, channels[0])
        await client.ask("DELETE", f"/channels/{channels[0]}/moh")
        without = await sent_in_a_second(client, channels[0])
        for channel in channels:
            await client.hang_up(channel)
        await client.ask("DELETE", f"/bridges/{bridge}")
    assert with_music == pytest.approx(100, abs=15)
    assert without == pytest.approx(50, abs=10)
    await channel_log.wait_quiet()


async def test_a_bridged_telephone_that_hangs_up_gives_a_reason(asterisk: Asterisk, channel_log: ChannelLog) -> None:
    """Cause 16, and not 0 as elsewhere. The other one stays where it is."""
    async with bare_client(asterisk) as client:
        channels = []
        for person in (people.OPERATOR, people.SAYS_NOTHING):
            channels.append(await client.originate(person.digits))
            await client.event("StasisStart")
        bridge = await client.bridge(*channels)
        gone = await client.end_of(channels[0])
        members = (await client.ask("GET", f"/bridges/{bridge}")).json()["channels"]
        await client.hang_up(channels[1])
        await client.ask("DELETE", f"/bridges/{bridge}")
    assert (gone.cause, members) == (16, [channels[1]])
    await channel_log.wait_quiet()
