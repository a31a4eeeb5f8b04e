"""All lines together: what the rest of the engine asks for slots, and the alarm clock of those who wait."""

from collections.abc import Iterable, Mapping
from datetime import datetime, tzinfo

import trio
from attrs import frozen

from callengine.errors import ConfigError
from callengine.lines.admission import Admission, Seat
from callengine.lines.choice import LineLoad
from callengine.lines.gate import Gate
from callengine.lines.leases import GatePass, SlotLease
from callengine.lines.line import Line
from callengine.model import Ambient, LeaseRequest, LineId, LineLimits, LineSpec, Purpose


@frozen
class PoolLoad:
    """All lines at one moment: slots in use and requests waiting, by purpose."""

    lines: tuple[LineLoad, ...]
    in_use: Mapping[Purpose, int]
    waiting: Mapping[Purpose, int]


class LinePool:
    """Gives out slots: to operator legs first, then to inbound callers, then to new calls.

    While a caller waits for a line, no outbound call starts on that line.

    Args:
        specs: the lines, in the order that breaks ties.
        ambient: whose wall clock says what day it is.
        overall_per_second: originate requests in any second, all lines together; 0 for no limit.
        max_outbound: outbound calls at once; 0 for no cap. Operator legs are not counted.
        max_inbound: inbound calls at once; 0 for no cap.
        reserve: slots, of all lines together, that customers' calls leave free when an outbound call starts, so that a leg
            to an operator finds one. Never the last slot: with one slot in all, outbound calls get it.
        zone: decides when a line's day ends; the ambient's own zone if absent.

    Raises:
        ConfigError: two lines bear the same id.
    """

    def __init__(
        self,
        specs: Iterable[LineSpec],
        ambient: Ambient,
        *,
        overall_per_second: int = 0,
        max_outbound: int = 0,
        max_inbound: int = 0,
        reserve: int = 0,
        zone: tzinfo | None = None,
    ) -> None:
        self._ambient = ambient
        self._zone = zone
        self._lines: dict[LineId, Line] = {}
        for spec in specs:
            if spec.id in self._lines:
                raise ConfigError(f"line {spec.id} is configured twice")
            self._lines[spec.id] = Line(spec, self._wall)
        caps = {Purpose.OUTBOUND: max_outbound, Purpose.INBOUND: max_inbound}
        self._admission = Admission(self._lines, Gate(overall_per_second), caps, reserve)

    @property
    def ids(self) -> tuple[LineId, ...]:
        """Of all lines, in their order."""
        return tuple(self._lines)

    @property
    def slots(self) -> int:
        """Of all lines together."""
        return sum(line.spec.limits.concurrent for line in self._lines.values())

    def _wall(self) -> datetime:
        wall = self._ambient.wall()
        return wall.astimezone(self._zone) if self._zone else wall

    async def run(self, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Keep the alarm clock: without it, nobody who waits for a window is ever served. Runs until cancelled."""
        task_status.started()
        while True:
            with trio.CancelScope(deadline=self._admission.alarm.deadline) as self._admission.alarm:
                await trio.sleep_forever()
            self._admission.admit()

    async def lease(self, want: LeaseRequest) -> SlotLease:
        """Wait for a slot. Cancelled while waiting, or served and cancelled at once, it holds nothing.

        Raises:
            ConfigError: the one line wanted is none of ours.
        """
        if want.line is not None and want.line not in self._lines:
            raise ConfigError(f"{want.line} is none of our lines")
        seat = Seat(want)
        self._admission.join(seat)
        try:
            await seat.served.wait()
            await trio.lowlevel.checkpoint_if_cancelled()
        except BaseException:
            self._admission.leave(seat)
            raise
        assert seat.line is not None, "served without a line"
        return SlotLease(self._admission, seat, seat.line)

    def passage(self) -> GatePass:
        """The right to place a leg over no line of ours; only the overall per-second limit counts it."""
        return GatePass(self._admission)

    def resize(self, line: LineId, limits: LineLimits) -> None:
        """Change a line's limits while it runs: calls beyond smaller ones finish, none is admitted until below.

        Raises:
            ConfigError: no such line.
        """
        if line not in self._lines:
            raise ConfigError(f"{line} is none of our lines")
        self._lines[line].resize(limits)
        self._admission.admit()

    @property
    def reserve(self) -> int:
        """Slots that outbound calls leave to legs to operators."""
        return self._admission.reserve

    def keep_free(self, reserve: int) -> None:
        """Change how many slots outbound calls leave to legs to operators; those that hold them finish."""
        self._admission.reserve = reserve
        self._admission.admit()

    def snapshot(self) -> PoolLoad:
        """The figures of this moment, for a live view."""
        waiting = self._admission.waiting
        pinned = [seat.want.line for seat in waiting.everyone()]
        return PoolLoad(
            lines=tuple(line.load(pinned.count(line.spec.id)) for line in self._lines.values()),
            in_use=dict(self._admission.in_use),
            waiting={purpose: len(waiting.of(purpose)) for purpose in Purpose},
        )
