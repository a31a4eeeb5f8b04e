"""The PBX's own log: what an audit judges by, whatever the engine under test believes of itself."""

from collections.abc import Callable, Mapping
from enum import StrEnum

import trio
from attrs import field, frozen


class Kind(StrEnum):
    """What happened. The record's `id` is the channel's, playback's, bridge's or application's id, or the recording's name."""

    ORIGINATE = "originate"
    """An originate request arrived; detail: `line`, `endpoint`, and `customer`, whose operator is
    called: the id of their channel, empty for anybody else."""
    REFUSED = "refused"
    """An originate request was answered with an error; detail: `status`."""
    CREATED = "created"
    """A channel came to be; detail: `name`, and for a caller who rings us `line`, the number dialled."""
    DIALLED = "dialled"
    RINGING = "ringing"
    ANSWERED = "answered"
    FORWARDED = "forwarded"
    """The called party redirects; detail: `to`, the id of the new channel."""
    HANGUP = "hangup"
    """Somebody asked for the end of a channel; detail: `by` (app, person, pbx)."""
    DESTROYED = "destroyed"
    """A channel is gone; detail: `cause`."""
    PLAYBACK = "playback"
    PLAYBACK_ENDED = "playback_ended"
    RECORDING = "recording"
    """Detail: `overhears`, where it waits for nobody's answer."""
    RECORDING_ENDED = "recording_ended"
    """A recording is no longer live; detail: `state`, `said`, and `overhears` as above."""
    RECORDING_STORED = "recording_stored"
    RECORDING_DELETED = "recording_deleted"
    """A stored recording was deleted."""
    BRIDGE_CREATED = "bridge_created"
    BRIDGE_ENTERED = "bridge_entered"
    BRIDGE_LEFT = "bridge_left"
    BRIDGE_DELETED = "bridge_deleted"
    KEY = "key"
    APP_UP = "app_up"
    APP_DOWN = "app_down"


@frozen
class Record:
    """One line of the log.

    Attributes:
        at: seconds on the clock of the run, virtual or real.
        id: of the object it happened to.
        detail: more of it; for a channel's object, `channel` names it.
    """

    at: float
    kind: Kind
    id: str
    detail: Mapping[str, str] = field(factory=dict)

    def __str__(self) -> str:
        more = "".join(f" {key}={value}" for key, value in self.detail.items())
        return f"{self.at:10.3f} {self.kind} {self.id}{more}"


class Log(list[Record]):
    """Records in the order they happened.

    Args:
        listener: is told each record as it is written.
    """

    def __init__(self, listener: Callable[[Record], None] | None = None) -> None:
        super().__init__()
        self._listener = listener

    def note(self, kind: Kind, id: str, **detail: str) -> None:  # noqa: A002  an object's id is called id everywhere in ARI
        record = Record(trio.current_time(), kind, id, detail)
        self.append(record)
        if self._listener is not None:
            self._listener(record)
