"""The harness proves itself with a client of a few lines: phones do what people.py says, and Asterisk what we rely on."""

import pytest
import trio

from tests.e2e import people
from tests.e2e.ami import ChannelLog
from tests.e2e.asterisk import Asterisk, Leftovers
from tests.e2e.bare import BareClient, bare_client
from tests.e2e.listening import hear, loudest, seconds
from tests.e2e.people import NUMBER_QUESTION, Person
from tests.e2e.phones import Phones
from tests.e2e.speech import Utterance

PHRASES = ("yes", "no", NUMBER_QUESTION)

RINGING = ["ChannelStateChange Ringing", "Dial", "Dial RINGING"]
ANSWERED = ["ChannelStateChange Up", "Dial ANSWER", "StasisStart Up"]
"""What a call brings until it rings and until it is answered. Sorted: Dial and ChannelStateChange change places."""


async def converse(client: BareClient, channel: str, sounds: tuple[str, ...]) -> list[str]:
    """Play each sound and listen after it; what was heard."""
    heard = []
    for sound in sounds:
        assert (await client.play(channel, sound)).playback.state == "done"
        heard.append(hear(await client.record(channel), PHRASES))
    return heard


def trace(client: BareClient) -> list[str]:
    return [str(event) for event in client.seen]


@pytest.mark.parametrize(
    ("person", "expected"),
    [
        (people.SAYS_YES, ["yes"]),
        (people.SAYS_NO, ["no"]),
        (people.ASKS_THEN_NO, [NUMBER_QUESTION, "no"]),
        (people.NO_THEN_YES, ["no", "yes"]),
        (people.SPEAKS_AT_ONCE, ["yes"]),
    ],
    ids=["yes", "no", "the number question, then no", "no, then yes", "over the prompt"],
)
async def test_what_a_person_says_is_heard(
    asterisk: Asterisk, channel_log: ChannelLog, person: Person, expected: list[str]
) -> None:
    async with bare_client(asterisk) as client:
        channel = await client.originate(person.digits)
        await client.event("StasisStart")
        assert await converse(client, channel, ("custom/hello", "custom/number")[: len(expected)]) == expected
        gone = await client.hang_up(channel)
    assert gone.cause == 16
    await channel_log.wait_quiet()
    assert await asterisk.leftovers() == Leftovers()


async def test_the_events_of_a_call_that_we_end(asterisk: Asterisk, channel_log: ChannelLog) -> None:
    async with bare_client(asterisk) as client:
        channel = await client.originate(people.SAYS_YES.digits)
        await client.event("StasisStart")
        await converse(client, channel, ("custom/hello",))
        await client.hang_up(channel)
    assert sorted(trace(client)[:3]) == RINGING
    assert sorted(trace(client)[3:6]) == ANSWERED
    assert trace(client)[6:] == [
        "PlaybackStarted playing",
        "PlaybackFinished done",
        "RecordingStarted recording",
        "RecordingFinished done",
        "ChannelHangupRequest Up cause=32",
        "StasisEnd Up",
        "ChannelDestroyed Up cause=16",
    ]
    await channel_log.wait_quiet()
    [record] = channel_log.channels.values()
    assert (record.id, record.line, record.inbound, record.cause) == (channel, "5550001", False, 16)


async def test_nothing_said_leaves_a_moment_of_silence(asterisk: Asterisk) -> None:
    """Asterisk cuts the silence that ended a recording: of two seconds of it 0.2 are left. The file is not empty."""
    async with bare_client(asterisk) as client:
        channel = await client.originate(people.SAYS_NOTHING.digits)
        await client.event("StasisStart")
        await client.play(channel, "custom/hello")
        recording = await client.record(channel)
        await client.hang_up(channel)
    assert seconds(recording) < 0.5
    assert loudest(recording) < 0.01


@pytest.mark.parametrize(
    ("person", "cause", "sip", "dial"),
    [
        (people.BUSY, 17, 486, "Dial BUSY"),
        (people.DECLINES, 21, 603, "Dial NOANSWER"),
        (people.STOPS_RINGING, 19, 480, "Dial NOANSWER"),
    ],
    ids=["busy", "declines", "stops ringing"],
)
async def test_who_refuses(
    asterisk: Asterisk, channel_log: ChannelLog, person: Person, cause: int, sip: int, dial: str
) -> None:
    async with bare_client(asterisk) as client:
        await client.originate(person.digits)
        await client.event("ChannelDestroyed")
    assert sorted(trace(client)[:3]) == RINGING
    assert sorted(trace(client)[3:5]) == [f"ChannelHangupRequest Ringing cause={cause} tech={sip}", dial]
    assert trace(client)[5:] == [f"ChannelDestroyed Ringing cause={cause} tech={sip}"]
    await channel_log.wait_quiet()
    assert await asterisk.leftovers() == Leftovers()


async def test_who_does_not_answer(asterisk: Asterisk, channel_log: ChannelLog) -> None:
    """A dial timeout brings no final Dial, and the SIP code is Asterisk's own: the phone was sent CANCEL and said 487."""
    async with bare_client(asterisk) as client:
        await client.originate(people.NEVER_ANSWERS.digits, timeout=3)
        await client.event("ChannelDestroyed")
    assert sorted(trace(client)[:3]) == RINGING
    assert trace(client)[3:] == ["ChannelDestroyed Ringing cause=19 tech=480"]
    await channel_log.wait_quiet()
    assert await asterisk.leftovers() == Leftovers()


async def test_a_number_nobody_has(asterisk: Asterisk) -> None:
    async with bare_client(asterisk) as client:
        await client.originate("4045550000")
        gone = await client.event("ChannelDestroyed")
    assert (gone.cause, gone.tech_cause) == (1, 404)


async def test_a_ringing_call_can_be_given_up(asterisk: Asterisk, channel_log: ChannelLog) -> None:
    async with bare_client(asterisk) as client:
        channel = await client.originate(people.NEVER_ANSWERS.digits)
        await client.event("ChannelStateChange")
        await client.hang_up(channel)
    await channel_log.wait_quiet()
    assert await asterisk.leftovers() == Leftovers()


async def test_a_redirected_call_rings_elsewhere_until_it_is_hung_up(asterisk: Asterisk, channel_log: ChannelLog) -> None:
    """The Dial that names `forwarded` is the one sure sign: the channel itself ends with cause 23, but now and then with 0.

    The forwarded half enters the dialplan as a call to us, and so the application, as if somebody had called that number.
    """
    async with bare_client(asterisk) as client:
        channel = await client.originate(people.REDIRECTS.digits)
        while not (dial := await client.event("Dial")).forwarded.id:
            pass
        gone = await client.end_of(channel)
        await client.ask("DELETE", f"/channels/{dial.forwarded.id}")
    assert (gone.cause, gone.tech_cause) in {(23, 302), (0, None)}
    await channel_log.wait_quiet()
    assert await asterisk.leftovers() == Leftovers()


async def test_hanging_up_while_the_prompt_plays(asterisk: Asterisk, channel_log: ChannelLog) -> None:
    """A person's BYE gives no reason here, and so cause 0: only a hangup of ours or a refusal has a cause."""
    async with bare_client(asterisk) as client:
        channel = await client.originate(people.LEAVES_DURING_PROMPT.digits)
        await client.event("StasisStart")
        ended = await client.play(channel, "custom/hello")
        gone = await client.event("ChannelDestroyed")
    assert (ended.playback.state, gone.cause) == ("failed", 0)
    assert trace(client)[6:] == [
        "PlaybackStarted playing",
        "ChannelHangupRequest Up",
        "PlaybackFinished failed",
        "StasisEnd Up",
        "ChannelDestroyed Up cause=0",
    ]
    await channel_log.wait_quiet()
    assert await asterisk.leftovers() == Leftovers()


@pytest.mark.parametrize(
    ("person", "heard"), [(people.LEAVES_DURING_RECORDING, ""), (people.LEAVES_AFTER_YES, "yes")], ids=["silent", "yes"]
)
async def test_hanging_up_while_being_recorded(asterisk: Asterisk, channel_log: ChannelLog, person: Person, heard: str) -> None:
    """The recording ends as `done`, is kept, and holds what was said until then; deleting it is left to us."""
    async with bare_client(asterisk) as client:
        channel = await client.originate(person.digits)
        await client.event("StasisStart")
        await client.play(channel, "custom/hello")
        recording = await client.record(channel)
        await client.event("ChannelDestroyed")
    assert hear(recording, PHRASES) == heard
    assert trace(client)[8:] == [
        "RecordingStarted recording",
        "ChannelHangupRequest Up",
        "RecordingFinished done",
        "StasisEnd Up",
        "ChannelDestroyed Up cause=0",
    ]
    await channel_log.wait_quiet()
    assert await asterisk.leftovers() == Leftovers()


async def test_a_person_who_calls_a_line(
    asterisk: Asterisk, phones: Phones, channel_log: ChannelLog, nursery: trio.Nursery
) -> None:
    caller = Person("20001", says=(Utterance("yes", people.FIRST),))
    async with bare_client(asterisk) as client:
        nursery.start_soon(phones.call, "5550002", caller, asterisk.settings.sip_port)
        arrival = await client.event("StasisStart")
        channel = arrival.channel.id
        assert arrival.args == ["inbound", "5550002"]
        await client.ask("POST", f"/channels/{channel}/answer")
        assert await converse(client, channel, ("custom/alo",)) == ["yes"]
        await client.hang_up(channel, last="StasisEnd")
        await channel_log.wait_quiet()
        with trio.move_on_after(0.5):
            await client.event("ChannelDestroyed")
            pytest.fail("an inbound channel has a ChannelDestroyed after all")
    assert [(record.inbound, record.line) for record in channel_log.channels.values()] == [(True, "5550002")]
    assert await asterisk.leftovers() == Leftovers()


async def test_the_channels_of_a_line_are_counted(asterisk: Asterisk, channel_log: ChannelLog) -> None:
    """Three calls at once on one line, then one more when they are gone; and one on another line."""
    async with bare_client(asterisk) as client:
        together = [await client.originate(people.SAYS_NOTHING.digits, line="5550003") for _ in range(3)]
        together.append(await client.originate(people.SAYS_NOTHING.digits, line="5550004"))
        for _ in together:
            await client.event("StasisStart")
        for channel in together:
            await client.hang_up(channel)
        after = await client.originate(people.SAYS_NOTHING.digits, line="5550003")
        await client.event("StasisStart")
        await client.hang_up(after)
    await channel_log.wait_quiet()
    assert {line: channel_log.most_at_once(line) for line in ("5550003", "5550004")} == {"5550003": 3, "5550004": 1}


async def test_a_person_who_hangs_up_on_a_line(
    asterisk: Asterisk, phones: Phones, channel_log: ChannelLog, nursery: trio.Nursery
) -> None:
    async with bare_client(asterisk) as client:
        caller = Person("20002", hangs_up=1.5)
        nursery.start_soon(phones.call, "5550002", caller, asterisk.settings.sip_port)
        arrival = await client.event("StasisStart")
        await client.play(arrival.channel.id, "custom/alo")
        await client.record(arrival.channel.id)
        await client.event("StasisEnd")
    await channel_log.wait_quiet()
    assert trace(client)[-3:] == ["ChannelHangupRequest Up", "RecordingFinished done", "StasisEnd Up"]
    assert await asterisk.leftovers() == Leftovers()


async def test_twenty_people_at_once_are_all_heard(asterisk: Asterisk, channel_log: ChannelLog) -> None:
    heard = []
    async with bare_client(asterisk) as client:
        channels = [await client.originate(people.SAYS_YES.digits) for _ in range(20)]
        for _ in channels:
            started = await client.event("StasisStart")
            await client.ask("POST", f"/channels/{started.channel.id}/play", {"media": "sound:custom/hello"})
        for _ in channels:
            ended = await client.event("PlaybackFinished")
            await client.start_recording(ended.playback.channel)
        for _ in channels:
            recording = await client.take_recording()
            heard.append(await trio.to_thread.run_sync(hear, recording, PHRASES))
        for channel in channels:
            await client.hang_up(channel)
    assert heard == ["yes"] * 20
    await channel_log.wait_quiet()
    assert channel_log.most_at_once("5550001") == 20
    assert await asterisk.leftovers() == Leftovers()
