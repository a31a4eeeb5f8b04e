"""What a channel is, and what it tells the application."""

from collections.abc import Sequence

import trio
from attrs import define, field

from callengine.simulator.bridges import Bridge
from callengine.simulator.causes import SIP_CODES, cause_text, dial_status
from callengine.simulator.events import (
    ChannelDestroyed,
    ChannelHangupRequest,
    ChannelLeftBridge,
    ChannelStateChange,
    ChannelView,
    Dial,
    Dialplan,
    Event,
    Party,
    StasisEnd,
)
from callengine.simulator.log import Kind
from callengine.simulator.media import LiveRecording
from callengine.simulator.office import Office
from callengine.simulator.person import Person

_SOFT = 32
"""The cause a ChannelHangupRequest of ours carries, whatever the reason given (seen on Asterisk 22.10.1)."""

_NO_REASON, _NORMAL = 0, 16
"""A bridge makes the one the other of whoever leaves it by hanging up (seen on Asterisk 22.10.1)."""


@define(eq=False)
class Leg:
    """One leg of a call: its identity, its state, its end.

    One that was called by the application reports to it from the beginning to ChannelDestroyed. One that came from
    outside, or was made by a forward, reports from StasisStart to StasisEnd only.
    """

    office: Office
    id: str
    name: str
    dialled: str
    dialstring: str
    caller: Party
    app: str
    args: Sequence[str]
    person: Person
    variables: dict[str, str] = field(factory=dict)
    originated: bool = True
    inbound: bool = False
    state: str = "Down"
    in_stasis: bool = False
    bridge: Bridge | None = None
    recording: LiveRecording | None = None
    scope: trio.CancelScope = field(factory=trio.CancelScope)
    ending: bool = False
    _created: str = ""
    _cause: int = 16
    _sip: int | None = None

    def __attrs_post_init__(self) -> None:
        self._created = self.office.now()
        self.office.apps.known(self.app)
        if self.originated:
            self.office.apps.known(self.app).channels[self.id] = None

    @property
    def up(self) -> bool:
        return self.state == "Up"

    @property
    def bridged(self) -> bool:
        return self.bridge is not None

    def view(self) -> ChannelView:
        stasis = ",".join((self.app, *self.args))
        inside = self.in_stasis or self.inbound
        return ChannelView(
            id=self.id,
            name=self.name,
            state=self.state,
            protocol_id=f"{self.id}@pbx",
            caller=self.caller,
            connected=Party() if self.inbound else self.caller,
            accountcode="",
            dialplan=Dialplan(
                "default",
                self.dialled if self.inbound else "s",
                1,
                "Stasis" if inside else "AppDial2",
                stasis if inside else "(Outgoing Line)",
            ),
            creationtime=self._created,
            language="en",
        )

    def hang_up(self, cause: int, by: str) -> None:
        """Begin the end: the channel's thread stops what it does, and the channel is destroyed."""
        if self.ending:
            return
        soft = by == "app"
        if self.bridged and cause == _NO_REASON:
            cause = _NORMAL
        self.tell(ChannelHangupRequest(cause=_SOFT if soft else None, soft=soft or None, channel=self.view()))
        if not self.in_stasis and not self.inbound:
            self.tell(self.dial_event(dial_status(cause)))
        self.end(cause, SIP_CODES.get(cause) if soft else None, by)

    def end(self, cause: int, sip: int | None, by: str) -> None:
        """Begin the end without a word to the application; the channel's thread stops."""
        self.ending = True
        self._cause, self._sip = cause, sip
        self.office.log.note(Kind.HANGUP, self.id, by=by)
        self.scope.cancel()

    def bury(self) -> None:
        """Tell what remains to be told, in Asterisk's order."""
        self.leave_bridge()
        if self.in_stasis:
            self.tell(StasisEnd(channel=self.view()))
            self.in_stasis = False
        self.office.log.note(Kind.DESTROYED, self.id, cause=str(self._cause))
        self.tell(
            ChannelDestroyed(cause=self._cause, cause_txt=cause_text(self._cause), tech_cause=self._sip, channel=self.view())
        )
        self.office.apps.known(self.app).channels.pop(self.id, None)

    def tell(self, event: Event) -> None:
        """Report to the application; nobody hears of a channel that does not report (yet)."""
        if self.originated or self.in_stasis:
            self.office.tell(self.app, event)

    def leave_bridge(self) -> None:
        bridge, self.bridge = self.bridge, None
        if bridge is not None:
            del bridge.members[self.id]
            self.office.log.note(Kind.BRIDGE_LEFT, bridge.id, channel=self.id)
            self.tell(ChannelLeftBridge(bridge=bridge.view(), channel=self.view()))

    def change_state(self, state: str) -> None:
        self.state = state
        self.tell(ChannelStateChange(channel=self.view()))

    def dial_event(self, status: str) -> Dial:
        return Dial(dialstatus=status, forward="", dialstring=self.dialstring, peer=self.view())
