"""Prompts and recordings."""

from itertools import pairwise

import pytest
import trio
from trio.testing import MockClock

from callengine.providers.audio import read_wav
from callengine.providers.frames import SECONDS, Framing
from callengine.simulator import HangUp, Moment, PbxConfig, People, Persona, Utterance, leaked
from callengine.simulator.wav import speech_seconds
from tests.simulator.client import Client, Document, running

CHANNEL = "c" * 36
CONFIG = PbxConfig(prompt_seconds={"sound:long": 30.0, "sound:short": 1.0}, missing=("sound:nowhere",))


def talker(*says: str, **habits: object) -> People:
    return People(otherwise=Persona(says=says, **habits))  # type: ignore[arg-type]  # the tests below name real attributes


async def record(client: Client, name: str = "r", **options: object) -> Document:
    """Record to the end; the RecordingFinished event's recording."""
    options = {"maxDurationSeconds": 10, "maxSilenceSeconds": 2, **options}
    asked = await client.request("POST", f"/channels/{CHANNEL}/record", {"name": name, "format": "wav", **options})
    assert asked.status == 201
    finished = await client.wait("RecordingFinished", lambda event: recording_of(event)["name"] == name)
    return recording_of(finished)


def recording_of(event: Document) -> Document:
    recording = event["recording"]
    assert isinstance(recording, dict)
    return recording


def said_in(wav: bytes) -> str:
    assert wav[:4] == b"RIFF"
    assert wav[8:12] == b"WAVE"
    assert int.from_bytes(wav[4:8], "little") == len(wav) - 8
    place, chunks = 12, {}
    while place < len(wav):
        size = int.from_bytes(wav[place + 4 : place + 8], "little")
        chunks[wav[place : place + 4]] = wav[place + 8 : place + 8 + size]
        place += 8 + size + size % 2
    assert len(chunks[b"data"]) % 2 == 0
    return chunks[b"said"].decode()


async def test_what_a_person_says_is_in_the_file(autojump_clock: MockClock) -> None:
    async with running(talker("بله حتما", "no")) as (pbx, client):
        await client.answered()
        began = trio.current_time()
        first = await record(client, "r1")
        assert trio.current_time() - began == pytest.approx(0.4 + speech_seconds("بله حتما") + 2, abs=0.1)
        assert (first["state"], first["talking_duration"]) == ("done", 0)
        await record(client, "r2")
        await record(client, "r3")
        heard = [said_in((await client.request("GET", f"/recordings/stored/{name}/file")).body) for name in ("r1", "r2", "r3")]
        assert heard == ["بله حتما", "no", ""]
        assert leaked(pbx.log).recordings == ("r1", "r2", "r3")
        assert [row["name"] for row in (await client.request("GET", "/recordings/stored")).rows()] == ["r1", "r2", "r3"]
        assert (await client.request("DELETE", "/recordings/stored/r1")).status == 204
        assert (await client.request("DELETE", "/recordings/stored/r1")).status == 404
        assert leaked(pbx.log).recordings == ("r2", "r3")


async def test_a_recording_that_waits_for_nobody_overhears(autojump_clock: MockClock) -> None:
    """It holds what they say of themselves, when they say it, takes no answer from them, and is not noticed."""
    greeting = (Utterance(0.5, 0.75), Utterance(0.5, 9.0))
    people = talker("an answer", greets=greeting, hangs_up=HangUp(Moment.RECORDING, nth=2))
    async with running(people) as (_, client):
        await client.answered()
        for name in ("r1", "r2"):
            finished = await record(client, name, maxDurationSeconds=1, maxSilenceSeconds=0)
            assert finished["duration"] == 1
            assert "talking_duration" not in finished
        files = [(await client.request("GET", f"/recordings/stored/{name}/file")).body for name in ("r1", "r2")]
        assert spans_of(files[0]) == pytest.approx([0.5, 1.0], abs=0.05)
        assert spans_of(files[1]) == pytest.approx([0.0, 0.25, 0.75, 1.0], abs=0.05)
        await record(client, "r3")
        assert said_in((await client.request("GET", "/recordings/stored/r3/file")).body) == "an answer"


def spans_of(wav: bytes) -> list[float]:
    """When sound begins and ends in a recording, by turns, in seconds."""
    loud = [frame.loudness > 0.01 for frame in Framing().frames(read_wav(wav).samples)]
    return [place * SECONDS for place, (before, now) in enumerate(pairwise([False, *loud, False])) if before != now]


async def test_silence_counts_from_the_start(autojump_clock: MockClock) -> None:
    async with running(talker("too late", thinks=3.0)) as (_, client):
        await client.answered()
        finished = await record(client)
        assert (finished["duration"], finished["talking_duration"], finished["silence_duration"]) == (2, 0, 2)
        assert said_in((await client.request("GET", "/recordings/stored/r/file")).body) == ""


async def test_the_longest_duration_cuts_a_talker_short(autojump_clock: MockClock) -> None:
    async with running(talker("one two three four five six seven eight nine ten")) as (_, client):
        await client.answered()
        await record(client, maxDurationSeconds=2)
        assert said_in((await client.request("GET", "/recordings/stored/r/file")).body) == "one two three four five"


async def test_a_hangup_finishes_the_recording_and_leaves_its_file(autojump_clock: MockClock) -> None:
    async with running(talker("yes please", hangs_up=HangUp(Moment.RECORDING, seconds=0.2))) as (pbx, client):
        await client.answered()
        await record(client)
        await client.wait("ChannelDestroyed")
        assert client.trace()[-4:] == ["ChannelHangupRequest", "RecordingFinished done", "StasisEnd", "ChannelDestroyed"]
        assert leaked(pbx.log).recordings == ("r",)


async def test_a_recording_is_stopped_or_discarded(autojump_clock: MockClock) -> None:
    async with running(talker()) as (pbx, client):
        await client.answered()
        for name, method, path in (("kept", "POST", "/stop"), ("gone", "DELETE", "")):
            await client.request("POST", f"/channels/{CHANNEL}/record?name={name}&format=wav")
            assert (await client.request("GET", f"/recordings/live/{name}")).status == 200
            assert (await client.request(method, f"/recordings/live/{name}{path}")).status == 204
            await client.wait("RecordingFinished", lambda event, name=name: recording_of(event)["name"] == name)  # type: ignore[misc]
            assert (await client.request(method, f"/recordings/live/{name}{path}")).status == 404
        assert leaked(pbx.log).recordings == ("kept",)


async def test_record_says_no_as_asterisk_does(autojump_clock: MockClock) -> None:
    async with running(talker()) as (_, client):
        await client.answered()
        await record(client)
        again = await client.request("POST", f"/channels/{CHANNEL}/record?name=r&format=wav")
        assert (again.status, again.json()) == (409, {"message": "Recording 'r' already exists and can not be overwritten"})
        assert (await client.request("POST", f"/channels/{CHANNEL}/record?name=x&format=xyz")).status == 422
        assert (await client.request("POST", "/channels/nope/record?name=x&format=wav")).status == 404


async def test_prompts_play_one_after_the_other_and_can_be_stopped(autojump_clock: MockClock) -> None:
    async with running(talker(), CONFIG) as (_, client):
        await client.answered()
        began = trio.current_time()
        for playback, media in (("p1", "sound:long"), ("p2", "sound:short")):
            asked = await client.request("POST", f"/channels/{CHANNEL}/play/{playback}?media={media}")
            assert (asked.status, asked.json()["state"]) == (201, "queued")
        await trio.sleep(3)
        assert (await client.request("GET", "/playbacks/p1")).json()["state"] == "playing"
        assert (await client.request("GET", "/playbacks/p2")).json()["state"] == "queued"
        assert (await client.request("DELETE", "/playbacks/p1")).status == 204
        await client.wait("PlaybackFinished", lambda event: "p2" in str(event["playback"]))
        assert trio.current_time() - began == pytest.approx(4, abs=0.1)
        assert (await client.request("DELETE", "/playbacks/p1")).json() == {"message": "Playback not found"}


async def test_media_that_cannot_be_played(autojump_clock: MockClock) -> None:
    async with running(talker(), CONFIG) as (_, client):
        await client.answered()
        await client.request("POST", f"/channels/{CHANNEL}/play/p1?media=foo:bar")
        await client.request("POST", f"/channels/{CHANNEL}/play/p2?media=sound:nowhere")
        await client.wait("PlaybackFinished")
        assert client.trace()[6:] == ["PlaybackStarted playing", "PlaybackStarted playing", "PlaybackFinished failed"]
