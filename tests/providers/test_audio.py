"""Recordings as they come, and as they should not."""

import math
import struct
import threading
from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callengine.providers import audio
from callengine.providers.audio import (
    LARGEST_AT_ONCE,
    Sound,
    UnknownEncoding,
    at_rate,
    heard_nothing,
    lowered,
    nothing_said,
    read_wav,
    riff_chunks,
    write_wav,
)


def tone(seconds: float = 0.5, amplitude: int = 8000, rate: int = 8000) -> Sound:
    count = int(seconds * rate)
    return Sound(rate, array("h", (round(amplitude * math.sin(index * 0.345)) for index in range(count))))


def loudness(sound: Sound) -> float:
    return math.sqrt(sum(sample**2 for sample in sound.samples) / len(sound.samples)) / 32768


def wav(data: bytes, *, tag: int = 1, channels: int = 1, rate: int = 8000, bits: int = 16) -> bytes:
    width = channels * bits // 8
    form = struct.pack("<HHIIHH", tag, channels, rate, rate * width, width, bits)
    head = b"RIFF" + (36 + len(data)).to_bytes(4, "little") + b"WAVEfmt " + (16).to_bytes(4, "little") + form
    return head + b"data" + len(data).to_bytes(4, "little") + data


def test_what_is_written_is_read_back() -> None:
    assert read_wav(write_wav(tone())) == tone()


def test_eight_bits_and_stereo_are_read() -> None:
    assert list(read_wav(wav(bytes([0, 128, 255]), bits=8)).samples) == [-32768, 0, 127 << 8]
    assert list(read_wav(wav(struct.pack("<4h", 100, 300, -5, -5), channels=2)).samples) == [200, -5]


def test_a_length_that_was_not_known_is_no_obstacle() -> None:
    whole = wav(b"\1\0" * 10)
    streamed = whole[:40] + (0x7FFFF000).to_bytes(4, "little") + whole[44:]
    assert read_wav(streamed) == read_wav(whole)


@pytest.mark.parametrize(
    ("recording", "nothing"),
    [
        (b"", True),
        (wav(b""), True),
        (wav(bytes(20_000)), True),
        (write_wav(tone(0.09)), True),
        (write_wav(tone(0.2, amplitude=20)), True),
        (write_wav(tone(0.2, amplitude=100)), False),
        (wav(bytes([128]) * 8000, bits=8), True),
        (wav(b"\x55" * 4000, tag=7, bits=8), False),
        (b"<html>" + bytes(2000), True),
    ],
    ids=["nothing", "44 bytes", "zeros", "short", "quiet", "spoken", "8-bit silence", "u-law", "html"],
)
def test_when_nothing_was_said(recording: bytes, nothing: bool) -> None:
    assert nothing_said(recording) is nothing


@pytest.mark.parametrize("seconds", [0.05, 1.0, 30.0])
@pytest.mark.parametrize("amplitude", [0, 8000])
async def test_small_and_large_recordings_are_judged_alike(seconds: float, amplitude: int) -> None:
    recording = write_wav(tone(seconds, amplitude))
    assert await heard_nothing(recording) is nothing_said(recording)


async def test_a_large_recording_leaves_the_loop_to_others(monkeypatch: pytest.MonkeyPatch) -> None:
    judges: list[int] = []

    def judge(recording: bytes) -> bool:
        judges.append(threading.get_ident())
        return True

    monkeypatch.setattr(audio, "nothing_said", judge)
    await heard_nothing(bytes(LARGEST_AT_ONCE))
    await heard_nothing(bytes(LARGEST_AT_ONCE + 1))
    assert judges[0] == threading.get_ident() != judges[1]


def test_what_cannot_be_read_says_so() -> None:
    with pytest.raises(UnknownEncoding, match="24 bits"):
        read_wav(wav(bytes(6), bits=24))
    with pytest.raises(ValueError, match="not a WAV file"):
        read_wav(b"RIFF\0\0\0\0WAVE")


@given(st.binary(max_size=300), st.integers(0, 43))
def test_damaged_files_never_crash(damage: bytes, at: int) -> None:
    whole = wav(bytes(1000))
    damaged = whole[:at] + damage + whole[at + len(damage) :]
    list(riff_chunks(damaged))
    nothing_said(damaged)
    nothing_said(damage)


@pytest.mark.parametrize("silence", [0, 1, 5000, 100_000])
@pytest.mark.parametrize("tone_first", [True, False])
def test_loudness_is_that_of_the_whole_recording(silence: int, tone_first: bool) -> None:
    parts = (array("h", bytes(2 * silence)), tone().samples)
    sound = Sound(8000, parts[1] + parts[0] if tone_first else parts[0] + parts[1])
    assert sound.as_loud_as(loudness(sound) * 0.999)
    assert not sound.as_loud_as(loudness(sound) * 1.001)


def test_no_samples_are_not_loud() -> None:
    assert not Sound(8000, array("h")).as_loud_as(0.001)


def test_at_twice_the_rate_it_lasts_as_long_and_is_as_loud() -> None:
    doubled = at_rate(tone(), 16_000)
    assert doubled.seconds == tone().seconds
    assert loudness(doubled) == pytest.approx(loudness(tone()), rel=0.05)
    assert list(doubled.samples[::2]) == list(tone().samples)


@given(st.lists(st.integers(-32768, 32767), max_size=50), st.sampled_from([8000, 11025, 16000, 22050]))
def test_resampling_stays_within_the_samples(values: list[int], rate: int) -> None:
    out = at_rate(Sound(8000, array("h", values)), rate).samples
    assert not out or (min(values) <= min(out) and max(out) <= max(values))


def hum(frequency: int, rate: int = 22050) -> Sound:
    return Sound(rate, array("h", (round(8000 * math.sin(2 * math.pi * frequency * at / rate)) for at in range(rate))))


def test_what_a_lower_rate_holds_is_kept_and_what_it_does_not_hold_is_weakened() -> None:
    high, low = hum(6000), hum(400)
    assert loudness(lowered(low, 8000)) == pytest.approx(loudness(low), rel=0.01)
    assert loudness(lowered(high, 8000)) / loudness(high) == pytest.approx(0.25, abs=0.03)
    assert loudness(at_rate(high, 8000)) / loudness(high) == pytest.approx(0.8, abs=0.03)


@given(st.lists(st.integers(-32768, 32767), max_size=50), st.integers(8000, 48000))
def test_a_lowered_sound_lasts_as_long_and_is_no_louder(samples: list[int], rate: int) -> None:
    sound = lowered(Sound(rate, array("h", samples)), 8000)
    assert len(sound.samples) == len(samples) * 8000 // rate
    assert all(min(samples) <= sample <= max(samples) for sample in sound.samples)
