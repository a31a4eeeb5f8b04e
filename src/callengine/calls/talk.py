"""What may be asked of a person on the phone: to listen, to wait, to speak."""

import math
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import TypeVar

import structlog
import trio
from attrs import define, field

from callengine.ari import EventsLost, PlaybackFinished, RecordingFailed, RecordingFinished, Subscription
from callengine.calls.beside import Beside, Companion
from callengine.calls.estate import Entry, Kind
from callengine.calls.legs import SAYS_SO_WITHIN, Leg
from callengine.calls.pbx import found
from callengine.errors import AriError, AriLost, AriRefused
from callengine.fsm.steps import LONGEST_PROMPT, RECORDING_MARGIN
from callengine.model import PlaybackId, RecordingName, recording_name

_BETWEEN_LOOPS = 0.2
"""Seconds between two turns of the hold audio; they also keep a prompt that cannot be played from becoming a hot loop."""

_DISCARDED_WITHIN = 5.0
"""Seconds in which a recording that is thrown away says that it is over: until then no bridge takes the channel."""

T = TypeVar("T")

log = structlog.get_logger()


@define(eq=False)
class Talk:
    """The conversation on a leg: one prompt or recording at a time.

    Attributes:
        keep: is told of each recording that was fetched, which then stays on the PBX; without it none stays.
    """

    leg: Leg
    keep: Callable[[RecordingName], None] | None = None
    _playing: PlaybackId | None = field(default=None, init=False)
    _recording: Entry | None = field(default=None, init=False)
    _recorded_so_far: int = field(default=0, init=False)
    _asking: trio.Lock = field(factory=trio.Lock, init=False)

    async def play(self, media: str) -> bool:
        """Play a prompt to its end. One that cannot be played is logged and passed over.

        Returns:
            whether it was played.

        Raises:
            AriLost: the PBX did not answer.
        """
        playback = PlaybackId(self.leg.pbx.ambient.new_id())
        self.leg.estate.mention(playback)
        with self.leg.pbx.router.subscribe(playback) as events:
            try:
                async with self._asking:
                    self._playing = playback  # a request without an answer may play all the same
                    await self.leg.command(self.leg.pbx.ari.play(self.leg.id, media, playback))
            except AriRefused as refusal:
                log.error("prompt cannot be played", media=media, error=str(refusal))
                self._playing = None
                return False
            played = True
            with trio.move_on_after(LONGEST_PROMPT) as patience:
                played = await self._played(events, playback, media)
            if patience.cancelled_caught:
                log.error("prompt did not end", media=media, seconds=LONGEST_PROMPT)
                await self.hush()
            self._playing = None
            return played

    async def _played(self, events: Subscription, playback: PlaybackId, media: str) -> bool:
        async for event in events:
            match event:
                case PlaybackFinished(playback=played):
                    if played.state != "failed":
                        return True
                    await trio.sleep(SAYS_SO_WITHIN)
                    log.error("prompt failed on the PBX", media=media)
                    return False
                case EventsLost() if not await found(self.leg.pbx.ari.get_playback(playback)):
                    return True
        return False

    async def hush(self) -> None:
        """Stop what is playing: Asterisk bridges a channel only when its playback is over."""
        if (playing := self._playing) is not None:
            await _surely(lambda: self.leg.pbx.ari.stop_playback(playing))
            self._playing = None

    @asynccontextmanager
    async def hold(self, beside: Beside, media: str | None) -> AsyncIterator[None]:
        """Keep the person company: the hold audio in a loop, or the PBX's music where there is none.

        Raises:
            AriRefused: audio or music could not be stopped.
            AriLost: the PBX did not answer.
        """
        if media is None:
            try:
                async with self._asking:  # a request cut short might begin to play after it was stopped
                    await self.leg.command(self.leg.pbx.ari.start_moh(self.leg.id))
            except AriError as error:  # nobody is kept apart for want of music
                log.error("no music on hold", error=str(error))
            yield
            await self.stop_music()
            return
        async with self.playing(beside, partial(self._loop, media)):
            yield

    async def stop_music(self) -> None:
        """Stop the PBX's music, whether it plays or not.

        Raises:
            AriRefused: it could not be stopped.
            AriLost: the PBX did not answer.
        """
        await self.leg.command(_surely(lambda: self.leg.pbx.ari.stop_moh(self.leg.id)))

    @asynccontextmanager
    async def playing(self, beside: Beside, work: Callable[[], Awaitable[T]]) -> AsyncIterator[Companion[T]]:
        """Do something that plays for the time of the block; on leaving it, whatever still plays is cut off.

        Raises:
            AriRefused: it could not be stopped.
            AriLost: the PBX did not answer.
        """
        async with beside(work) as audio:
            yield audio
            async with self._asking:  # a request cut short might begin to play all the same
                await audio.stop()
        await self.hush()

    async def _loop(self, media: str) -> None:
        while True:
            try:
                await self.play(media)
            except AriLost as error:  # one turn is lost, not the rest of the wait
                log.warning("hold audio interrupted", error=str(error))
            await trio.sleep(_BETWEEN_LOOPS)

    @property
    def recording_name(self) -> RecordingName:
        """What the latest recording is called, or the first one will be."""
        return recording_name(self.leg.id, max(0, self._recorded_so_far - 1))

    async def record(self, *, max_duration: float, max_silence: float | None, passing: bool = False) -> bytes | None:
        """Record what the person says, fetch it, and leave no copy on the PBX unless `keep` wants it.

        Args:
            max_duration: seconds at most.
            max_silence: seconds of silence that end it; None for none.
            passing: it is of no use afterwards, whatever `keep` wants.

        Returns:
            a WAV file, or None when the recording failed.

        Raises:
            AriLost: the PBX did not answer.
        """
        name = recording_name(self.leg.id, self._recorded_so_far)
        self._recorded_so_far += 1
        entry = self._recording = self.leg.estate.enter(Kind.RECORDING, name)
        request = partial(
            self.leg.pbx.ari.record,
            self.leg.id,
            name,
            max_duration_seconds=math.ceil(max_duration),
            max_silence_seconds=None if max_silence is None else math.ceil(max_silence),
        )
        try:
            with self.leg.pbx.router.subscribe(name) as events:
                await self.leg.command(self.leg.pbx.reaper.create(entry, request))
                with trio.move_on_after(max_duration + RECORDING_MARGIN):
                    if not await self._recorded(events, name):
                        return None
                    audio = await self.leg.pbx.ari.get_stored_file(name)
                    if self.keep is None or passing:
                        await self.leg.pbx.ari.delete_stored(name)
                    else:
                        self.keep(name)
                    entry.bury()
                    return audio
            log.error("recording did not end", seconds=max_duration + RECORDING_MARGIN)
            if await self.leg.pbx.ari.discard_recording(name):
                entry.bury()
        except AriRefused as refusal:
            log.error("recording failed", error=str(refusal))
        return None

    @asynccontextmanager
    async def recording(self, beside: Beside, work: Callable[[], Awaitable[T]]) -> AsyncIterator[Companion[T]]:
        """Do something that records for the time of the block; on leaving it, whatever is still recorded is thrown away.

        Raises:
            AriLost: the PBX did not answer.
        """
        async with beside(work) as recorder:
            yield recorder
            await recorder.stop()
        await self._discard()

    async def cut(self) -> None:
        """End the recording that goes on, if one does, as if its time were over.

        Raises:
            AriLost: the PBX did not answer.
        """
        entry = self._recording
        if entry is None or entry.buried:
            return
        try:
            await self.leg.pbx.ari.stop_recording(RecordingName(entry.id))
        except AriRefused:  # it is over, or has not begun
            log.debug("nothing to cut", recording=entry.id)

    async def _discard(self) -> None:
        """Leave no copy on the PBX of a recording that nobody waits for any more, and wait until it is over."""
        entry, self._recording = self._recording, None
        if entry is None or entry.buried:
            return
        await entry.answered.wait()
        try:
            with self.leg.pbx.router.subscribe(entry.id) as events:
                if await _surely(lambda: self.leg.pbx.ari.discard_recording(entry.id)):
                    with trio.move_on_after(_DISCARDED_WITHIN):
                        await _over(events)
                    entry.bury()
                elif await _surely(lambda: self.leg.pbx.ari.delete_stored(entry.id)):
                    entry.bury()
        except AriRefused as refusal:  # it is tried again when the call is over
            log.error("recording could not be thrown away", error=str(refusal))

    async def _recorded(self, events: Subscription, name: RecordingName) -> bool:
        """Wait for its end; after lost events the recording is stopped, since it may have ended unheard."""
        async for event in events:
            match event:
                case RecordingFinished():
                    return True
                case EventsLost() if not await found(self.leg.pbx.ari.stop_recording(name)):
                    return True
                case RecordingFailed(recording=recording):
                    log.error("recording failed on the PBX", cause=recording.cause)
                    return False
        return False


async def _over(events: Subscription) -> None:
    """Wait until a recording is over; lost events may have said so."""
    async for event in events:
        if isinstance(event, RecordingFinished | RecordingFailed | EventsLost):
            return


async def _surely(stop: Callable[[], Awaitable[T]]) -> T:
    """Stop something; once more if the first request is not answered, since what is stopped can be stopped again."""
    try:
        return await stop()
    except AriLost as error:
        log.warning("asked again", error=str(error))
        return await stop()
