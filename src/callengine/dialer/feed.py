"""Contacts from the panel, and its word on who may be called with what: asked for again and again."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Protocol

import structlog
import trio
from attrs import define, field, frozen

from callengine.dialer.batch_intake import BatchIntake, NumberRules
from callengine.dialer.panel_word import PanelWord
from callengine.errors import PanelError, PanelUnavailable, StoreError, WrongShape
from callengine.model import Ambient, ContactState, Refused, Store
from callengine.panel import Announcement, Reporter, announcement_of

ENOUGH = 1000
"""Contacts that may be pending before no more are asked for, if two batches are less."""

LARGEST_KEPT = 64 * 1024
"""Bytes of an answer that are kept for inspection."""

LARGEST_AT_ONCE = 64 * 1024
"""Bytes of an answer that is read where it came; a longer one is read in a thread."""

SHORTEST_POLL = 1.0
"""Seconds between two questions, whatever the panel asks for."""

LONGEST_POLL = 3600.0
"""Seconds the panel may ask us to wait."""

log = structlog.get_logger()


class Batches(Protocol):
    """Whoever gives out contacts."""

    async def next_batch(self, size: int | None) -> bytes:
        """As `PanelClient.next_batch`."""
        ...


@frozen
class FeedRules:
    """How the panel is asked.

    Attributes:
        campaign: that its contacts belong to.
        size: contacts asked for at once; 0 leaves it to the panel.
        poll_seconds: between two questions where the panel names no time.
    """

    campaign: str
    size: int = 0
    poll_seconds: float = 60.0

    @property
    def enough(self) -> int:
        """Pending contacts from which on no more are asked for."""
        return max(2 * self.size, ENOUGH)


async def _nobody(_asked_at: datetime) -> None:
    await trio.lowlevel.checkpoint()


@define(eq=False)
class PanelFeed:
    """Asks the panel for contacts and writes them into the store, where whoever dials finds them.

    A panel that is down or talks nonsense changes nothing: what was accepted before goes on.

    Args:
        word: the panel's word on everything but contacts; `Reporter.known` reads it, too.
        number: the rules of contacts' numbers.
        posted: told when something waits in the outbox.
        stored: told when there are new contacts.
        resumed_by_panel: told when the panel allows calls, with the moment at which it was asked: pauses that it had been told
            of by then are over.

    Attributes:
        seen_end: the last answer allowed calls and brought nobody new.
    """

    panel: Batches
    store: Store
    ambient: Ambient
    rules: FeedRules
    word: PanelWord
    reporter: Reporter
    number: NumberRules
    posted: Callable[[], None] = lambda: None
    stored: Callable[[], None] = lambda: None
    resumed_by_panel: Callable[[datetime], Awaitable[None]] = _nobody
    seen_end: bool = field(default=False, init=False)
    _failures: int = field(default=0, init=False)
    _thread: trio.CapacityLimiter = field(factory=lambda: trio.CapacityLimiter(1), init=False)
    _hungry: trio.Event = field(factory=trio.Event, init=False)
    _may_hurry: bool = field(default=False, init=False)

    @property
    def allowed(self) -> bool:
        """Whether the panel's last word allows calls. Before its first ever it does not."""
        return self.word.allowed

    async def wait_allowed(self) -> None:
        """Wait until the panel's word allows calls."""
        await self.word.wait_allowed()

    def hurry(self) -> None:
        """Nobody is left to call: ask now, if the last answer brought somebody and named no time."""
        self._hungry.set()

    async def run(self, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Ask until cancelled. It has started when the panel's last word of an earlier run is in force again.

        Raises:
            StoreError: that word cannot be read.
        """
        await self.word.recall(self.store)
        task_status.started()
        while True:
            self._hungry = trio.Event()
            self._may_hurry = False
            wait = min(max(await self._ask(), SHORTEST_POLL), LONGEST_POLL)
            await trio.sleep(SHORTEST_POLL)
            with trio.move_on_after(wait - SHORTEST_POLL):
                if self._may_hurry:
                    await self._hungry.wait()
                else:
                    await trio.sleep_forever()

    async def _ask(self) -> float:
        """One question; returns the seconds until the next."""
        try:
            full, paused = await self._state()
            if full and self.allowed and not paused:
                return self.rules.poll_seconds
            asked_at = self.ambient.wall()
            answer = await self._read(await self.panel.next_batch(1 if full else self.rules.size or None))
            await self._take(answer, end=not full)
            if answer.call_allowed:
                await self.resumed_by_panel(asked_at)
        except WrongShape as error:
            await self._keep(error)
        except PanelError as error:
            return self._unanswered(error)
        except StoreError as error:
            log.warning("The store failed while the panel was asked", reason=str(error))
        else:
            return self.rules.poll_seconds if answer.retry_after is None else answer.retry_after
        return self.rules.poll_seconds

    async def _state(self) -> tuple[bool, bool]:
        """Whether enough contacts wait, and whether calls are paused.

        With enough at hand the panel is asked only where calls wait for its word, and then for one contact.
        """
        counts, pauses = await self.store.read(lambda book: (book.contacts.counts(self.rules.campaign), book.pauses.in_force()))
        return counts.get(ContactState.PENDING, 0) >= self.rules.enough, bool(pauses)

    async def _read(self, body: bytes) -> Announcement:
        if len(body) <= LARGEST_AT_ONCE:
            return announcement_of(body)
        return await trio.to_thread.run_sync(announcement_of, body, limiter=self._thread)

    async def _take(self, answer: Announcement, *, end: bool) -> None:
        """Have an answer count.

        Args:
            end: nobody in it means that there is nobody.
        """
        if self._failures:
            log.info("The panel answers again")
            self._failures = 0
        self.word.hear(answer)
        added = 0
        if answer.batch is not None:
            intake = BatchIntake(answer.batch, self.rules.campaign, self.store, self.ambient, self.reporter, self.number)
            await intake.take()
            added = intake.added
            log.info("Batch taken", batch=answer.batch.id, numbers=len(answer.batch.numbers), new=added, refused=intake.posted)
            self.posted()
        self.seen_end = answer.call_allowed and end and not added
        self._may_hurry = bool(added) and answer.retry_after is None
        if added:
            self.stored()
        await self.word.keep(self.store)

    def _unanswered(self, error: PanelError) -> float:
        """Say once that the panel does not answer; returns the seconds until it is asked again."""
        if not self._failures:
            log.warning("The panel gives no contacts; accepted work goes on", reason=str(error))
        self._failures += 1
        wait = min(2.0 ** min(self._failures, 16), self.rules.poll_seconds) * self.ambient.rng.uniform(0.75, 1.0)
        if isinstance(error, PanelUnavailable):
            return max(wait, error.retry_after or 0.0)
        return self.rules.poll_seconds

    async def _keep(self, error: WrongShape) -> None:
        log.warning("The panel's answer is refused whole", reason=error.reason)
        body = error.body.encode("utf-8", "backslashreplace")[:LARGEST_KEPT].decode("utf-8", "ignore")
        refused = Refused(self.ambient.wall(), error.reason, body)
        try:
            await self.store.write(lambda book: book.inspection.keep(refused))
        except StoreError as failure:
            log.warning("An answer of the panel cannot be kept", reason=str(failure))
