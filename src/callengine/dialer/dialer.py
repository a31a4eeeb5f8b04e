"""The nursery of outbound calls: take a contact, lease a slot, write down the intent, start the call, settle."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Generic, TypeVar

import attrs
import structlog
import trio
from attrs import define, field

from callengine.dialer.assignment import Assigned, Assignment, Compiled
from callengine.dialer.attempt import AttemptLife
from callengine.dialer.call_windows import CallWindows
from callengine.dialer.contacts import ContactSource
from callengine.dialer.gates import Gates
from callengine.dialer.hopper import Hopper
from callengine.dialer.rates import ChargedLease
from callengine.dialer.settlement import Settlement
from callengine.errors import CallEngineError, ContactTaken, DoNotDial, NumberBusy, StoreError
from callengine.lines.windows import OPEN
from callengine.model import (
    Ambient,
    Attempt,
    AttemptId,
    AttemptState,
    Book,
    CallId,
    CallResult,
    Cause,
    ChannelId,
    ChartId,
    Contact,
    Digits,
    Lease,
    LeaseRequest,
    LineId,
    Lines,
    Purpose,
    Result,
    Writer,
)

log = structlog.get_logger()

C = TypeVar("C", bound=Compiled)

Place = Callable[[Attempt, Lease, C, AttemptLife], Awaitable[CallResult]]
"""Runs one call to its end.

It owns the lease from the moment it is called and sees to its release, by a reaper if need be. It takes the lease's turn,
says `life.placed()`, and sends the originate request, without a wait in between and shielded to its answer; then
`lease.placed()`. Cancelled before that, the attempt was never placed.
"""

DO_NOT_DIAL = Result("failed:do_not_dial")
NO_SCENARIO = Result("failed:no_scenario")

WHILE_BUSY = timedelta(seconds=60)
"""A contact whose number is being dialled for another contact is due again after so long."""

STORE_PATIENCE = 10.0
"""Seconds a write may take; the store bounds its own waits below this."""


@define(eq=False)
class _Call(Generic[C]):
    life: AttemptLife
    lease: Lease
    chart: C
    scope: trio.CancelScope = field(factory=trio.CancelScope)


class Dialer(Generic[C]):
    """Calls every contact of a source, never more at once than the lines have slots.

    A task is started only for a lease it holds and an intent that is written. A contact whom only the rate limits of
    scenarios keep waiting lets others go first; one whom no active scenario fits is not called.

    Args:
        gates: what must be the case before a call is placed.
        windows: the hours of each contact; None where they may be called at any time.
        settlement: how the ends of calls are written down.
        pace: waits until one more call may be placed for the operators there are; asked last before each lease.
        rehearsal: another telephone is dialled than the contact's.
    """

    def __init__(
        self,
        *,
        contacts: ContactSource,
        lines: Lines,
        writer: Writer,
        assignment: Assignment[C],
        place: Place[C],
        ambient: Ambient,
        gates: Gates | None = None,
        settlement: Settlement | None = None,
        windows: CallWindows | None = None,
        pace: Callable[[], Awaitable[None]] = trio.lowlevel.checkpoint,
        rehearsal: bool = False,
    ) -> None:
        self._contacts = Hopper(contacts, assignment)
        self._taken: Contact | None = None
        self._lines = lines
        self._writer = writer
        self._assignment = assignment
        self._place = place
        self._ambient = ambient
        self._gates = gates or Gates()
        self._settlement = settlement or Settlement(ambient)
        self._windows = windows
        self._pace = pace
        self._rehearsal = rehearsal
        self._taking = trio.CancelScope()
        self._calls: dict[AttemptId, _Call[C]] = {}

    @property
    def live(self) -> tuple[Attempt, ...]:
        """Attempts under way, the oldest first."""
        return tuple(call.life.attempt for call in self._calls.values())

    @property
    def awaits_turn(self) -> bool:
        """Whether the intent of a call is written, and its request is not sent yet."""
        return any(not call.life.was_placed for call in self._calls.values())

    @property
    def waiting(self) -> tuple[Contact, ...]:
        """Contacts taken from the source whose intents are not written yet.

        When `run` has returned or raised, those here were not called and are to be offered again.
        """
        taken = () if self._taken is None else (self._taken,)
        return (*taken, *self._contacts.aside)

    def stop(self) -> None:
        """No new calls: attempts not yet placed are withdrawn, calls under way go on. `run` returns when they are over."""
        self._taking.cancel()
        for call in self._calls.values():
            if not call.life.was_placed:
                call.scope.cancel()

    async def run(self) -> None:
        """Call everybody; returns when the source is at its end, or `stop` was called, and all calls are over.

        Cancelled, it cancels its calls, and settles what it can of them within a bounded time.

        Raises:
            ConfigError: the source failed.
            StoreError: an intent could not be written, so nobody else was called.
            Either is raised when the calls under way are over.
        """
        failure: CallEngineError | None = None
        async with trio.open_nursery() as calls:
            with self._taking:
                try:
                    await self._take_contacts(calls)
                except CallEngineError as error:
                    log.error("No more calls are started", reason=str(error))
                    failure = error
        if failure is not None:
            raise failure

    def block(self, number: Digits) -> tuple[CallId, ...]:
        """A number has been put on the do-not-dial list: calls to it that wait for their turn are withdrawn.

        Returns:
            calls to it that ring already.
        """
        ringing: list[CallId] = []
        for call in self._calls.values():
            if call.life.attempt.contact.number == number and not _answered(call.life):
                call.life.blocked = True
                if call.life.was_placed:
                    ringing.append(call.life.attempt.call)
        return tuple(ringing)

    async def _take_contacts(self, calls: trio.Nursery) -> None:
        async for contact in self._contacts:
            self._taken = contact
            call = await self._call_for(contact)
            self._taken = None
            if call is not None:
                self._calls[call.life.attempt.id] = call
                self._settlement.begins(call.life.attempt)
                calls.start_soon(self._run, call)

    async def _call_for(self, contact: Contact) -> _Call[C] | None:
        """A call whose intent is written; None where the contact is set aside, put off, or must not be called."""
        while True:
            await self._gates.wait_open()
            await self._assignment.wait_active()
            if not self._assignment.serves(contact):
                await self._decline(self._attempt(contact), NO_SCENARIO, "no active scenario fits this contact")
                return None
            if not await self._is_time_for(contact):
                return None
            if self._assignment.due_at(contact) != OPEN:
                self._contacts.set_aside(contact)
                return None
            await self._pace()
            leased = await self._lease_for(contact)
            if leased is not None:
                return await self._intend(contact, *leased)

    async def _is_time_for(self, contact: Contact) -> bool:
        """Whether the contact may be called at this hour; otherwise they are put off, or declined if nobody can say when."""
        if self._windows is None:
            return True
        now = self._ambient.wall()
        opening = self._windows.opens_at(contact, now)
        if opening is None:
            why = self._windows.why_never(contact)
            await self._decline(self._attempt(contact), why, "nobody can say when this contact may be called")
            return False
        if opening > now:
            await self._put_off(contact, opening)
        return opening <= now

    async def _put_off(self, contact: Contact, until: datetime) -> None:
        await self._write(lambda book: book.contacts.postpone(contact.id, until))

    async def _lease_for(self, contact: Contact) -> tuple[Lease, Assigned[C]] | None:
        """A slot, and a scenario chosen as late as possible: the wait may last until tomorrow. None if it has come too late."""
        lease = await self._lines.lease(LeaseRequest(Purpose.OUTBOUND))
        now = self._ambient.wall()
        in_time = not self._gates.closed and (self._windows is None or self._windows.opens_at(contact, now) == now)
        assigned = self._assignment.outbound(contact) if in_time else None
        if assigned is None:
            lease.release()
            return None
        return lease, assigned

    async def _intend(self, contact: Contact, lease: Lease, assigned: Assigned[C]) -> _Call[C] | None:
        """Write the intent; None, with the lease released, when the number must not be dialled, or not now."""
        scenario = assigned.scenario
        attempt = attrs.evolve(
            self._attempt(contact, line=lease.line.id, scenario=scenario.name, chart=scenario.flow.id),
            channel=ChannelId(self._ambient.new_id()),
            rehearsal=self._rehearsal,
        )
        life = AttemptLife(attempt)
        lease = ChargedLease(lease, assigned.charge, on_placed=lambda: life.request_answered(self._ambient.wall()))
        try:
            await self._write(lambda book: book.intend(attempt))
        except DoNotDial as refusal:
            lease.release()
            await self._decline(attempt, DO_NOT_DIAL, str(refusal))
            return None
        except ContactTaken as taken:
            lease.release()
            log.info("Contact is not called", number=contact.number, reason=str(taken))
            return None
        except NumberBusy:
            lease.release()
            await self._put_off(contact, self._ambient.wall() + WHILE_BUSY)
            return None
        except BaseException:
            lease.release()
            raise
        call = _Call(life, lease, scenario.flow)
        if self._taking.cancel_called:
            call.scope.cancel()
        return call

    def _attempt(self, contact: Contact, *, line: str = "", scenario: str = "", chart: str = "") -> Attempt:
        return Attempt(
            id=AttemptId(self._ambient.new_id()),
            contact=contact,
            call=CallId(self._ambient.new_id()),
            line=LineId(line),
            scenario=scenario,
            chart=ChartId(chart),
            intended_at=self._ambient.wall(),
        )

    async def _decline(self, attempt: Attempt, result: Result, reason: str) -> None:
        outcome = CallResult(result, Cause.REFUSED, answered=False, detail=reason)
        declined = attrs.evolve(attempt, state=AttemptState.NEVER_PLACED, outcome=outcome, channel=None)
        try:
            await self._write(self._settlement.declined(declined))
        except ContactTaken as taken:
            log.info("Contact is not called", number=attempt.contact.number, reason=str(taken))
            return
        self._settlement.written(declined)
        log.info("Contact is not called", number=attempt.contact.number, reason=reason)

    async def _run(self, call: _Call[C]) -> None:
        """One call from its written intent to its written end.

        Whatever breaks in it stays in it, so every exception is caught here, logged, and becomes the call's outcome.
        """
        outcome: CallResult | None = None
        try:
            with call.scope:
                outcome = await self._place(call.life.attempt, call.lease, call.chart, call.life)
        except Exception as error:
            log.exception("A call broke", attempt=call.life.attempt.id)
            outcome = CallResult(Result("failed:bug"), Cause.BUG, _answered(call.life), detail=repr(error))
        finally:
            interrupted = CallResult(Result("failed:shutdown"), Cause.SHUTDOWN, _answered(call.life))
            await self._settle(call, outcome or interrupted)

    async def _settle(self, call: _Call[C], outcome: CallResult) -> None:
        call.life.settle(outcome)
        if not call.life.was_placed:
            call.lease.release()
        settled = call.life.attempt
        try:
            await self._write(self._settlement.attempt(settled))
        except StoreError as error:
            log.error("An outcome was not written; its attempt stays open", attempt=settled.id, reason=str(error))
        del self._calls[settled.id]
        self._settlement.written(settled)

    async def _write(self, unit: Callable[[Book], None]) -> None:
        """Write to the end, even when cancelled: half a doubt whether an intent is written is one too many."""
        try:
            with trio.fail_after(STORE_PATIENCE, shield=True):
                await self._writer.write(unit)
        except trio.TooSlowError as error:
            raise StoreError(f"the store did not answer within {STORE_PATIENCE:.0f} s") from error


def _answered(life: AttemptLife) -> bool:
    return life.attempt.state is AttemptState.ANSWERED
