"""What a call owns at the PBX. Every entry is written before the request that creates its object."""

from collections.abc import Iterator
from enum import Enum
from typing import Literal

import trio
from attrs import define, field

from callengine.ari import HangupReason
from callengine.model import CallId, Passage


class Kind(Enum):
    """What must be deleted, in the order in which it must be."""

    CHANNEL = "channel"
    BRIDGE = "bridge"
    RECORDING = "recording"
    """After the channel: a recording in progress becomes a stored file when its channel ends."""


@define(eq=False)
class Entry:
    """One object at the PBX.

    Attributes:
        id: ours, known before the object is.
        passage: the line slot the object occupies, or the right to place it; given back when it is gone.
        reason: what a person hears who is hung up on before they were answered.
        state: `requested` until the PBX has shown that it exists.
        answered: the creating request is over, whatever came of it.
    """

    id: str
    kind: Kind
    passage: Passage | None = None
    reason: HangupReason = "normal"
    state: Literal["requested", "confirmed", "gone"] = "requested"
    answered: trio.Event = field(factory=trio.Event, repr=False)

    @property
    def buried(self) -> bool:
        """Whether the object is proven gone."""
        return self.state == "gone"

    def confirm(self) -> None:
        """The PBX has shown that the object exists."""
        if self.state == "requested":
            self.state = "confirmed"

    def bury(self) -> None:
        """The object is proven gone: its slot may be used again. A second time does nothing."""
        if self.passage is not None and not self.buried:
            self.passage.release()
        self.state = "gone"


@define(eq=False)
class Estate:
    """All a call owns at the PBX, and the slots it holds.

    Attributes:
        owners: whose each object is, of all calls; the estate keeps its own in there.
    """

    call: CallId
    owners: dict[str, CallId] = field(factory=dict, repr=False)
    entries: list[Entry] = field(factory=list)
    _passing: list[str] = field(factory=list)
    _unused: list[Passage] = field(factory=list)

    def hold(self, passage: Passage) -> None:
        """Own a slot for which no channel has been requested yet."""
        self._unused.append(passage)

    def enter(self, kind: Kind, object_id: str, passage: Passage | None = None) -> Entry:
        """Write an entry; the request that creates the object follows. A held passage goes to the entry."""
        entry = Entry(object_id, kind, passage)
        if passage is not None:
            self._unused.remove(passage)
        self.entries.append(entry)
        self.owners[object_id] = self.call
        return entry

    def mention(self, object_id: str) -> None:
        """Call an object the call's that goes by itself and need not be buried: a playback."""
        self._passing.append(object_id)
        self.owners[object_id] = self.call

    def adopt(self, kind: Kind, object_id: str, passage: Passage | None = None) -> Entry:
        """Own an object that somebody else created: an inbound channel, the target of a forward."""
        entry = self.enter(kind, object_id, passage)
        entry.confirm()
        entry.answered.set()
        return entry

    def occupy(self, entry: Entry, passage: Passage) -> None:
        """Let an object that is there already have a held slot; one that is gone needs none."""
        if not entry.buried:
            self._unused.remove(passage)
            entry.passage = passage

    def remaining(self, kind: Kind) -> Iterator[Entry]:
        """Entries of a kind that are not proven gone."""
        return (entry for entry in self.entries if entry.kind is kind and not entry.buried)

    def close(self) -> None:
        """Nothing is left: forget whose the objects were."""
        for object_id in (*(entry.id for entry in self.entries), *self._passing):
            self.owners.pop(object_id, None)

    def release_unused(self) -> None:
        """Give back the slots for which no channel was ever requested."""
        while self._unused:
            self._unused.pop().release()
