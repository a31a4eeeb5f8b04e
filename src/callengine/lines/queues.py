"""Who waits, in the order of service: by purpose, then first come first served."""

from typing import Generic, Protocol, TypeVar

from callengine.model import Purpose


class Waiting(Protocol):
    @property
    def purpose(self) -> Purpose: ...


W = TypeVar("W", bound=Waiting)


class ClassQueues(Generic[W]):
    """One queue for each purpose. Anyone may leave from any place in it."""

    def __init__(self) -> None:
        self._queues: dict[Purpose, dict[W, None]] = {purpose: {} for purpose in sorted(Purpose)}

    def join(self, waiter: W) -> None:
        self._queues[waiter.purpose][waiter] = None

    def leave(self, waiter: W) -> None:
        """Take a waiter out, wherever it stands; nothing happens if it has left."""
        self._queues[waiter.purpose].pop(waiter, None)

    def of(self, purpose: Purpose) -> tuple[W, ...]:
        """Who waits for this purpose now, the first first. A copy: waiters may leave while it is read."""
        return tuple(self._queues[purpose])

    def everyone(self) -> tuple[W, ...]:
        return tuple(waiter for queue in self._queues.values() for waiter in queue)
