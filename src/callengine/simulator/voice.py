"""A person's voice, and what the PBX makes of it: the dialplan function TALK_DETECT."""

import math
from collections.abc import Callable, Sequence

import trio
from attrs import define, field

from callengine.simulator.events import ChannelTalkingFinished, ChannelTalkingStarted, ChannelView, Event
from callengine.simulator.people import Utterance

_SILENCE = 2500
"""Milliseconds of silence by which somebody has finished, where the function is not told."""


@define(eq=False)
class Voice:
    """Knows when a person speaks. Utterances that overlap are one."""

    _until: float = -math.inf
    _spans: list[tuple[float, float]] = field(factory=list)
    _silent: trio.lowlevel.ParkingLot = field(factory=trio.lowlevel.ParkingLot)

    def speak(self, seconds: float) -> None:
        """Begin to speak, for so many seconds."""
        now = trio.current_time()
        self._until = max(self._until, now + seconds)
        self._spans.append((now, now + seconds))
        self._silent.unpark_all()

    async def greet(self, greeting: Sequence[Utterance]) -> None:
        """Say something, pausing before each utterance."""
        for utterance in greeting:
            await trio.sleep(utterance.after)
            self.speak(utterance.seconds)
            await trio.sleep(utterance.seconds)

    def spoken(self, began: float, ended: float) -> tuple[tuple[float, float], ...]:
        """When they spoke from one moment to another, in seconds from the first of them."""
        within = ((max(begin, began), min(end, ended)) for begin, end in self._spans)
        return tuple((begin - began, end - began) for begin, end in within if begin < end)

    async def begins(self) -> None:
        """Until they speak, which they may do already."""
        while trio.current_time() >= self._until:
            await self._silent.park()

    async def ends(self, silence: float) -> float:
        """Until they have been silent for so many seconds; the moment at which that began."""
        while trio.current_time() < self._until + silence:  # noqa: ASYNC110 - that moment moves on while they speak
            await trio.sleep_until(self._until + silence)
        return self._until


@define(eq=False)
class TalkDetection:
    """Listens to a voice and tells of it.

    On Asterisk 22.10.1 the first event comes with the first sound. The second comes when the silence has lasted as long as the
    function was told, and its `duration` leaves that silence out: 583 ms for 0.583 s of speech, whether told 200 ms or 800.
    """

    voice: Voice
    tell: Callable[[Event], None]
    view: Callable[[], ChannelView]
    _scope: trio.CancelScope = field(factory=trio.CancelScope)

    async def listen(self, told: str) -> None:
        """Until stopped. `told` is what the function is set to: milliseconds of silence and, not minded here, the loudness of
        speech.
        """
        silence, _, _ = told.partition(",")
        seconds = int(silence if silence.isdecimal() else _SILENCE) / 1000
        with self._scope:
            while True:
                await self.voice.begins()
                began = trio.current_time()
                self.tell(ChannelTalkingStarted(channel=self.view()))
                ended = await self.voice.ends(seconds)
                self.tell(ChannelTalkingFinished(duration=round((ended - began) * 1000), channel=self.view()))

    def stop(self) -> None:
        """Listen no longer."""
        self._scope.cancel()
