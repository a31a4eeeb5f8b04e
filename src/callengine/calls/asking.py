"""Asking the customer something: it is played or spoken, and keys are heard, meanwhile or afterwards."""

from collections.abc import Awaitable, Callable, Container, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from functools import partial
from typing import TypeVar

import trio
from attrs import define, field, frozen

from callengine.ari import ChannelDtmfReceived, Router, Subscription
from callengine.calls.beside import Companion
from callengine.calls.context import CallContext
from callengine.calls.spoken import spoken
from callengine.fsm.steps import LONGEST_SYNTHESIS, CollectDigits, Menu, Uttering

T = TypeVar("T")

Work = Callable[[], Awaitable[T]]
During = Callable[[Work[T]], AbstractAsyncContextManager[Companion[T]]]
"""Does work for the time of a block, and leaves nothing of it when the block ends: `Talk.playing`, say."""


@frozen
class Pressed:
    """A key that was pressed."""

    key: str


async def pressed(events: Subscription, keys: Container[str] | None = None) -> str:
    """Wait for the next key on a channel, one of these; of any where none are given."""
    while True:
        event = await events.receive()
        if isinstance(event, ChannelDtmfReceived) and (keys is None or event.digit in keys):
            return event.digit


@define(eq=False)
class Keys:
    """The keys the customer presses, in their order, from the moment this was made.

    Attributes:
        wanted: all others count for nothing; None where every key counts.
    """

    _router: Router
    _channel: str
    wanted: Container[str] | None = None
    _events: Subscription = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._events = self._router.subscribe(self._channel)

    async def next(self) -> str:
        """Wait for the next key."""
        return await pressed(self._events, self.wanted)

    async def within(self, seconds: float) -> str | None:
        """The next key if it is pressed in time."""
        with trio.move_on_after(seconds):
            return await self.next()
        return None

    def forget(self) -> None:
        """Let what was pressed so far not count."""
        self.close()
        self._events = self._router.subscribe(self._channel)

    def close(self) -> None:
        """Hear no more."""
        self._events.close()


@contextmanager
def keys_of(call: CallContext, wanted: Container[str] | None = None) -> Iterator[Keys]:
    """The keys that the customer presses from now on."""
    keys = Keys(call.services.pbx.router, call.customer.id, wanted)
    try:
        yield keys
    finally:
        keys.close()


async def speak(call: CallContext, template: str) -> bool:
    """Speak a text to its end; False where it could not be spoken, or not be played.

    Raises:
        AriLost: the PBX did not answer.
    """
    media = await spoken(call, template, LONGEST_SYNTHESIS)
    return media is not None and await call.talk.play(media)


async def utter(call: CallContext, step: Uttering) -> bool:
    """Play the prompt of a step, or speak its text, to the end; False where the text could not be spoken.

    A prompt that cannot be played is passed over, as `play_prompt` does.

    Raises:
        AriLost: the PBX did not answer.
    """
    if step.text is not None:
        return await speak(call, step.text)
    if step.prompt is not None:
        await call.talk.play(call.media(step.prompt))
    return True


async def ask(call: CallContext, step: Menu | CollectDigits, keys: Keys) -> bool | Pressed:
    """Utter what the step asks. With `barge_in` a key ends it at once and is what is returned; otherwise none counts yet.

    Raises:
        AriRefused: what played could not be stopped.
        AriLost: the PBX did not answer.
    """
    if step.barge_in:
        return await unless_pressed(keys, partial(utter, call, step), partial(call.talk.playing, call.beside))
    uttered = await utter(call, step)
    keys.forget()
    return uttered


async def unless_pressed(keys: Keys, work: Work[T], during: During[T]) -> T | Pressed:
    """Do some work and return what it does; a key ends it before.

    Raises:
        CallEngineError: as the work did, or as `during` does at its end.
    """
    over = trio.CancelScope()

    async def working() -> T:
        try:
            return await work()
        finally:
            over.cancel()

    async with during(working) as companion:
        with over:
            return Pressed(await keys.next())
        return await companion.result()
