"""The switch itself: which channels and bridges there are, and how they come to be."""

from bisect import bisect_left, insort
from collections.abc import Iterator, Mapping, Sequence
from itertools import count

from attrs import define, field

from callengine.simulator.bridges import Bridge
from callengine.simulator.channels import Channel
from callengine.simulator.events import Party
from callengine.simulator.log import Kind
from callengine.simulator.office import Office
from callengine.simulator.people import Directory, Instead, Persona
from callengine.simulator.person import Person


class Unreachable(Exception):
    """The endpoint cannot be dialled."""


class IdTaken(Exception):
    """A channel with this id, or with one that begins with it, is there already."""


@define(eq=False)
class Exchange:
    """Channels and bridges by id."""

    office: Office
    people: Directory
    channels: dict[str, Channel] = field(factory=dict)
    bridges: dict[str, Bridge] = field(factory=dict)
    _serial: Iterator[int] = field(factory=count)
    _chosen_ids: list[str] = field(factory=list)

    def originate(
        self,
        *,
        channel_id: str,
        technology: str,
        resource: str,
        caller: Party,
        app: str,
        args: Sequence[str],
        variables: Mapping[str, str],
        timeout: float,
    ) -> Channel:
        """Call somebody; the channel begins to ring when the caller of this next waits.

        Raises:
            IdTaken: a known id is this one or begins with it (seen on Asterisk 22.10.1, which minds no longer one).
            Unreachable: the person is.
        """
        if self._is_taken(channel_id):
            raise IdTaken(channel_id)
        dialled, _, trunk = resource.partition("@")
        persona = self.people.at(dialled)
        if persona.instead is Instead.UNREACHABLE:
            raise Unreachable(resource)
        channel = Channel(
            office=self.office,
            id=channel_id,
            name=f"{technology}/{trunk or dialled}-{next(self._serial):08x}",
            dialled=dialled,
            dialstring=resource,
            caller=caller,
            app=app,
            args=args,
            person=Person(persona),
            variables=dict(variables),
            forward=self._forward,
        )
        insort(self._chosen_ids, channel_id)
        self._connect(channel, timeout)
        return channel

    def ring_in(self, persona: Persona, dialled: str, caller: str, app: str) -> Channel:
        """A person calls one of our numbers."""
        channel = Channel(
            office=self.office,
            id=self.new_id(),
            name=f"PJSIP/trunk-{next(self._serial):08x}",
            dialled=dialled,
            dialstring=dialled,
            caller=Party(number=caller),
            app=app,
            args=("inbound", dialled),
            person=Person(persona),
            originated=False,
            inbound=True,
            state="Ring",
        )
        self._connect(channel, self.office.config.inbound_patience, line=dialled)
        return channel

    def new_id(self) -> str:
        """An id as Asterisk makes them: the second and a serial number."""
        return f"{int(self.office.ambient.wall().timestamp())}.{next(self._serial)}"

    def create_bridge(self, bridge_id: str, kind: str, name: str) -> Bridge:
        bridge = self.bridges[bridge_id] = Bridge(bridge_id, kind, name, self.office.now())
        self.office.log.note(Kind.BRIDGE_CREATED, bridge_id)
        return bridge

    def delete_bridge(self, bridge: Bridge) -> None:
        """The channels in it go back to the application, alive."""
        for member in list(bridge.members):
            self.channels[member].leave_bridge()
        del self.bridges[bridge.id]
        self.office.log.note(Kind.BRIDGE_DELETED, bridge.id)

    def _is_taken(self, channel_id: str) -> bool:
        """Whether a known id begins with this one: the next in order can tell."""
        place = bisect_left(self._chosen_ids, channel_id)
        return any(known.startswith(channel_id) for known in self._chosen_ids[place : place + 1])

    def _forward(self, original: Channel) -> Channel:
        """Asterisk dials on through a Local channel of its own, under an id of its own choice."""
        number = original.person.persona.forwards_to
        channel = Channel(
            office=self.office,
            id=self.new_id(),
            name=f"Local/{number}@default-{next(self._serial):08x};1",
            dialled=number,
            dialstring=f"{number}@default",
            caller=original.caller,
            app=original.app,
            args=original.args,
            person=Person(self.people.at(number)),
            originated=False,
            forward=self._forward,
        )
        self._connect(channel, 30.0)
        return channel

    def _connect(self, channel: Channel, patience: float, **detail: str) -> None:
        self.channels[channel.id] = channel
        self.office.log.note(Kind.CREATED, channel.id, name=channel.name, **detail)
        self.office.nursery.start_soon(self._carry, channel, patience)

    async def _carry(self, channel: Channel, patience: float) -> None:
        await channel.run(patience)
        del self.channels[channel.id]
        if channel.originated:
            del self._chosen_ids[bisect_left(self._chosen_ids, channel.id)]
