"""What is seen of an engine: the timelines of its calls, its figures, the ledger of abandoned calls."""

from datetime import datetime, timedelta

import attrs
from attrs import define, field

from callengine.ari import AriTap
from callengine.calls import abandoned
from callengine.dialer import Over, Unit
from callengine.engine.charts import source_of
from callengine.engine.operator_statistics import OperatorStatistics
from callengine.engine.recorder import Recorder
from callengine.engine.tally import Tally, book_figures
from callengine.engine.timelines import Taps, Timelines
from callengine.fsm import Chart
from callengine.lines import LinePool, Operators
from callengine.model import Ambient, Attempt, Book, CallId, Figures, Store, Timeline
from callengine.providers import Bounds
from callengine.settings import Settings
from callengine.store import DurableStore


@define(eq=False)
class Sight:
    """Listens to everything, keeps what may be kept, and gives figures.

    Args:
        owners: the call of each object at the PBX.
        timeline, tap: others who listen.
        services: whose uses are counted.
    """

    settings: Settings
    store: Store
    ambient: Ambient
    owners: dict[str, CallId]
    lines: LinePool
    operators: Operators
    timeline: Timeline
    tap: AriTap | None
    services: tuple[Bounds, ...] = ()
    recorder: Recorder = field(init=False)
    tally: Tally = field(init=False)
    statistics: OperatorStatistics = field(init=False)
    _began_at: datetime = field(init=False)
    _charts: dict[str, Chart] = field(factory=dict, init=False)

    def __attrs_post_init__(self) -> None:
        self.recorder = Recorder(self.owners, self.ambient, keep_spoken=self.settings.keep.transcripts)
        self.tally = Tally(self.ambient)
        self.statistics = OperatorStatistics(self.operators.snapshot, self.store, self.ambient)
        self._began_at = self.ambient.wall()
        if isinstance(self.store, DurableStore):
            self.store.commits.told = self.tally.commits.add

    @property
    def timelines(self) -> Timelines:
        """Who is told what happens in calls."""
        return Timelines((self.recorder, self.tally, self.statistics, self.timeline))

    @property
    def taps(self) -> Taps:
        """Who is told of requests and events."""
        return Taps((self.recorder, self.tally, *(() if self.tap is None else (self.tap,))))

    def began(self, call: CallId, chart: Chart) -> None:
        """A call goes through this chart."""
        self._charts[call] = chart

    def unit(self, over: Over) -> Unit | None:
        """What is kept of a call that is over."""
        timeline, chart = self.recorder.take(over.call), self._charts.pop(over.call, None)
        abandons = self._abandons(over)

        def write(book: Book) -> None:
            if timeline is not None:
                book.timelines.keep(timeline)
            if chart is not None:
                source = source_of(chart)
                book.timelines.keep_chart(chart.id, source.content, source.path, source.flow)
            if abandons is not None:
                campaign, answered_at, was = abandons
                book.ledger.enter(over.call, campaign, answered_at, abandoned=was)

        return write

    def _abandons(self, over: Over) -> tuple[str, datetime, bool] | None:
        """For the ledger: campaign, moment of the answer, and whether they were abandoned; None for no live answer."""
        if not isinstance(over, Attempt) or over.outcome is None or not over.outcome.answered:
            return None
        answered_at = self.ambient.wall() - timedelta(seconds=over.outcome.seconds)
        return over.contact.campaign, answered_at, abandoned(over.outcome, self.settings.pacing.abandon_after)

    async def figures(self, hopper: int) -> Figures:
        """As of now.

        Args:
            hopper: contacts taken out of the store and not called yet.

        Raises:
            StoreError: the store cannot be read.
        """
        campaign, now = self.settings.contacts.campaign, self.ambient.wall()
        book = await self.store.read(lambda book: book_figures(book, campaign, self._began_at, now))
        figures = self.tally.figures(
            self.lines.snapshot(), self.operators.snapshot(), self.statistics.total.values(), book, hopper
        )
        return attrs.evolve(figures, services=tuple(bounds.figures() for bounds in self.services))
