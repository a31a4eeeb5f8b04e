"""Who may look on: a timeline, metrics, a test."""

from typing import Protocol

from callengine.ari.events import Event


class AriTap(Protocol):
    """Is told of every request and event. Called synchronously: it must be quick and must not raise."""

    def request(self, method: str, path: str, status: int | None, seconds: float, about: str) -> None:
        """A request is over.

        Args:
            path: without its query.
            status: None where no answer came.
            seconds: from when it was asked for.
            about: the id of what it makes, where the path does not name it; else empty.
        """
        ...

    def event(self, event: Event) -> None:
        """An event arrived and is about to be delivered."""
        ...
