"""An ear for how a call was answered: it takes recordings, piece by piece, and tells as early as it can who it was."""

from array import array
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Protocol

import trio
from attrs import define, field

from callengine.providers.audio import LEAST_LOUDNESS, Sound, at_rate, lowered, read_wav
from callengine.providers.frames import RATE, Frame, Framing
from callengine.providers.greeting import GreetingListener, GreetingRules, Judgement

_LACKING = 0.3
"""Seconds by which a piece may be shorter than it took to record, but not by half: the PBX needs some time of its own."""

VoiceOf = Callable[[Frame], float]
"""How likely a frame is speech, from 0 to 1, told one after the other."""


class GreetingJudge(Protocol):
    def listen(self, rules: GreetingRules) -> AbstractAsyncContextManager["GreetingEar"]:
        """An ear for one call, for the time of the block."""
        ...


@define(eq=False)
class GreetingEar:
    """Hears how one call was answered.

    It listens within the event loop, a frame at a time, and lets the others have their turn in between. A thread would win
    nothing: the model does not let go of the interpreter's lock.

    Attributes:
        turn: held for each frame; all ears together take one in a pass of the event loop.
    """

    _voice_of: VoiceOf
    _listener: GreetingListener
    turn: trio.Lock = field(factory=trio.Lock)
    _framing: Framing = field(factory=Framing, init=False)

    async def hear(self, wav: bytes, seconds: float = 0.0) -> Judgement | None:
        """Hear the next piece; the judgement once there is one, and then always the same.

        Args:
            wav: a recording. What is no WAV file is silence.
            seconds: that it took. A telephone may send nothing while nobody speaks, and then the recording is shorter.
        """
        for frame in self._framing.frames(_heard(wav, seconds)):
            async with self.turn:
                if (judgement := self._hear(frame)) is not None:
                    return judgement
        return self._listener.judgement

    def _hear(self, frame: Frame) -> Judgement | None:
        audible = frame.loudness >= LEAST_LOUDNESS
        return self._listener.hear(self._voice_of(frame) if audible else 0.0, frame.loudness, frame.tone)

    @property
    def clear_in(self) -> float:
        """Seconds of sound after which it is clear if they stay silent then, or speak on; it is worth listening no sooner."""
        return self._listener.clear_in

    def end(self) -> Judgement:
        """The judgement on what was heard, when there is no more to hear."""
        return self._listener.end()


def _heard(wav: bytes, seconds: float) -> "array[int]":
    """The samples at `RATE`, with the silence that was not sent."""
    try:
        sound = read_wav(wav)
    except ValueError:
        sound = Sound(RATE, array("h"))
    samples = (lowered if sound.rate > RATE else at_rate)(sound, RATE).samples
    lacking = seconds - len(samples) / RATE
    return samples + array("h", bytes(2 * int(lacking * RATE))) if lacking > min(_LACKING, seconds / 2) else samples
