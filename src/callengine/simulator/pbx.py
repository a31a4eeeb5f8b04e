"""The simulated PBX: one port that speaks ARI, and people behind it."""

import trio
from attrs import define, field

from callengine.model import Ambient
from callengine.simulator.config import PbxConfig
from callengine.simulator.exchange import Exchange
from callengine.simulator.faults import Fault
from callengine.simulator.log import Log
from callengine.simulator.office import Office
from callengine.simulator.people import Directory, Persona
from callengine.simulator.pipe import pipe_pair
from callengine.simulator.reception import Reception


@define(eq=False)
class SimulatedPbx:
    """A PBX for tests, demonstrations and whole campaigns in virtual time.

    Start it with `await nursery.start(pbx.run)`; everything it does ends with that task. Clients reach it through
    `opener`, in memory, or over TCP after `await nursery.start(pbx.serve_tcp, host, port)`.

    Attributes:
        ambient: randomness and the time of day.
        people: who answers at which number.
        log: everything that happened, in order.
        faults: mishaps in force; may be changed while running.
    """

    ambient: Ambient
    people: Directory
    config: PbxConfig = field(factory=PbxConfig)
    log: Log = field(factory=Log, kw_only=True)
    faults: list[Fault] = field(factory=list, init=False)
    _reception: Reception | None = field(default=None, init=False)

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Be in service until cancelled."""
        async with trio.open_nursery() as nursery:
            office = Office(self.ambient, self.config, self.log, nursery)
            self._reception = Reception(Exchange(office, self.people), self.faults)
            try:
                task_status.started()
                await trio.sleep_forever()
            finally:
                self._reception = None

    async def opener(self) -> trio.abc.Stream:
        """Open one connection in memory.

        Raises:
            ConnectionRefusedError: the PBX is not in service.
        """
        await trio.lowlevel.checkpoint()  # first: a cancelled client must leave no connection behind
        reception = self._in_service()
        theirs, ours = pipe_pair()
        reception.nursery.start_soon(reception.serve, ours)
        return theirs

    async def serve_tcp(
        self, host: str, port: int, *, task_status: trio.TaskStatus[tuple[str, int]] = trio.TASK_STATUS_IGNORED
    ) -> None:
        """Accept connections until cancelled; reports the address, useful with port 0.

        Raises:
            OSError: the address cannot be listened on.
        """
        reception = self._in_service()
        [listener, *_] = listeners = await trio.open_tcp_listeners(port, host=host)
        bound = listener.socket.getsockname()
        task_status.started((bound[0], bound[1]))
        await trio.serve_listeners(reception.serve, listeners, handler_nursery=reception.nursery)

    async def wait_listened_to(self) -> None:
        """Until a socket listens for `config.inbound_app`, so that somebody may call.

        Raises:
            ConnectionRefusedError: the PBX is not in service.
        """
        await self._in_service().exchange.office.apps.wait_active(self.config.inbound_app)

    def ring_in(self, persona: Persona, dialled: str, caller: str = "") -> str:
        """A person calls one of our numbers and enters `config.inbound_app`; returns the channel's id.

        Raises:
            ConnectionRefusedError: the PBX is not in service, or no socket listens for that application: its dialplan
                would go on without it.
        """
        exchange = self._in_service().exchange
        app = self.config.inbound_app
        if not exchange.office.apps.is_active(app):
            raise ConnectionRefusedError(f"nobody listens for application {app}")
        return exchange.ring_in(persona, dialled, caller, app).id

    def say(self, channel: str, words: str) -> bool:
        """The person on a channel speaks; False where nobody listens, or something was said into this recording already."""
        person = self._in_service().exchange.channels.get(channel)
        return person is not None and person.recording is not None and person.recording.hear(words)

    def talk(self, channel: str, seconds: float) -> bool:
        """The person on a channel speaks for so many seconds; False where there is no such channel, or it is not up."""
        person = self._in_service().exchange.channels.get(channel)
        if person is None or not person.up or person.ending:
            return False
        person.voice.speak(seconds)
        return True

    def press(self, channel: str, digit: str) -> bool:
        """The person on a channel presses a key; False where there is no such channel, or it is not up."""
        person = self._in_service().exchange.channels.get(channel)
        if person is None or not person.up or person.ending:
            return False
        person.press(digit)
        return True

    def hang_up(self, channel: str, cause: int = 16) -> bool:
        """The person on a channel hangs up, or declines while it rings; False where there is no such channel."""
        person = self._in_service().exchange.channels.get(channel)
        if person is None or person.ending:
            return False
        person.leave(cause)
        return True

    def delay(self, pattern: str, seconds: float) -> None:
        """Carry out requests that match, such as `POST /channels`, so much later; see `Fault`."""
        self.faults.append(Fault(pattern, seconds=seconds))

    def cut_event_sockets(self) -> None:
        """Drop every event socket without a word, as a failing network would."""
        self._in_service().exchange.office.apps.cut()

    def _in_service(self) -> Reception:
        if self._reception is None:
            raise ConnectionRefusedError("the simulated PBX is not running")
        return self._reception
