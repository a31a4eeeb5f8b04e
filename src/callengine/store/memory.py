"""A book kept in memory: for simulations, tests, and runs that need not survive a restart."""

from collections import ChainMap
from collections.abc import Callable, Iterable, Mapping, MutableMapping, Set
from typing import TypeVar

import trio

from callengine.errors import DoNotDial, StoreError
from callengine.model import Attempt, AttemptId, AttemptState, Book, Callback, CallId, Digits, Received

T = TypeVar("T")

S = AttemptState
FINAL = frozenset({S.SETTLED, S.UNKNOWN, S.NEVER_PLACED})
"""States that absorb: whatever arrives later changes nothing."""

NEXT: Mapping[AttemptState, frozenset[AttemptState]] = {
    S.INTENDED: frozenset({S.PLACED, S.RINGING, S.ANSWERED}) | FINAL,
    S.PLACED: frozenset({S.RINGING, S.ANSWERED, S.SETTLED, S.UNKNOWN}),
    S.RINGING: frozenset({S.ANSWERED, S.SETTLED, S.UNKNOWN}),
    S.ANSWERED: frozenset({S.SETTLED, S.UNKNOWN}),
}
"""What may follow in the book. States may be skipped, because not every one is written; none is taken back."""


class _Page:
    """What one unit of work sees and writes; the book's own records stay as they are beneath it."""

    def __init__(
        self,
        records: MutableMapping[AttemptId, Attempt],
        received: MutableMapping[CallId, Received],
        do_not_dial: Set[Digits],
    ) -> None:
        self.written: dict[AttemptId, Attempt] = {}
        self.received: dict[CallId, Received] = {}
        self.opted_out: set[Digits] = set()
        self.callbacks: list[Callback] = []
        self._records = ChainMap(self.written, records)
        self._received = ChainMap(self.received, received)
        self._do_not_dial = do_not_dial

    def permit(self, number: Digits) -> None:
        if number in self._do_not_dial or number in self.opted_out:
            raise DoNotDial(f"{number} is on the do-not-dial list")

    def intend(self, attempt: Attempt) -> None:
        self.permit(attempt.contact.number)
        if attempt.state is not S.INTENDED:
            raise StoreError(f"attempt {attempt.id} cannot begin as {attempt.state.value}")
        self._begin(attempt)

    def decline(self, attempt: Attempt) -> None:
        if attempt.state is not S.NEVER_PLACED:
            raise StoreError(f"attempt {attempt.id} is declined, yet {attempt.state.value}")
        self._begin(attempt)

    def _begin(self, attempt: Attempt) -> None:
        if attempt.id in self._records:
            raise StoreError(f"attempt {attempt.id} is in the book already")
        self._records[attempt.id] = attempt

    def update(self, attempt: Attempt) -> None:
        known = self._records.get(attempt.id)
        if known is None:
            raise StoreError(f"attempt {attempt.id} is not in the book")
        if known.state in FINAL:
            return
        if attempt.state is not known.state and attempt.state not in NEXT[known.state]:
            raise StoreError(f"attempt {attempt.id} is {known.state.value} and cannot become {attempt.state.value}")
        self._records[attempt.id] = attempt

    def opt_out(self, number: Digits) -> None:
        self.opted_out.add(number)

    def call_back(self, callback: Callback) -> None:
        self.callbacks.append(callback)

    def receive(self, received: Received) -> None:
        known = self._received.get(received.call)
        if known is None or known.outcome is None:
            self._received[received.call] = received


class MemoryBook:
    """All attempts, the calls that came in, and the numbers that must not be dialled.

    Args:
        do_not_dial: numbers `intend` refuses.
    """

    def __init__(self, do_not_dial: Iterable[Digits] = ()) -> None:
        self._records: dict[AttemptId, Attempt] = {}
        self._received: dict[CallId, Received] = {}
        self._do_not_dial = set(do_not_dial)
        self._callbacks: list[Callback] = []

    def block(self, number: Digits) -> None:
        """Put a number on the do-not-dial list; intents from now on see it."""
        self._do_not_dial.add(number)

    def apply(self, unit: Callable[[Book], T]) -> T:
        """Run a unit of work: all it wrote is kept when it returns, none of it when it raises."""
        page = _Page(self._records, self._received, self._do_not_dial)
        result = unit(page)
        self._records.update(page.written)
        self._received.update(page.received)
        self._do_not_dial |= page.opted_out
        self._callbacks += page.callbacks
        return result

    def attempt(self, attempt: AttemptId) -> Attempt | None:
        return self._records.get(attempt)

    def attempts(self, state: AttemptState | None = None) -> tuple[Attempt, ...]:
        """Attempts in the order they were intended; all, or those in one state."""
        return tuple(attempt for attempt in self._records.values() if state in (None, attempt.state))

    def do_not_dial(self) -> frozenset[Digits]:
        """The numbers that must not be dialled."""
        return frozenset(self._do_not_dial)

    def callbacks(self) -> tuple[Callback, ...]:
        """Who asked to be called back, in the order in which they did."""
        return tuple(self._callbacks)

    def received(self) -> tuple[Received, ...]:
        """Calls that came in, in the order of their arrival."""
        return tuple(self._received.values())


class MemoryWriter:
    """Carries units of work to a book in memory, one after another."""

    def __init__(self, book: MemoryBook) -> None:
        self._book = book

    async def write(self, unit: Callable[[Book], T]) -> T:
        """Apply a unit. Cancelled, it was not applied."""
        await trio.lowlevel.checkpoint()
        return self._book.apply(unit)
