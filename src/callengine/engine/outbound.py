"""The dialler's attempts as calls: when one may be placed, how, and what the attempt hears of it."""

from functools import partial

from attrs import frozen

from callengine import logs
from callengine.calls import Call, LegState, Outbound, Services
from callengine.dialer import AttemptLife, CallingHours, Gate, Gates, Incidents
from callengine.engine.live_calls import LiveCalls
from callengine.engine.placing import Placing
from callengine.errors import DoNotDial
from callengine.fsm import Chart
from callengine.model import Ambient, Attempt, CallResult, Cause, ChannelId, Lease, Store


@frozen
class OutboundCalls:
    """Places calls.

    Attributes:
        reachable: open while the PBX is there and it is the hour.
        gates: open while nobody has paused us either.
    """

    services: Services
    live: LiveCalls
    placing: Placing
    store: Store
    ambient: Ambient
    incidents: Incidents
    reachable: Gates
    gates: Gates

    async def place(self, attempt: Attempt, lease: Lease, chart: Chart, life: AttemptLife) -> CallResult:
        """Call a contact."""
        timelines = self.live.sight.timelines
        call = Call(
            id=attempt.call,
            chart=chart,
            services=self.services,
            way=Outbound(
                number=attempt.contact.number,
                channel=attempt.channel or ChannelId(self.ambient.new_id()),
                placement=self.placing.of(attempt, lease.line),
                cleared=partial(self._cleared, attempt),
                lease=lease,
                watch=lambda state: _follow(life, state),
                fields=attempt.contact.fields,
                still_clear=partial(self._still_clear, life),
            ),
            timeline=timelines,
        )
        timelines.begin(attempt)
        with logs.context(attempt_id=attempt.id):
            result = await self.live.carry(call)
        if result.cause is Cause.UNCONFIRMED:
            life.unknown()
        return result

    async def _cleared(self, attempt: Attempt) -> None:
        """Until a contact may be called: the PBX is there, it is the hour, nobody has paused us. An outage may be long.

        Raises:
            DoNotDial: the contact has opted out meanwhile.
        """
        await self._gates_of(attempt).wait_open()
        await self.store.read(lambda book: book.permit(attempt.contact.number))

    def _still_clear(self, life: AttemptLife) -> bool:
        """The same at the very last moment, without a wait.

        Raises:
            DoNotDial: the number was put on the list while the call waited for its turn.
        """
        if life.blocked:
            raise DoNotDial(f"{life.attempt.contact.number} has been put on the do-not-dial list")
        return not self._gates_of(life.attempt).closed

    def _gates_of(self, attempt: Attempt) -> Gates:
        """A call that is to show whether calls work again is placed in spite of the pause."""
        return self.reachable if self.incidents.is_probe(attempt.id) else self.gates


def reachable(pbx: Gate, hours: CallingHours) -> Gates:
    """What is asked before any call."""
    return Gates((pbx, Gate("the calling hours", lambda: not hours.closed_for, hours.wait_open)))


def _follow(life: AttemptLife, state: LegState) -> None:
    """Tell an attempt what its customer's leg does."""
    match state:
        case LegState.DIALLING:
            life.placed()
        case LegState.RINGING:
            life.ringing()
        case LegState.UP:
            life.answered()
