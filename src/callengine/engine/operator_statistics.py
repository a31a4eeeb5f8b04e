"""What operators do, day by day: counted as it happens, and written down once a minute."""

from collections.abc import Callable

import attrs
import structlog
import trio
from attrs import define, field

from callengine.errors import StoreError
from callengine.lines import OperatorLoad, OperatorState
from callengine.model import (
    Ambient,
    Attempt,
    Book,
    CallId,
    Moment,
    MomentKind,
    OperatorFigures,
    OperatorId,
    Received,
    TransferOutcome,
    Writer,
)

EVERY = 60.0
"""Seconds between two writings: what a crash can lose."""

LOOKS_EVERY = 1.0
"""Seconds between two looks at what operators do: how exact wrap-up and available time are. Talk is exact."""

LAST_WRITE = 5.0
"""Seconds that the last writing gets."""

log = structlog.get_logger()


@define(eq=False)
class OperatorStatistics:
    """A timeline that adds up what each operator does, and a service that writes it down.

    Args:
        operators: everybody in the rosters, at this moment.
    """

    operators: Callable[[], tuple[OperatorLoad, ...]]
    writer: Writer
    ambient: Ambient
    total: dict[OperatorId, OperatorFigures] = field(factory=dict, init=False)
    """Since the engine began."""
    _unwritten: dict[OperatorId, OperatorFigures] = field(factory=dict, init=False)
    _talking: dict[CallId, tuple[OperatorId, float]] = field(factory=dict, init=False)
    _looked_at: float | None = field(default=None, init=False)

    def begin(self, attempt: Attempt) -> None:
        """Nothing to count yet."""

    def receive(self, received: Received) -> None:
        """Nothing to count yet."""

    def note(self, moment: Moment) -> None:
        """Count a conversation from when both are bridged until one of them leaves."""
        match moment.kind:
            case MomentKind.TRANSFER if moment.detail == TransferOutcome.COMPLETED.value:
                self._part(moment.call, moment.at)
                operator = OperatorId(moment.name)
                self._talking[moment.call] = (operator, moment.at)
                self._add(OperatorFigures(operator, calls=1))
            case MomentKind.OPERATOR if moment.name == "down":
                if moment.call in self._talking and self._talking[moment.call][0] == moment.detail:
                    self._part(moment.call, moment.at)
            case MomentKind.RESULT:
                self._part(moment.call, moment.at)

    async def run(self, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Look and write until cancelled, and once more then. A store that cannot be written keeps nobody from calling."""
        task_status.started()
        self._look()
        try:
            while True:
                with trio.move_on_after(EVERY):
                    while True:
                        await trio.sleep(LOOKS_EVERY)
                        self._look()
                await self.flush()
        finally:
            with trio.move_on_after(LAST_WRITE, shield=True):
                await self.flush()

    async def flush(self) -> None:
        """Write down what has come together since the last time; conversations count as far as they have gone."""
        self._look()
        now = trio.current_time()
        for call, (operator, since) in self._talking.items():
            self._add(OperatorFigures(operator, talk=now - since))
            self._talking[call] = (operator, now)
        figures, self._unwritten = tuple(self._unwritten.values()), {}
        if not figures:
            return
        day = self.ambient.wall().date().isoformat()

        def count(book: Book) -> None:
            for each in figures:
                book.operators.count(day, each)

        try:
            await self.writer.write(count)
        except BaseException as error:
            for each in figures:
                self._unwritten[each.operator] = _sum(self._unwritten.get(each.operator), each)
            if not isinstance(error, StoreError):
                raise
            log.warning("operators' figures could not be written and are kept", error=str(error))

    def _look(self) -> None:
        now = trio.current_time()
        passed = 0.0 if self._looked_at is None else now - self._looked_at
        self._looked_at = now
        if not passed:
            return
        for load in self.operators():
            if load.state is not OperatorState.PAUSED:
                wrap_up = passed if load.state is OperatorState.WRAP_UP else 0.0
                self._add(OperatorFigures(load.operator.id, wrap_up=wrap_up, available=passed))

    def _part(self, call: CallId, now: float) -> None:
        if call in self._talking:
            operator, since = self._talking.pop(call)
            self._add(OperatorFigures(operator, talk=now - since))

    def _add(self, figures: OperatorFigures) -> None:
        name = figures.operator
        self._unwritten[name] = _sum(self._unwritten.get(name), figures)
        self.total[name] = _sum(self.total.get(name), figures)


def _sum(one: OperatorFigures | None, other: OperatorFigures) -> OperatorFigures:
    if one is None:
        return other
    return attrs.evolve(
        one,
        calls=one.calls + other.calls,
        talk=one.talk + other.talk,
        wrap_up=one.wrap_up + other.wrap_up,
        available=one.available + other.available,
    )
