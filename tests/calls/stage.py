"""Where one call plays: the simulated PBX, the real client and reaper, and leases that remember when they came back."""

import math
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from types import MappingProxyType

import trio
from attrs import define, field, frozen

from callengine.ari import AriClient, AriConfig, Event, Link, Router, Transport
from callengine.calls import Call, CallRules, Inbound, LegState, Outbound, Pbx, Placement, Reaper, Services
from callengine.fsm import Chart, compile_flow, load
from callengine.lines import Operators
from callengine.model import (
    Attempt,
    CallId,
    CallResult,
    ChannelId,
    LeaseRequest,
    LineId,
    LineSpec,
    Moment,
    MomentKind,
    Operator,
    OperatorId,
    Purpose,
    Received,
    Rosters,
    SeededAmbient,
    Writer,
)
from callengine.providers import GreetingJudge, IntentClassifier, LanguageModel, Messenger, Speaker, SpeechToText, WebService
from callengine.providers.scripted import HeardInRecording, LoudnessJudge
from callengine.simulator import Kind, PbxConfig, People, Persona, Record, SimulatedPbx, leaked

LINE = LineSpec(LineId("02191302000"), "02191302000")
CUSTOMER = "09121234567"
RINGS_FOR = 30.0

HEAD = """
scenario:
  name: test
  prompts:
    hello: "sound:hello"
    moment: "sound:moment"
    bye: "sound:bye"
    {onhold}
  stt: {{max_duration: 6, max_silence: 2}}
  llm:
    prompt_template: "{{transcript}}"
    intent_categories: [{intents}]
    fallback_tokens: {{yes: ["yes please"], no: ["no thanks"]}}
  flow:
"""
"""What every scenario here begins with; a test adds its steps."""

PROMPTS = {"sound:hello": 2.0, "sound:moment": 1.5, "sound:bye": 1.0, "sound:onhold": 1.2}
"""Seconds."""


def chart(*steps: str, onhold: bool = True, intents: str = "yes, no, unknown", subflow: Sequence[str] = ()) -> Chart:
    """Compile a flow of steps in YAML's short form, such as `step: a, type: entry, next: b`.

    Args:
        subflow: steps of the subflow `ask`.
    """
    text = HEAD.format(onhold='onhold: "sound:onhold"' if onhold else "", intents=intents)
    text += "".join(f"    - {{{step}}}\n" for step in steps)
    if subflow:
        text += "  subflows:\n    ask:\n" + "".join(f"      - {{{step}}}\n" for step in subflow)
    loading = load(text.encode(), "test.yaml")
    assert loading.scenario is not None, loading.findings
    return compile_flow(loading.scenario, loading.scenario.flow)


def desk(extension: str) -> Operator:
    """An operator at a desk of the PBX's own."""
    return Operator(OperatorId(f"desk {extension}"), f"PJSIP/{extension}@pbx", over_trunk=False)


def mobile(number: str) -> Operator:
    """An operator whose leg goes over the trunk."""
    return Operator(OperatorId(f"mobile {number}"), f"PJSIP/{number}@trunk", over_trunk=True, phone_number=number)


@define(eq=False)
class RememberedLease:
    """A slot without limits.

    Attributes:
        wait: seconds until its turn.
        granted_at: when it was given to somebody; infinity where it was not yet.
    """

    line: LineSpec = LINE
    purpose: Purpose = Purpose.OUTBOUND
    wait: float = 0.0
    granted_at: float = -math.inf
    yielded: int = 0
    placed_at: list[float] = field(factory=list)
    released_at: list[float] = field(factory=list)

    async def turn(self) -> None:
        await trio.sleep(self.wait)

    def yield_turn(self) -> None:
        self.yielded += 1

    def placed(self) -> None:
        self.placed_at.append(trio.current_time())

    def release(self) -> None:
        self.released_at.append(trio.current_time())


@define
class OperatorSlots:
    """Lines that have so many slots for operators, one after another; who asks for more waits."""

    free: int = 100
    given: list[RememberedLease] = field(factory=list)

    async def lease(self, want: LeaseRequest) -> RememberedLease:
        await trio.lowlevel.checkpoint()
        if len(self.given) >= self.free:
            await trio.sleep_forever()
        self.given.append(RememberedLease(purpose=want.purpose))
        return self.given[-1]

    async def after(self, lease: RememberedLease, seconds: float) -> RememberedLease:
        """The slot of a caller."""
        await trio.sleep(seconds)
        lease.granted_at = trio.current_time()
        return lease

    def passage(self) -> RememberedLease:
        self.given.append(RememberedLease(purpose=Purpose.OPERATOR))
        return self.given[-1]


@define
class Notes:
    """A timeline that is kept."""

    moments: list[Moment] = field(factory=list)

    def begin(self, attempt: Attempt) -> None:
        raise AssertionError("a call does not begin attempts")

    def receive(self, received: Received) -> None:
        raise AssertionError("a call does not receive calls")

    def note(self, moment: Moment) -> None:
        self.moments.append(moment)

    def names(self, kind: MomentKind) -> list[str]:
        return [moment.name for moment in self.moments if moment.kind is kind]

    @property
    def steps(self) -> list[str]:
        return self.names(MomentKind.STEP)

    @property
    def outcomes(self) -> list[str]:
        return self.names(MomentKind.OUTCOME)


@define
class DeafRouter(Router):
    """Never hears events of some types.

    Attributes:
        deaf_to: the types.
    """

    deaf_to: tuple[type[Event], ...]
    dropped: int = 0

    def __attrs_post_init__(self) -> None:
        super().__init__()

    def dispatch(self, event: Event) -> None:
        if isinstance(event, self.deaf_to):
            self.dropped += 1
        else:
            super().dispatch(event)


@define(eq=False)
class Power:
    """Switches the PBX off and on; what happened before it was switched on again is struck from its log."""

    _pbx: SimulatedPbx
    _world: trio.Nursery
    _scope: trio.CancelScope = field(factory=trio.CancelScope)

    async def on(self) -> None:
        self._pbx.log.clear()
        self._scope = await self._world.start(self._serve)

    def off(self) -> None:
        self._scope.cancel()

    async def _serve(self, task_status: trio.TaskStatus[trio.CancelScope]) -> None:
        async with trio.open_nursery() as nursery:
            await nursery.start(self._pbx.run)
            task_status.started(nursery.cancel_scope)


@define(eq=False)
class Stage:
    """One world in which calls play.

    Attributes:
        notes: of all calls.
        calls: with the leases of their customers' legs.
    """

    pbx: SimulatedPbx
    power: Power
    ambient: SeededAmbient
    link: Link
    reaper: Reaper
    client: AriClient
    router: Router
    services: Services
    slots: OperatorSlots
    notes: Notes = field(factory=Notes)
    calls: list[tuple[Call, RememberedLease]] = field(factory=list)
    _tasks_before: int = field(factory=lambda: trio.lowlevel.current_statistics().tasks_living)

    def call(
        self,
        flow: Chart,
        *,
        number: str = CUSTOMER,
        fields: Mapping[str, str] = MappingProxyType({}),
        watch: Callable[[LegState], None] = lambda state: None,
        variables: Mapping[str, str] = MappingProxyType({}),
    ) -> Call:
        """A call to a number that has not begun; its channel has these variables."""
        placement = Placement(f"PJSIP/{number}@trunk", LINE.caller_id, RINGS_FOR, {"CALLENGINE_LINE": LINE.id, **variables})
        lease = RememberedLease()
        channel = ChannelId(self.services.pbx.ambient.new_id())
        return self._made(flow, lease, Outbound(number, channel, placement, self.services.pbx.ready, lease, watch, fields))

    def received(
        self, flow: Chart, channel: str, *, number: str = CUSTOMER, slot_after: float | None = 0.0, patience: float = 20.0
    ) -> Call:
        """A call of a channel that has rung in; the line has a slot for it after so many seconds, None where it has no line."""
        lease = RememberedLease(purpose=Purpose.INBOUND, granted_at=math.inf)
        slot = None if slot_after is None else partial(self.slots.after, lease, slot_after)
        return self._made(flow, lease, Inbound(number, ChannelId(channel), slot, patience))

    def _made(self, flow: Chart, lease: RememberedLease, way: Outbound | Inbound) -> Call:
        call = Call(CallId(self.ambient.new_id()), flow, self.services, way, self.notes)
        self.calls.append((call, lease))
        return call

    async def plays(self, flow: Chart) -> CallResult:
        """Run one call to its end, until the reaper has nothing left; the person at the other end is `CUSTOMER`."""
        result = await self.call(flow).run()
        await self.is_swept()
        return result

    async def is_swept(self) -> None:
        """Everything is buried, every slot is back, once and not before its channel was gone, and no task is left."""
        with trio.fail_after(300):
            await self.reaper.drained()
            await trio.sleep(2)  # a socket that was cut just now is found to be down, and comes back
            await self.link.wait_up()
        await self.client.transport.close_idle()
        await trio.sleep(1)
        left = leaked(self.pbx.log)
        assert not left.channels, f"left over: {left}"
        assert not left.bridges, f"left over: {left}"
        assert not left.recordings, f"left over: {left}"
        for lease in (*(lease for _, lease in self.calls), *self.slots.given):
            assert len(lease.released_at) == (lease.granted_at < math.inf), f"{lease.purpose.name}: {lease.released_at}"
        gone = {record.id: record.at for record in self.records(Kind.DESTROYED)}
        held = [(call, lease) for call, lease in self.calls if isinstance(call.way, Outbound) or call.customer.up.is_set()]
        for call, lease in held:
            assert max(lease.released_at, default=math.inf) >= gone.get(call.customer.id, 0.0), (
                "released while the channel was there"
            )
        assert trio.lowlevel.current_statistics().tasks_living == self._tasks_before

    def records(self, kind: Kind) -> list[Record]:
        """What the PBX's log says of one kind."""
        return [record for record in self.pbx.log if record.kind is kind]


@frozen
class Cast:
    """Who and what takes part.

    Attributes:
        customer: at `CUSTOMER`.
        others: by number dialled; operators are found under their extension.
        wrap_up: seconds, of operators.
        timeout: seconds, of one request.
    """

    customer: Persona = field(factory=Persona)
    others: dict[str, Persona] = field(factory=dict)
    ears: SpeechToText | None = field(factory=HeardInRecording)
    judge: GreetingJudge | None = field(factory=LoudnessJudge)
    model: LanguageModel | None = None
    operators: tuple[Operator, ...] = ()
    wrap_up: float = 0.0
    speaker: Speaker | None = None
    messenger: Messenger | None = None
    web: WebService | None = None
    writer: Writer | None = None
    rules: CallRules = field(factory=lambda: CallRules(operator_timeout=10.0, operator_slot_wait=3.0))
    pbx: PbxConfig = field(factory=lambda: PbxConfig(prompt_seconds=PROMPTS))
    router: Router = field(factory=Router)
    timeout: float = 10.0
    seed: int = 1


@asynccontextmanager
async def stage(cast: Cast) -> AsyncIterator[Stage]:
    """A PBX in service, a link that is up, a reaper, and nobody on the phone yet."""
    ambient = SeededAmbient(cast.seed, trio.current_time)
    pbx = SimulatedPbx(ambient, People({CUSTOMER: cast.customer, **cast.others}), cast.pbx)
    config = AriConfig("callengine", "callengine", "callengine", base_url="http://pbx.invalid/ari", timeout=cast.timeout)
    client = AriClient(Transport(config, pbx.opener), config.app)
    link = Link(config, pbx.opener, client, cast.router, ambient)
    reaper = Reaper(client, cast.router)
    slots = OperatorSlots()
    async with trio.open_nursery() as world:
        power = Power(pbx, world)
        await power.on()
        await world.start(link.run)
        await world.start(reaper.run)
        operators = Operators(Rosters(outbound=cast.operators, inbound=cast.operators), wrap_up=cast.wrap_up)
        await world.start(operators.run)
        await client.transport.close_idle()
        await trio.sleep(1)
        services = Services(
            pbx=Pbx(client, cast.router, reaper, ambient, link.wait_up, lambda: link.up),
            lines=slots,
            operators=operators,
            classifier=IntentClassifier(cast.model),
            ears=cast.ears,
            judge=cast.judge,
            speaker=cast.speaker,
            messenger=cast.messenger,
            web=cast.web,
            writer=cast.writer,
            rules=cast.rules,
        )
        await world.start(services.errands.run)
        yield Stage(pbx, power, ambient, link, reaper, client, cast.router, services, slots)
        world.cancel_scope.cancel()
