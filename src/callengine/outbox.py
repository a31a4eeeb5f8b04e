"""The service that tells the panel what it is still to be told, until it has accepted it."""

from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

import structlog
import trio
from attrs import define, field

from callengine.errors import PanelError, PanelUnavailable, StoreError
from callengine.model import Ambient, Book, Message, Store
from callengine.panel import Teller

AT_ONCE = 8
"""Subjects the panel is told about at the same time."""

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 300.0
"""Seconds between two tries of a message; the pause doubles from the first to the longest."""

LONGEST_ASKED_FOR = 3600.0
"""Seconds the panel may ask us to wait; it is tried again after so long whatever it asked for."""

LONGEST_SLEEP = 60.0
"""Seconds until the store is looked at again though nothing is due: somebody may have set the clock."""

STORE_PAUSE = 5.0
"""Seconds until a store that failed is asked again."""

STORE_PATIENCE = 10.0
"""Seconds that writing down what the panel has accepted may take when the engine ends."""

_ALL_OF_IT = {None, 429, 502, 503, 504}
"""Failures of the panel as a whole, or of the way to it; by any other it may have failed over one message alone."""

log = structlog.get_logger()

T = TypeVar("T")


@define(eq=False)
class Outbox:
    """Sends the messages of the store: those about one subject in order, those about others meanwhile.

    Each is sent under its own id as the idempotency key, however often. While the panel is down it is tried with one message
    at a time; the others keep their turns and go as soon as it is back.
    """

    store: Store
    panel: Teller
    ambient: Ambient
    _telling: set[str] = field(factory=set, init=False)
    _news: trio.Event = field(factory=trio.Event, init=False)
    _failures: int = field(default=0, init=False)
    _down_until: float = field(default=0.0, init=False)

    def poke(self) -> None:
        """Something was posted; it would else be found within a minute."""
        self._news.set()
        self._news = trio.Event()

    async def run(self, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Send until cancelled."""
        async with trio.open_nursery() as nursery:
            task_status.started()
            while True:
                news = self._news
                try:
                    wait = await self._send_due(nursery)
                except StoreError as error:
                    log.warning("The outbox cannot be read", reason=str(error), retry_seconds=STORE_PAUSE)
                    wait = STORE_PAUSE
                with trio.move_on_after(wait):
                    await news.wait()

    async def drained(self, seconds: float) -> bool:
        """Wait until the panel has accepted everything, but no longer than some seconds; returns whether it has.

        Raises:
            StoreError: the store cannot be read.
        """
        with trio.move_on_after(seconds):
            while True:
                news = self._news
                if not await self.store.read(lambda book: book.outbox.waiting()):
                    return True
                await news.wait()
        return False

    async def _send_due(self, nursery: trio.Nursery) -> float:
        """Begin to send what is due and may be sent; returns the seconds until there may be more."""
        down = self._down_until - trio.current_time()
        if down > 0:
            return down
        free = (1 if self._failures else AT_ONCE) - len(self._telling)
        if free <= 0:
            return LONGEST_SLEEP
        now, beside = self.ambient.wall(), frozenset(self._telling)
        due, next_due = await self.store.read(lambda book: (book.outbox.pending(now, free, beside), book.outbox.next_due()))
        for message in due:
            self._telling.add(message.subject)
            nursery.start_soon(self._tell, message)
        if due or next_due is None:
            return LONGEST_SLEEP if len(due) == free or not due else 0.0
        return min(max((next_due - now).total_seconds(), FIRST_PAUSE), LONGEST_SLEEP)

    async def _tell(self, message: Message) -> None:
        try:
            await self.panel.tell(message.path, message.body, message.id)
        except PanelError as error:
            await self._failed(message, error)
        else:
            await self._accepted(message)
        self._telling.discard(message.subject)
        self.poke()

    async def _accepted(self, message: Message) -> None:
        self._panel_is_up()
        at = self.ambient.wall()

        def unit(book: Book) -> None:
            book.outbox.accepted(message.id, at)
            for pause in book.pauses.in_force() if message.pauses else ():
                if pause.since <= message.at:
                    book.pauses.told(pause.id)

        await self._write(unit)

    async def _failed(self, message: Message, error: PanelError) -> None:
        pause = min(FIRST_PAUSE * 2.0 ** min(message.tries, 16), LONGEST_PAUSE)
        if isinstance(error, PanelUnavailable):
            pause = max(self._jittered(pause), min(error.retry_after or 0.0, LONGEST_ASKED_FOR))
        if isinstance(error, PanelUnavailable) and error.status in _ALL_OF_IT:
            self._panel_is_down(error)
        else:
            self._panel_is_up()
        if not isinstance(error, PanelUnavailable):
            pause = self._jittered(LONGEST_PAUSE)
            if message.error != str(error):
                log.error(
                    "The panel refuses a message, which is kept and tried again", subject=message.subject, reason=str(error)
                )
        again_at = self.ambient.wall() + timedelta(seconds=pause)
        await self._write(lambda book: book.outbox.failed(message.id, str(error), again_at))

    def _panel_is_up(self) -> None:
        if self._failures:
            log.info("The panel is back")
        self._failures, self._down_until = 0, 0.0

    def _panel_is_down(self, error: PanelUnavailable) -> None:
        if trio.current_time() < self._down_until:  # others were under way when the first of them failed
            return
        pause = self._jittered(min(FIRST_PAUSE * 2.0 ** min(self._failures, 16), LONGEST_PAUSE))
        pause = max(pause, min(error.retry_after or 0.0, LONGEST_ASKED_FOR))
        if not self._failures:
            log.warning("The panel is down; what it is to be told waits", reason=str(error), retry_seconds=round(pause, 1))
        self._failures += 1
        self._down_until = trio.current_time() + pause

    def _jittered(self, seconds: float) -> float:
        return seconds * self.ambient.rng.uniform(0.75, 1.0)

    async def _write(self, unit: Callable[[Book], None]) -> None:
        """Write what came of a try. What is not written is tried again under the same key, after a while."""
        try:
            with trio.CancelScope(shield=True), trio.fail_after(STORE_PATIENCE):
                await self.store.write(unit)
        except (StoreError, trio.TooSlowError) as error:
            log.warning("The outbox cannot be written", reason=str(error) or "it takes too long", retry_seconds=STORE_PAUSE)
            await trio.sleep(STORE_PAUSE)
