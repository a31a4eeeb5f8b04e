"""Many calls at once on a scripted PBX, with dialler, lines and reaper as in earnest, each brought where it is wanted."""

import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import trio
from attrs import define, field

from benchmarks.campaign import appointment
from benchmarks.scripted import ScriptedStream, channel_destroyed, playback_finished, stasis_start
from callengine.ari import AriClient, AriConfig, EventDecoder, Router, Transport
from callengine.calls import Call, CallRules, LegState, Outbound, Pbx, Placement, Reaper, Services
from callengine.calls.estate import Estate
from callengine.dialer import AttemptLife, ContactList, Dialer
from callengine.engine import Timelines
from callengine.engine.charts import charted
from callengine.fsm import Chart
from callengine.lines import LinePool, Operators
from callengine.model import Attempt, CallResult, ChannelId, Lease, LineId, LineLimits, LineSpec, Rosters, SystemAmbient
from callengine.providers import IntentClassifier
from callengine.store import MemoryBook, MemoryWriter
from callengine.testing.campaign import numbers


@define(eq=False)
class WatchedReaper(Reaper):
    """Counts the calls whose tasks have all ended: the next thing they do is hand over their estate."""

    taken: int = field(default=0, init=False)
    target: int = field(default=0, init=False)
    reached: trio.Event = field(factory=trio.Event, init=False)

    def take(self, estate: Estate) -> trio.Event:
        self.taken += 1
        if self.taken == self.target:
            self.reached.set()
        return super().take(estate)


@define(eq=False)
class Crowd:
    """Calls under way, by channel.

    Attributes:
        asked: requests so far, by what they ask for.
        playbacks: the latest prompt of each channel.
        written: when the latest request was, on the wall's performance counter.
    """

    calls: dict[str, Call] = field(factory=dict, init=False)
    asked: Counter[str] = field(factory=Counter, init=False)
    playbacks: dict[str, str] = field(factory=dict, init=False)
    written: float = field(default=0.0, init=False)
    reaper: WatchedReaper = field(init=False)
    _services: Services = field(init=False)
    _pool: LinePool = field(init=False)
    _router: Router = field(factory=Router, init=False)
    _decoder: EventDecoder = field(factory=EventDecoder, init=False)
    _changed: trio.Event = field(factory=trio.Event, init=False)

    def __attrs_post_init__(self) -> None:
        ambient = SystemAmbient()
        limits = LineLimits(concurrent=10_000, per_minute=0, per_day=0, per_second=0)
        self._pool = LinePool([LineSpec(LineId("02191302000"), "02191302000", limits)], ambient)
        client = AriClient(Transport(AriConfig(app="bench", username="u", password="p"), self._open), "bench")
        self.reaper = WatchedReaper(client, self._router)
        pbx = Pbx(client, self._router, self.reaper, ambient, trio.lowlevel.checkpoint)
        self._services = Services(pbx, self._pool, Operators(Rosters()), IntentClassifier(), rules=CallRules())

    def tell(self, message: bytes) -> None:
        """What the event socket does with a message."""
        event = self._decoder.decode(message)
        assert event is not None, "it is of the table"
        self._router.dispatch(event)

    async def until(self, what: str, count: int) -> None:
        """Wait until so many requests of a kind have been written."""
        while self.asked[what] < count:
            await self._changed.wait()

    async def answer(self, channels: list[str]) -> None:
        """Have these people pick up, hear the greeting, and be recorded; they are live from then on."""
        for wanted, of in (("play", stasis_start), ("record", lambda each: playback_finished(each, self.playbacks[each]))):
            before = self.asked[wanted]
            for done, channel in enumerate(channels, 1):
                self.tell(of(channel))
                await self.until(wanted, before + done)

    async def dial(self, count: int) -> None:
        """Run a campaign of so many calls."""
        ambient = SystemAmbient()
        dialer = Dialer(
            contacts=ContactList(numbers(count), ambient),
            lines=self._pool,
            writer=MemoryWriter(MemoryBook()),
            assignment=charted((appointment(),), ambient),
            place=self._place,
            ambient=ambient,
        )
        await dialer.run()

    async def serve(self, task_status: trio.TaskStatus[None]) -> None:
        """Run lines and reaper until cancelled."""
        async with trio.open_nursery() as nursery:
            await nursery.start(self._pool.run)
            await nursery.start(self.reaper.run)
            task_status.started()

    async def _place(self, attempt: Attempt, lease: Lease, chart: Chart, life: AttemptLife) -> CallResult:
        placement = Placement(f"PJSIP/{attempt.contact.number}@trunk", lease.line.caller_id, timeout=600.0)
        call = Call(
            id=attempt.call,
            chart=chart,
            services=self._services,
            way=Outbound(
                number=attempt.contact.number,
                channel=attempt.channel or ChannelId(attempt.id),
                placement=placement,
                cleared=self._services.pbx.ready,
                lease=lease,
                watch=lambda state: life.placed() if state is LegState.DIALLING else None,
            ),
            timeline=Timelines(()),
        )
        self.calls[call.customer.id] = call
        return await call.run()

    async def _open(self) -> trio.abc.Stream:
        await trio.lowlevel.checkpoint()
        return ScriptedStream(self._note)

    def _note(self, method: str, target: str) -> None:
        self.written = time.perf_counter()
        match method, target.partition("?")[0].split("/")[2:]:
            case "POST", ["channels"]:
                self.asked["originate"] += 1
            case "POST", ["channels", channel, "play", playback]:
                self.playbacks[channel] = playback
                self.asked["play"] += 1
            case "POST", ["channels", _, "record"]:
                self.asked["record"] += 1
            case "DELETE", ["channels", channel]:
                self.tell(channel_destroyed(channel))
        self._changed.set()
        self._changed = trio.Event()


@asynccontextmanager
async def crowd_of(count: int) -> AsyncIterator[Crowd]:
    """So many calls whose telephones ring; left, whoever is still there is hung up."""
    crowd = Crowd()
    async with trio.open_nursery() as services:
        await services.start(crowd.serve)
        async with trio.open_nursery() as calls:
            calls.start_soon(crowd.dial, count)
            await crowd.until("originate", count)
            yield crowd
            calls.cancel_scope.cancel()
        services.cancel_scope.cancel()
