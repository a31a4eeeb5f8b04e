"""What services of speech send, read without trust: a WAV file is made of it, or a clear error."""

from contextlib import suppress

import trio

from callengine.errors import ProviderRefused, ProviderUnavailable
from callengine.providers.audio import LARGEST_AT_ONCE, UnknownEncoding, read_wav, riff_chunks, write_wav
from callengine.providers.ffmpeg import Ffmpeg

MOST_AUDIO = 16 * 1024 * 1024
"""Bytes of an answer: minutes of speech, however it is encoded."""

RATE = 8_000
"""What compressed speech is brought to; a telephone carries no more."""


def kind_of(audio: bytes) -> str | None:
    """The container by its first bytes, as ffmpeg calls its reader; None for what is not known to be sound."""
    if audio[:4] == b"RIFF" and audio[8:12] == b"WAVE":
        return "wav"
    if audio[:3] == b"ID3" or (audio[:1] == b"\xff" and audio[1:2] and audio[1] & 0xE6 == 0xE2):  # layer III
        return "mp3"
    return {b"OggS": "ogg", b"fLaC": "flac"}.get(audio[:4])


async def wav_of(audio: bytes, service: str, ffmpeg: Ffmpeg) -> bytes:
    """Return a WAV file, mono and 16-bit, of what a service sent.

    Args:
        audio: WAV, mp3, Ogg or FLAC.
        service: its name, for messages.
        ffmpeg: decodes what is not plain WAV.

    Raises:
        ProviderUnavailable: it is none of these, broken or without a sound, or ffmpeg is not installed or took too long.
    """
    kind = kind_of(audio)
    if kind is None:
        raise ProviderUnavailable(f"what {service} sent is no audio")
    if kind == "wav":
        if _breaks_off(audio):
            raise ProviderUnavailable(f"the WAV file that {service} sent breaks off")
        with suppress(UnknownEncoding):
            return await _plain(audio, service)
    try:
        return write_wav(await ffmpeg.convert(audio, RATE, kind=kind))
    except ProviderRefused as error:
        raise ProviderUnavailable(f"the {kind} that {service} sent cannot be played: {error}") from None


async def _plain(wav: bytes, service: str) -> bytes:
    """A large file is read in a thread: mixing stereo down takes its time."""
    if len(wav) <= LARGEST_AT_ONCE:
        await trio.lowlevel.checkpoint()
        return _rewritten(wav, service)
    limiter = trio.to_thread.current_default_thread_limiter()
    return await trio.to_thread.run_sync(_rewritten, wav, service, abandon_on_cancel=True, limiter=limiter)


def _rewritten(wav: bytes, service: str) -> bytes:
    try:
        sound = read_wav(wav)
    except UnknownEncoding:
        raise
    except ValueError as error:
        raise ProviderUnavailable(f"{service} gave no usable WAV file: {error}") from None
    if not sound.samples:
        raise ProviderUnavailable(f"the WAV file that {service} sent holds no sound")
    return write_wav(sound)


def _breaks_off(wav: bytes) -> bool:
    """Whether samples are missing. Who streams claims a length beyond all measure, which says nothing."""
    at = 12
    for name, content in riff_chunks(wav):
        claimed = int.from_bytes(wav[at + 4 : at + 8], "little")
        if name == b"data":
            return len(content) < claimed <= MOST_AUDIO
        at += 8 + claimed + claimed % 2
    return False
