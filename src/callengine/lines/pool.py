"""All lines together: what the rest of the engine asks for slots, and the alarm clock of those who wait."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, tzinfo

import trio
from attrs import define, frozen

from callengine.errors import ConfigError
from callengine.lines.admission import Admission, Seat
from callengine.lines.choice import LineLoad
from callengine.lines.gate import Gate
from callengine.lines.leases import GatePass, SlotLease
from callengine.lines.line import Line
from callengine.lines.windows import LONGEST_DAY
from callengine.model import Ambient, LeaseRequest, LineId, LineLimits, LineSpec, Placement, Purpose

NO_CALLS = LineLimits(concurrent=0)


@define
class ZonedClock:
    """The ambient's wall clock, in the zone in which a line's day ends; in its own where that is None."""

    ambient: Ambient
    zone: tzinfo | None

    def wall(self) -> datetime:
        wall = self.ambient.wall()
        return wall.astimezone(self.zone) if self.zone else wall

    def moment(self, local: datetime) -> datetime:
        return local.replace(tzinfo=self.zone) if self.zone else self.ambient.moment(local)


@frozen
class PoolLoad:
    """All lines at one moment: slots in use and requests waiting, by purpose.

    Lines that were replaced stand last, if calls went over them.
    """

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
        zone: decides when a line's day ends; if absent, what `set_zone` says does, and until then the ambient's own zone.

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
        self._zone = zone
        self._clock = ZonedClock(ambient, zone)
        self._lines = {spec.id: Line(spec, self._clock) for spec in _once_each(specs)}
        self._known = dict(self._lines)
        """Lines that were replaced, too: one that comes back has not forgotten its day."""
        caps = {Purpose.OUTBOUND: max_outbound, Purpose.INBOUND: max_inbound}
        self._admission = Admission(self._lines, Gate(overall_per_second), caps, reserve)

    @property
    def ids(self) -> tuple[LineId, ...]:
        """Of all lines in force, in their order."""
        return tuple(self._lines)

    @property
    def slots(self) -> int:
        """Of all lines in force together."""
        return sum(line.spec.limits.concurrent for line in self._lines.values())

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
            ConfigError: the one line wanted is none of ours, or was replaced meanwhile.
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
        if seat.line is None:
            raise ConfigError(f"{want.line} is none of our lines any more")
        return SlotLease(self._admission, seat, seat.line)

    def passage(self) -> GatePass:
        """The right to place a leg over no line of ours; only the overall per-second limit counts it."""
        return GatePass(self._admission)

    def shut(self) -> None:
        """Serve nobody until `open_up`: channels may be up that hold no slot yet. Who asks waits."""
        self._admission.shut = True

    def open_up(self) -> None:
        """Every channel that is up holds its slot: serve who waits."""
        self._admission.shut = False
        self._admission.admit()

    def occupy(self, line: LineId, purpose: Purpose) -> SlotLease:
        """A slot for a channel that is up already, on whatever line and past every limit; it counts in no window."""
        seat = Seat(LeaseRequest(purpose, line))
        carrier = self._line(line)
        self._admission.occupy(seat, carrier)
        return SlotLease(self._admission, seat, carrier)

    def restore(self, placements: Iterable[Placement], now: datetime) -> None:
        """Count again what was placed before a restart; those without a date, or with one to come, as of now.

        Args:
            placements: since `matters_since(now)`; earlier ones do no harm.
            now: by the wall clock, when they were read.
        """
        ages: dict[LineId, list[float]] = defaultdict(list)
        for placement in placements:
            age = (now - placement.at).total_seconds() if placement.at is not None else 0.0
            ages[placement.line].append(max(age, 0.0))
        for line, those in ages.items():
            self._line(line).restore(those)
        self._admission.gate.overall.restore(age for those in ages.values() for age in those)
        self._admission.admit()

    def matters_since(self, now: datetime) -> datetime:
        """From when on placements may count in a window or on a line's day, whatever zone it will be told to go by."""
        return now - LONGEST_DAY

    def set_zone(self, zone: tzinfo | None) -> None:
        """Say in which zone a line's day ends, None for the ambient's own; it counts where the pool was not given one.

        What was placed since the day began there is counted anew.
        """
        if self._zone is None and zone != self._clock.zone:
            self._clock.zone = zone
            for line in self._known.values():
                line.day.rezone()
            self._admission.admit()

    def replace(self, specs: Iterable[LineSpec]) -> None:
        """Have these lines instead, while calls are up.

        What has been counted on a line stays counted, also while it is away. On lines that are missing no call begins, and
        those they carry finish; who waits for one of them gets a ConfigError.

        Raises:
            ConfigError: two lines bear the same id; nothing has changed.
        """
        wanted = _once_each(specs)
        for line in self._lines.values():
            line.in_force = False
        self._lines.clear()
        for spec in wanted:
            line = self._line(spec.id)
            line.respecify(spec)
            line.in_force = True
            self._lines[spec.id] = line
        self._admission.dismiss()
        self._admission.admit()

    def _line(self, line: LineId) -> Line:
        """As it is known; one that nobody has named yet carries no calls until somebody does."""
        if line not in self._known:
            self._known[line] = Line(LineSpec(line, caller_id=line, limits=NO_CALLS), self._clock, in_force=False)
        return self._known[line]

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
        replaced = (line.load() for line in self._known.values() if line.was_used and not line.in_force)
        pinned = [seat.want.line for seat in waiting.everyone()]
        return PoolLoad(
            lines=(*(line.load(pinned.count(line.spec.id)) for line in self._lines.values()), *replaced),
            in_use=dict(self._admission.in_use),
            waiting={purpose: len(waiting.of(purpose)) for purpose in Purpose},
        )


def _once_each(specs: Iterable[LineSpec]) -> tuple[LineSpec, ...]:
    """Raises ConfigError where two lines bear the same id."""
    ids = set()
    found = tuple(specs)
    for spec in found:
        if spec.id in ids:
            raise ConfigError(f"line {spec.id} is configured twice")
        ids.add(spec.id)
    return found
