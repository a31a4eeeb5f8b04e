"""Whatever people do with leases, no limit is ever exceeded and nobody is forgotten; a failure shrinks to a few steps."""

from contextlib import AsyncExitStack

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from trio.testing import MockClock

from callengine.model import LeaseRequest, LineId, LineLimits, Purpose
from tests.lines.model import Rules
from tests.lines.stepping import SteppedRun
from tests.lines.world import LINES, World, opened

limits = st.builds(
    LineLimits,
    concurrent=st.sampled_from([2, 1, 3, 0]),
    per_minute=st.sampled_from([0, 2, 3, 1]),
    per_day=st.sampled_from([0, 6, 3, 2]),
    per_second=st.integers(0, 2),
)
overall = st.builds(
    Rules, per_second=st.integers(0, 2), outbound=st.integers(0, 3), inbound=st.integers(0, 2), reserve=st.integers(0, 2)
)
whoever = st.integers(0, 20)
lines = st.sampled_from(LINES)
delays = st.sampled_from([0.0, 0.3, 1.0, 7.0])


class LinesMachine(RuleBasedStateMachine):
    """Each rule is a step of the world, which checks everything after it."""

    world: World

    def __init__(self) -> None:
        super().__init__()
        self.clock = MockClock()
        self.run = SteppedRun(self.clock)
        self.rooms = AsyncExitStack()

    @initialize(rules=overall, first=st.tuples(limits, limits))
    def open(self, rules: Rules, first: tuple[LineLimits, LineLimits]) -> None:
        async def enter() -> None:
            self.world = await self.rooms.enter_async_context(opened(self.clock, rules, first))

        self.run.do(enter)

    @rule(purpose=st.sampled_from([Purpose.OUTBOUND, Purpose.OPERATOR]), line=st.none() | lines)
    def ask(self, purpose: Purpose, line: LineId | None) -> None:
        self.run.do(lambda: self.world.ask(LeaseRequest(purpose, line)))

    @rule(line=lines)
    def ring(self, line: LineId) -> None:
        self.run.do(lambda: self.world.ask(LeaseRequest(Purpose.INBOUND, line)))

    @rule()
    def ask_for_a_leg_over_no_line(self) -> None:
        self.run.do(lambda: self.world.ask(None))

    @rule(which=whoever, there=delays | st.none(), back=delays)
    def take_turn(self, which: int, there: float | None, back: float) -> None:
        self.run.do(lambda: self.world.take_turn(which, there, back))

    @rule(which=whoever)
    def leave(self, which: int) -> None:
        self.run.do(lambda: self.world.leave(which))

    @rule(which=whoever, whom=whoever, first=st.booleans())
    def vie(self, which: int, whom: int, first: bool) -> None:
        self.run.do(lambda: self.world.vie(which, whom, first))

    @rule(line=lines, to=limits)
    def resize(self, line: LineId, to: LineLimits) -> None:
        self.run.do(lambda: self.world.resize(line, to))

    @rule(seconds=st.sampled_from([0.1, 0.95, 1.0, 20.0, 59.95, 60.0, 130.0]))
    def wait(self, seconds: float) -> None:
        self.run.do(lambda: self.world.wait(seconds))

    @rule(seconds=st.sampled_from([30.0, -30.0, 3600.0, -3600.0, 86_400.0, -86_400.0]))
    def set_wall(self, seconds: float) -> None:
        self.run.do(lambda: self.world.set_wall(seconds))

    @invariant()
    def figures_agree(self) -> None:
        self.run.do(self.world.look)

    def teardown(self) -> None:
        try:
            if not self.run.failed:
                self.run.do(self.world.close)
        finally:
            self.run.do(self.rooms.aclose)
            self.run.close()


TestLines = LinesMachine.TestCase
TestLines.settings = settings(max_examples=200, stateful_step_count=40)
