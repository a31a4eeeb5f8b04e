"""Who may look on: a timeline, metrics, a test."""

from typing import Protocol

from callengine.ari.events import Event


class AriTap(Protocol):
    """Is told of every request and event. Called synchronously: it must be quick and must not raise."""

    def request(self, method: str, path: str, status: int | None) -> None:
        """A request is over; `path` holds no query, `status` is None where no answer came."""
        ...

    def event(self, event: Event) -> None:
        """An event arrived and is about to be delivered."""
        ...
