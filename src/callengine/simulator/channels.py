"""A channel: one telephone line from first ring to destruction, its thread, and the person at its far end."""

from collections.abc import Callable
from typing import Protocol

import trio
from attrs import define, field

from callengine.simulator.bridges import Bridge
from callengine.simulator.causes import SIP_CODES, dial_status
from callengine.simulator.events import (
    ChannelDtmfReceived,
    ChannelEnteredBridge,
    ChannelHangupRequest,
    ChannelVarset,
    Dial,
    StasisStart,
)
from callengine.simulator.leg import Leg
from callengine.simulator.log import Kind
from callengine.simulator.people import HangUp, Instead, Moment
from callengine.simulator.voice import TalkDetection, Voice

_COMMANDS = 100
"""Commands that may wait for a channel's thread."""

BETWEEN_KEYS = 0.3
"""Seconds between two keys of a number that somebody keys in."""

_BEFORE_RINGING = (Instead.POWER_OFF, Instead.NO_ROUTE, Instead.CONGESTION, Instead.UNREACHABLE)
"""What the network says before any telephone rings."""


class Command(Protocol):
    """What a channel's thread does, one after the other."""

    async def perform(self) -> None: ...

    def abandon(self) -> None:
        """The channel is gone before its turn came."""
        ...


@define(eq=False)
class _Errand:
    """A command somebody waits for."""

    action: Callable[[], None]
    over: trio.Event = field(factory=trio.Event)
    done: bool = False

    async def perform(self) -> None:
        self.action()
        self.done = True
        self.over.set()

    def abandon(self) -> None:
        self.over.set()


@define(eq=False)
class Channel(Leg):
    """A leg with its thread: it rings, serves the application, and has a person at the far end.

    Attributes:
        forward: makes the channel that takes a redirected call on.
    """

    forward: Callable[["Channel"], "Channel"] | None = None
    voice: Voice = field(factory=Voice)
    _detection: TalkDetection | None = None
    _pipe: tuple[trio.MemorySendChannel[Command], trio.MemoryReceiveChannel[Command]] = field(
        factory=lambda: trio.open_memory_channel[Command](_COMMANDS)
    )
    _tasks: trio.Nursery | None = None

    async def run(self, patience: float) -> None:
        """Live until hung up; `patience` is how long the person may take to answer, or a caller from outside waits."""
        with self.scope:
            async with trio.open_nursery() as self._tasks:
                if self.inbound:
                    self.notice(Moment.RINGING)
                    self._tasks.start_soon(self._give_up, patience)
                    await self._serve_app()
                elif await self._dial(patience):
                    self._picked_up()
                    await self._serve_app()
                self._tasks.cancel_scope.cancel()
        self._close()

    def queue(self, command: Command) -> bool:
        """Give the channel's thread something to do; False when it has too much to do already."""
        try:
            self._pipe[0].send_nowait(command)
        except trio.WouldBlock:
            return False
        return True

    async def do(self, action: Callable[[], None]) -> bool:
        """Have the channel's thread do something, after all it has to do before; False when the channel went first."""
        errand = _Errand(action)
        if not self.in_stasis or not self.queue(errand):
            return False
        await errand.over.wait()
        return errand.done

    def answer(self) -> None:
        """Pick up a call from outside; does nothing to a channel that is up."""
        if self.up:
            return
        self.change_state("Up")
        self.office.log.note(Kind.ANSWERED, self.id)
        self._picked_up()

    def enter(self, bridge: Bridge) -> None:
        self.leave_bridge()
        self.bridge = bridge
        bridge.members[self.id] = None
        self.office.log.note(Kind.BRIDGE_ENTERED, bridge.id, channel=self.id)
        self.tell(ChannelEnteredBridge(bridge=bridge.view(), channel=self.view()))
        self.notice(Moment.BRIDGE)

    def notice(self, moment: Moment) -> None:
        """The person notices something, and may leave because of it."""
        plan = self.person.leaves(moment)
        if plan is not None and self._tasks is not None:
            self._tasks.start_soon(self._leave, plan)
        if moment is Moment.PROMPT and self._tasks is not None:
            keys, thinks = self.person.next_keys()
            if keys:
                self._tasks.start_soon(self._key_in, keys, thinks)

    def next_words(self) -> tuple[str, float]:
        return self.person.next_words()

    def spoken(self, began: float, ended: float) -> tuple[tuple[float, float], ...]:
        return self.voice.spoken(began, ended)

    async def _dial(self, patience: float) -> bool:
        """Ring the person; True when they answer."""
        persona = self.person.persona
        self.office.log.note(Kind.DIALLED, self.id)
        self.tell(self.dial_event(""))
        with trio.move_on_after(patience) as ringing:
            await trio.sleep(persona.rings_after)
            if persona.instead not in _BEFORE_RINGING:
                self._ring()
                await trio.sleep(persona.answers_after)
            if persona.instead is None:
                return self._answered()
            if persona.instead is Instead.NO_ANSWER:
                await trio.sleep_forever()
            self._refused(persona.instead)
        if ringing.cancelled_caught:
            self.end(Instead.NO_ANSWER.cause, Instead.NO_ANSWER.sip, "pbx")
        return False

    def _ring(self) -> None:
        self.office.log.note(Kind.RINGING, self.id)
        self.change_state("Ringing")
        self.tell(self.dial_event("RINGING"))
        self.notice(Moment.RINGING)

    def _answered(self) -> bool:
        """The person has picked up; False when no application takes the call, and they are hung up on."""
        self.change_state("Up")
        self.office.log.note(Kind.ANSWERED, self.id)
        self.tell(self.dial_event("ANSWER"))
        if self.office.apps.is_active(self.app):
            return True
        self.end(16, None, "pbx")
        return False

    def _refused(self, instead: Instead) -> None:
        if instead is Instead.FORWARD and self.forward is not None:
            other = self.forward(self)
            self.office.log.note(Kind.FORWARDED, self.id, to=other.id)
            self.tell(
                Dial(
                    dialstatus="CANCEL",
                    forward=self.person.persona.forwards_to,
                    dialstring=self.dialstring,
                    peer=self.view(),
                    forwarded=other.view(),
                )
            )
            self.end(instead.cause, None, "person")
            return
        self._turned_down(instead.cause, instead.sip)

    def _turned_down(self, cause: int, sip: int) -> None:
        """The telephone, or the network before it, says no."""
        self.tell(ChannelHangupRequest(cause=cause, tech_cause=sip, channel=self.view()))
        self.tell(self.dial_event(dial_status(cause)))
        self.end(cause, sip, "person")

    async def _serve_app(self) -> None:
        """The time in the application: whatever it asks for, in turn, until the channel is hung up."""
        self.office.apps.known(self.app).channels[self.id] = None
        self.in_stasis = True
        self.tell(ChannelVarset(variable="STASISSTATUS", value="", channel=self.view()))
        self.tell(StasisStart(args=list(self.args), channel=self.view()))
        async for command in self._pipe[1]:
            await command.perform()

    def _picked_up(self) -> None:
        self.notice(Moment.ANSWER)
        persona = self.person.persona
        if self._tasks is None:
            return
        if persona.presses:
            self._tasks.start_soon(self._press_keys)
        if persona.greets:
            self._tasks.start_soon(self.voice.greet, persona.greets)

    def detect_talk(self, told: str) -> None:
        """Tell of what the person says, from now on; a channel that is being hung up has no more to tell."""
        self.ignore_talk()
        if self._tasks is not None and not self.ending:
            self._detection = TalkDetection(self.voice, self.tell, self.view)
            self._tasks.start_soon(self._detection.listen, told)

    def ignore_talk(self) -> None:
        """Tell of it no longer."""
        if self._detection is not None:
            self._detection.stop()
            self._detection = None

    async def _press_keys(self) -> None:
        began = trio.current_time()
        for press in sorted(self.person.persona.presses, key=lambda press: press.seconds):
            await trio.sleep_until(began + press.seconds)
            self.press(press.digit)

    async def _key_in(self, keys: str, thinks: float) -> None:
        await trio.sleep(thinks)
        for place, digit in enumerate(keys):
            await trio.sleep(BETWEEN_KEYS if place else 0.0)
            self.press(digit)

    def press(self, digit: str) -> None:
        """The person presses a key."""
        self.office.log.note(Kind.KEY, self.id, digit=digit)
        self.tell(ChannelDtmfReceived(digit=digit, duration_ms=100, channel=self.view()))

    async def _leave(self, plan: HangUp) -> None:
        await trio.sleep(plan.seconds)
        self.leave(plan.cause)

    def leave(self, cause: int) -> None:
        """The person hangs up, or declines while it rings."""
        if self.up or self.inbound:
            self.hang_up(cause, "person")
        elif not self.ending:
            declined = cause if cause in SIP_CODES else Instead.DECLINE.cause
            self._turned_down(declined, SIP_CODES[declined])

    async def _give_up(self, patience: float) -> None:
        await trio.sleep(patience)
        if not self.up:
            self.hang_up(16, "person")

    def _close(self) -> None:
        """Give up what waits for the thread, then be destroyed."""
        self._pipe[0].close()
        while True:
            try:
                self._pipe[1].receive_nowait().abandon()
            except (trio.WouldBlock, trio.EndOfChannel):
                break
        self.bury()
