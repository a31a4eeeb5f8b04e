"""When the dialler pauses itself, and what lets it go on."""

import math
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial

import structlog
import trio
from attrs import define, field, frozen

from callengine.dialer.settlement import Over, Unit
from callengine.errors import BalanceExhausted, ProviderError, ProviderThrottled, StoreError
from callengine.model import Ambient, Attempt, AttemptId, AttemptState, Book, Cause, Pause, PauseKind, Result, Store

LOOK_EVERY = 1.0
"""Seconds between two looks at the store: another process may have paused or resumed."""

DISK_EVERY = 10.0
"""Seconds between two looks at the disk."""

ON_ITS_WAY = timedelta(seconds=20)
"""Within this time a pause of ours stands in the store; it is in force from the moment it begins."""

LONGEST_SHED = 300.0
"""Seconds for which no calls are placed at most because a provider asked for patience."""

OURS = frozenset[PauseKind]({"failures", "balance"})
"""Those that the panel may end; a pause on purpose ends on purpose, and a full disk by itself."""

NO_FAILURE = frozenset(
    map(Result, ("failed:do_not_dial", "failed:no_scenario", "failed:unknown_zone", "failed:shutdown", "failed:restart"))
)
"""Results that say nothing of whether calls can be placed."""

log = structlog.get_logger()


@frozen
class AlertRules:
    """When to pause.

    Attributes:
        threshold: failures in a row; 0 for never.
        probe: seconds after which one contact is called to see whether calls work again; 0.0 for never.
        least_free: MiB of the store's disk; 0 for no such limit.
    """

    threshold: int = 3
    probe: float = 0.0
    least_free: int = 0


def failed(attempt: Attempt) -> bool | None:
    """Whether an attempt counts as a failure; None if it says nothing either way."""
    if attempt.outcome is None or attempt.state is AttemptState.NEVER_PLACED:
        return None
    if attempt.outcome.result in NO_FAILURE or attempt.outcome.cause in (Cause.SHUTDOWN, Cause.DO_NOT_DIAL):
        return None
    return attempt.outcome.result.startswith("failed:")


@define(eq=False)
class Incidents:
    """Pauses the dialler, tells the admins once for each incident, and knows what may end it.

    A pause stands in the store: it outlives a restart, and other processes may begin and end one.

    Args:
        alert: tells the admins a sentence; what goes wrong with that is its own affair.
        free: MiB free on the store's disk; None where that cannot be known.
    """

    store: Store
    ambient: Ambient
    rules: AlertRules
    alert: Callable[[str], Awaitable[None]]
    free: Callable[[], Awaitable[int | None]] | None = None
    _in_force: dict[str, Pause] = field(factory=dict, init=False)
    _unwritten: dict[str, Pause] = field(factory=dict, init=False)
    _unseen: dict[str, Pause] = field(factory=dict, init=False)
    """Of ours, those that the store has not shown yet."""
    _row: int = field(default=0, init=False)
    _began: datetime = field(init=False)
    """Calls of before say nothing of whether calls can be placed now."""
    _shed_until: float = field(default=-math.inf, init=False)
    _probe_at: datetime | None = field(default=None, init=False)
    _probe: AttemptId | None = field(default=None, init=False)
    _probe_due: bool = field(default=False, init=False)
    _changed: trio.Event = field(factory=trio.Event, init=False)
    _news: trio.Event = field(factory=trio.Event, init=False)
    _disk_at: float = field(default=-math.inf, init=False)
    _alerts: trio.Nursery = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._began = self.ambient.wall()

    @property
    def in_force(self) -> tuple[Pause, ...]:
        """Why no calls are placed now."""
        return tuple(self._in_force.values())

    @property
    def paused_by_itself(self) -> bool:
        """Whether the panel is to be told that we have paused."""
        return any(pause.kind in OURS for pause in self._in_force.values())

    def is_open(self) -> bool:
        """Whether new calls may be placed, or a single one to see whether they may be."""
        return self._probe_due or not (self._in_force or trio.current_time() < self._shed_until)

    async def wait_open(self) -> None:
        """Wait until `is_open` may have changed."""
        patience = max(0.0, self._shed_until - trio.current_time()) if not self._in_force else math.inf
        with trio.move_on_after(patience):
            await self._changed.wait()

    def is_probe(self, attempt: AttemptId) -> bool:
        """Whether this call is to be placed in spite of the pause."""
        return self._probe == attempt

    def begun(self, attempt: Attempt) -> None:
        """The intent of a call is written. Of those that begin during a pause, only the first one does."""
        if self._probe_due:
            self._probe_due, self._probe = False, attempt.id
            log.info("One contact is called to see whether calls work again", attempt=attempt.id)

    def unit(self, over: Over) -> Unit | None:
        """Count the end of a call; a pause that comes of it is written in the same transaction."""
        if not isinstance(over, Attempt):
            return None
        failure = failed(over) if over.intended_at >= self._began else None
        if over.id == self._probe:
            self._probe = None
            self._probe_at = self.ambient.wall() + timedelta(seconds=self.rules.probe)
            if failure is False:
                return self._ended_by_probe()
        if failure is None:
            return None
        self._row = self._row + 1 if failure else 0
        if not self.rules.threshold or self._row < self.rules.threshold:
            return None
        reason = f"{self._row} calls in a row failed, the last as {over.outcome.result if over.outcome else 'unknown'}"
        pause = self._begin("failures", reason)
        if pause is None:
            return None
        return partial(_written, pause)

    def provider_failed(self, error: ProviderError) -> None:
        """A speech, language or message provider did not deliver."""
        match error:
            case BalanceExhausted():
                self._write_by_itself(self._begin("balance", f"an account is empty: {error}"))
            case ProviderThrottled(retry_after=float() as seconds):
                self._shed_until = max(self._shed_until, trio.current_time() + min(seconds, LONGEST_SHED))
                log.warning("A provider asks for patience: no new calls", seconds=min(seconds, LONGEST_SHED))

    async def resumed_by_panel(self, asked_at: datetime) -> None:
        """The panel allows calls. That ends pauses of ours which it had been told of when it was asked."""
        await self._look()
        told = [pause for pause in self._in_force.values() if pause.kind in OURS and pause.told and pause.since < asked_at]
        if told:
            await self._end(frozenset(pause.kind for pause in told), "the panel")

    async def run(self, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Watch until cancelled. In service once it is known whether an earlier run was paused."""
        await self._look()
        for pause in self._in_force.values():
            log.warning("Dialling is paused still", kind=pause.kind, reason=pause.reason, since=pause.since.isoformat())
        task_status.started()
        async with trio.open_nursery() as self._alerts:
            while True:
                try:
                    await self._write_down()
                    await self._look()
                    await self._look_at_disk()
                except StoreError as error:
                    log.warning("Pauses cannot be read or written", reason=str(error))
                self._consider_probe()
                self._news = trio.Event()
                with trio.move_on_after(LOOK_EVERY if self.store.shared or self._in_force else math.inf):
                    await self._news.wait()

    def _begin(self, kind: PauseKind, reason: str) -> Pause | None:
        """Pause at once; None if one of this kind is in force already."""
        if any(pause.kind == kind for pause in self._in_force.values()):
            return None
        pause = Pause(self.ambient.new_id(), kind, reason, self.ambient.wall())
        self._in_force[pause.id] = self._unseen[pause.id] = pause
        self._probe_at = pause.since + timedelta(seconds=self.rules.probe)
        log.error("Dialling is paused", kind=kind, reason=reason)
        text = f"callengine has paused dialling: {pause.reason}. Resume with: callengine campaign resume"
        self._alerts.start_soon(self.alert, text)
        return pause

    def _write_by_itself(self, pause: Pause | None) -> None:
        """Have a pause written that comes of no call's end."""
        if pause is not None:
            self._unwritten[pause.id] = pause
            self._news.set()

    async def _write_down(self) -> None:
        for pause in tuple(self._unwritten.values()):
            await self.store.write(partial(_written, pause))
            self._unwritten.pop(pause.id, None)

    async def _look(self) -> None:
        """What stands in the store holds, and what is on its way there."""
        before = set(self._in_force)
        stored = {pause.id: pause for pause in await self.store.read(lambda book: book.pauses.in_force())}
        lately = self.ambient.wall() - ON_ITS_WAY
        self._unseen = {name: each for name, each in self._unseen.items() if name not in stored and each.since > lately}
        self._in_force = {**self._unseen, **stored}
        if before - set(self._in_force):
            self._row = 0
            log.info("Dialling goes on" if not self._in_force else "A pause is over; another is in force")
        if before != set(self._in_force):
            self._changed.set()
            self._changed = trio.Event()

    async def _look_at_disk(self) -> None:
        if self.free is None or not self.rules.least_free or trio.current_time() < self._disk_at:
            return
        self._disk_at = trio.current_time() + DISK_EVERY
        free = await self.free()
        full = [pause for pause in self._in_force.values() if pause.kind == "disk"]
        if free is not None and free < self.rules.least_free:
            self._write_by_itself(self._begin("disk", f"{free} MiB are free on the store's disk, less than STORE_MIN_FREE_MB"))
        elif full:
            await self._end(frozenset[PauseKind]({"disk"}), "there is room again")

    async def _end(self, kinds: frozenset[PauseKind], by: str) -> None:
        now = self.ambient.wall()
        await self.store.write(lambda book: book.pauses.end(now, by, kinds=kinds))
        self._forget(kinds)
        await self._look()

    def _ended_by_probe(self) -> Unit:
        now = self.ambient.wall()
        self._forget(OURS)
        self._row = 0
        log.info("A call worked: dialling goes on")
        return partial(_ended, now, "a call that worked")

    def _forget(self, kinds: frozenset[PauseKind]) -> None:
        for pauses in (self._in_force, self._unwritten, self._unseen):
            for pause in [each for each in pauses.values() if each.kind in kinds]:
                del pauses[pause.id]
        self._changed.set()
        self._changed = trio.Event()

    def _consider_probe(self) -> None:
        only_ours = bool(self._in_force) and all(pause.kind in OURS for pause in self._in_force.values())
        due = self._probe_at is not None and self.ambient.wall() >= self._probe_at
        if self.rules.probe and only_ours and due and self._probe is None and not self._probe_due:
            self._probe_due = True
            self._changed.set()
            self._changed = trio.Event()


def _written(pause: Pause, book: Book) -> None:
    book.pauses.begin(pause)


def _ended(at: datetime, by: str, book: Book) -> None:
    book.pauses.end(at, by, kinds=OURS)
