"""Who listens to the timelines of calls."""

import structlog
from attrs import frozen

from callengine.ari import AriTap, Event
from callengine.model import Attempt, Moment, MomentKind, Received, Timeline

log = structlog.get_logger()


@frozen
class Timelines:
    """Tells several listeners the same."""

    listeners: tuple[Timeline, ...]

    def begin(self, attempt: Attempt) -> None:
        for listener in self.listeners:
            listener.begin(attempt)

    def receive(self, received: Received) -> None:
        for listener in self.listeners:
            listener.receive(received)

    def note(self, moment: Moment) -> None:
        for listener in self.listeners:
            listener.note(moment)


@frozen
class Taps:
    """Tells several of them the same."""

    listeners: tuple[AriTap, ...]

    def request(self, method: str, path: str, status: int | None, seconds: float, about: str) -> None:
        for listener in self.listeners:
            listener.request(method, path, status, seconds, about)

    def event(self, event: Event) -> None:
        for listener in self.listeners:
            listener.event(event)


@frozen
class LoggedTimeline:
    """Writes timelines to the log: results as information, everything else for who debugs."""

    def begin(self, attempt: Attempt) -> None:
        log.info(
            "call begins",
            call_id=attempt.call,
            attempt_id=attempt.id,
            number=attempt.contact.number,
            line=attempt.line,
            scenario=attempt.scenario,
        )

    def receive(self, received: Received) -> None:
        log.info(
            "call received",
            call_id=received.call,
            number=received.caller,
            line=received.line or received.dialled,
            scenario=received.scenario,
        )

    def note(self, moment: Moment) -> None:
        write = log.info if moment.kind is MomentKind.RESULT else log.debug
        write(f"{moment.kind.value} {moment.name}", call_id=moment.call, detail=moment.detail)
