"""What every part of the PBX works with: settings, clock, log, applications and the shelves of media."""

from typing import TYPE_CHECKING

import trio
from attrs import define, field

from callengine.model import Ambient
from callengine.simulator.apps import Applications
from callengine.simulator.config import PbxConfig
from callengine.simulator.events import Event, stamp
from callengine.simulator.log import Log

if TYPE_CHECKING:
    from callengine.simulator.media import LiveRecording, Playback, StoredRecording

ASTERISK_ID = "02:00:00:00:00:01"


@define(eq=False)
class Office:
    """Shared by channels, bridges, media and request handlers."""

    ambient: Ambient
    config: PbxConfig
    log: Log
    nursery: trio.Nursery
    playbacks: dict[str, "Playback"] = field(factory=dict)
    live: dict[str, "LiveRecording"] = field(factory=dict)
    stored: dict[str, "StoredRecording"] = field(factory=dict)
    apps: Applications = field(init=False)
    started: str = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.apps = Applications(self.log, ASTERISK_ID, self.now)
        self.started = self.now()

    def now(self) -> str:
        """The time of day as Asterisk writes it."""
        return stamp(self.ambient.wall())

    def tell(self, app: str, event: Event) -> None:
        """Send an event to the socket of an application, if one listens; never waits."""
        self.apps.send(app, event)
