"""Playbacks and recordings: what occupies a channel's own thread, one after the other."""

from typing import Protocol

import trio
from attrs import define, field, frozen

from callengine.simulator.events import (
    Event,
    PlaybackFinished,
    PlaybackStarted,
    PlaybackView,
    RecordingFailed,
    RecordingFinished,
    RecordingStarted,
    RecordingView,
    StoredView,
)
from callengine.simulator.log import Kind
from callengine.simulator.office import Office
from callengine.simulator.people import Moment
from callengine.simulator.wav import overheard_wav, speech_seconds, spoken_wav

_SCHEMES = ("sound:", "recording:", "number:", "digits:", "characters:", "tone:")
_KEPT_SILENCE = 1.0
"""Seconds of silence left at the end of a file: the rest is cut off, as Asterisk does."""


class Line(Protocol):
    """What media need of the channel they run on."""

    id: str

    @property
    def up(self) -> bool: ...

    @property
    def bridged(self) -> bool: ...

    def tell(self, event: Event) -> None: ...

    def answer(self) -> None: ...

    def notice(self, moment: Moment) -> None: ...

    def next_words(self) -> tuple[str, float]:
        """What the person says next, and after how many seconds of thought."""
        ...

    def spoken(self, began: float, ended: float) -> tuple[tuple[float, float], ...]:
        """When they spoke unasked from one moment to another, in seconds from the first of them."""
        ...


@define(eq=False)
class Playback:
    """A prompt, queued on a channel.

    Seen on Asterisk 22.10.1: what is still queued when the channel goes begins and fails at once; a scheme it does not
    know begins and never finishes.
    """

    office: Office
    line: Line
    id: str
    media: str
    language: str = "en"
    state: str = "queued"
    stopped: trio.Event = field(factory=trio.Event)

    def __attrs_post_init__(self) -> None:
        self.office.playbacks[self.id] = self

    def view(self) -> PlaybackView:
        return PlaybackView(self.id, self.media, f"channel:{self.line.id}", self.language, self.state)

    async def perform(self) -> None:
        self._begin()
        if not self.media.startswith(_SCHEMES):
            self._forget()
            return
        if self.media in self.office.config.missing:
            self._finish("failed")
            return
        state = "failed"
        try:
            self.line.notice(Moment.PROMPT)
            with trio.move_on_after(self.office.config.seconds_of(self.media)):
                await self.stopped.wait()
            state = "done"
        finally:
            self._finish(state)

    def abandon(self) -> None:
        """The channel is gone before its turn came."""
        self._begin()
        self._finish("failed")

    def _begin(self) -> None:
        self.state = "playing"
        self.office.log.note(Kind.PLAYBACK, self.id, channel=self.line.id, media=self.media)
        self.line.tell(PlaybackStarted(playback=self.view()))

    def _finish(self, state: str) -> None:
        self.state = state
        self._forget()
        self.office.log.note(Kind.PLAYBACK_ENDED, self.id, channel=self.line.id, state=state)
        self.line.tell(PlaybackFinished(playback=self.view()))

    def _forget(self) -> None:
        if self.office.playbacks.get(self.id) is self:
            del self.office.playbacks[self.id]


@frozen
class StoredRecording:
    """A file; it lies there until somebody deletes it.

    Attributes:
        overheard: when somebody spoke in it who was not asked to; None where it holds what they said.
    """

    name: str
    format: str
    said: str
    talking: float
    silence: float
    overheard: tuple[tuple[float, float], ...] | None = None

    def view(self) -> StoredView:
        return StoredView(self.name, self.format)

    def file(self) -> bytes:
        if self.overheard is not None:
            return overheard_wav(self.overheard, self.talking + self.silence)
        return spoken_wav(self.said, self.talking, min(self.silence, _KEPT_SILENCE))


@define(eq=False)
class LiveRecording:
    """A recording of what the person on a channel says.

    It ends by silence, by its longest duration, by a stop, or with the channel; a channel that hangs up leaves the file
    behind (seen on Asterisk 22.10.1). Zero means no limit of that kind. One that silence does not end waits for nobody's
    answer: the person does not notice it, and is overheard.
    """

    office: Office
    line: Line
    name: str
    format: str
    max_duration: float = 0
    max_silence: float = 0
    state: str = "queued"
    kept: bool = True
    """Whether a file remains; a discarded recording leaves none."""
    stopped: trio.Event = field(factory=trio.Event)
    _words: str = ""
    _speaks_at: float = 0.0
    _began: float = 0.0
    _patience: trio.CancelScope = field(factory=trio.CancelScope)

    def __attrs_post_init__(self) -> None:
        self.office.live[self.name] = self

    @property
    def active(self) -> bool:
        """Queued or running: its channel cannot enter a bridge."""
        return self.state in ("queued", "recording")

    @property
    def _overhears(self) -> bool:
        return not self.max_silence

    @property
    def _detail(self) -> dict[str, str]:
        return {"overhears": "yes"} if self._overhears else {}

    def view(self) -> RecordingView:
        return RecordingView(self.name, self.format, self.state, f"channel:{self.line.id}")

    async def perform(self) -> None:
        if self.line.bridged:
            self._fail("Cannot record channel while in bridge")
            return
        if not self.line.up:
            self.line.answer()
        if not self._overhears:
            self._words, self._speaks_at = self.line.next_words()
        self._begin()
        self._began = trio.current_time()
        self._patience.deadline = self._began + self._longest()
        try:
            if not self._overhears:
                self.line.notice(Moment.RECORDING)
            with self._patience:
                await self.stopped.wait()
        finally:
            self._finish(trio.current_time() - self._began)

    def hear(self, words: str) -> bool:
        """The person begins to speak now; False when this is not running, or they have spoken already."""
        if self.state != "recording" or self._words or self._overhears:
            return False
        self._words, self._speaks_at = words, trio.current_time() - self._began
        self._patience.deadline = self._began + self._longest()
        return True

    def abandon(self) -> None:
        """The channel is gone before its turn came."""
        if self.line.up:
            self._begin()
            self._finish(0.0)
        else:
            self._fail("Failed to answer channel")

    def _longest(self) -> float:
        """Seconds until the recording ends by itself. Silence counts from the start: who thinks too long is not heard."""
        longest = self.max_duration or float("inf")
        if not self.max_silence:
            return longest
        if not self._words or self._speaks_at >= self.max_silence:
            return min(longest, self.max_silence)
        return min(longest, self._speaks_at + speech_seconds(self._words) + self.max_silence)

    def _begin(self) -> None:
        self.state = "recording"
        self.office.log.note(Kind.RECORDING, self.name, channel=self.line.id, **self._detail)
        self.line.tell(RecordingStarted(recording=self.view()))

    def _fail(self, cause: str) -> None:
        del self.office.live[self.name]
        self.state = "failed"
        self.office.log.note(Kind.RECORDING_ENDED, self.name, channel=self.line.id, state=self.state)
        self.line.tell(
            RecordingFailed(recording=RecordingView(self.name, self.format, "failed", f"channel:{self.line.id}", cause=cause))
        )

    def _finish(self, duration: float) -> None:
        said, talking = self._heard(duration)
        del self.office.live[self.name]
        self.state = "done"
        self.office.log.note(Kind.RECORDING_ENDED, self.name, channel=self.line.id, state=self.state, said=said, **self._detail)
        if self.kept:
            overheard = self.line.spoken(self._began, self._began + duration) if self._overhears else None
            self.office.stored[self.name] = StoredRecording(
                self.name, self.format, said, talking, duration - talking, overheard
            )
            self.office.log.note(Kind.RECORDING_STORED, self.name, channel=self.line.id)
        measured = bool(self.max_silence)
        self.line.tell(
            RecordingFinished(
                recording=RecordingView(
                    self.name,
                    self.format,
                    self.state,
                    f"channel:{self.line.id}",
                    duration=int(duration),
                    talking_duration=int(talking) if measured else None,
                    silence_duration=int(duration - talking) if measured else None,
                )
            )
        )

    def _heard(self, duration: float) -> tuple[str, float]:
        """The words spoken before the end, and how long speaking took."""
        whole = speech_seconds(self._words)
        talking = min(whole, max(0.0, duration - self._speaks_at))
        if talking >= whole:
            return self._words, whole
        words = self._words.split()
        return " ".join(words[: int(len(words) * talking / whole)]), talking
