"""How near calls come to the per-second limits, in real time: a store on disk, and a PBX in a process of its own over TCP.

By the clock of the PBX, which holds back a request or its answer for up to 2 ms, on top of what both take. That time is the
price of a limit that no second exceeds: what is lost beyond it is lost to the engine.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import fmean
from tempfile import TemporaryDirectory

import attrs
import trio
from attrs import define, field

from benchmarks.children import child
from benchmarks.figures import MILLI, Figure
from benchmarks.pbx import PROMPT
from callengine.ari import Event, tcp_opener
from callengine.dialer import ContactList
from callengine.engine import Engine, Outfit, Timelines
from callengine.fsm import Scenario, load
from callengine.model import SystemAmbient
from callengine.providers import IntentClassifier
from callengine.settings import LimitSettings
from callengine.store import open_store
from callengine.testing.campaign import numbers, simulation_settings

SECONDS = 20
LIMITS = (3, 20, 50)

FLOW = f"""scenario:
  name: hello
  prompts: {{hello: "{PROMPT}"}}
  flow:
    - {{step: start, type: entry, next: hello}}
    - {{step: hello, type: play_prompt, prompt: hello, next: end}}
    - {{step: end, type: hangup}}
"""


@define
class Answers:
    """How long the PBX took to answer originate requests, in seconds."""

    waits: list[float] = field(factory=list, init=False)

    def request(self, method: str, path: str, status: int | None, seconds: float, about: str) -> None:  # noqa: ARG002  AriTap's signature
        if (method, path) == ("POST", "/channels"):
            self.waits.append(seconds)

    def event(self, event: Event) -> None:
        """Events tell nothing of it."""


def measure() -> Iterable[Figure]:
    scenario = load(FLOW.encode(), "hello.yaml").scenario
    assert scenario is not None, "it has no error"
    for limit in LIMITS:
        with TemporaryDirectory() as folder:
            arrivals, answers = trio.run(_measure, Path(folder), scenario, limit)
        spans = [later - earlier for earlier, later in zip(arrivals, arrivals[limit:], strict=False)]
        lost = 100 * (1 - 1 / fmean(spans))
        yield Figure(f"{limit} calls a second: rate lost", lost, "%", "<= 0.5")
        yield Figure(f"{limit} calls a second: answer to a request", fmean(answers.waits) * MILLI, "ms wall")
        yield Figure(f"{limit} calls a second: shortest time of {limit + 1} calls", min(spans), "s", ">= 1")


async def _measure(folder: Path, scenario: Scenario, limit: int) -> tuple[Sequence[float], Answers]:
    arrivals, ambient = folder / "arrivals", SystemAmbient()
    answers = Answers()
    async with (
        child("benchmarks.pbx", str(arrivals)) as port,
        open_store(f"sqlite:///{folder / 'store.db'}", ambient, exclusive=True) as store,
    ):
        limits = LimitSettings(concurrent=2 * limit, per_minute=0, per_day=0, per_second=0, overall_per_second=limit)
        settings = simulation_settings(lines=2, limits=limits)
        base = f"http://127.0.0.1:{port}/ari"
        engine = Engine(
            settings=attrs.evolve(settings, ari=attrs.evolve(settings.ari, base_url=base)),
            scenarios=(scenario,),
            contacts=ContactList(numbers(limit * SECONDS), ambient),
            store=store,
            opener=tcp_opener(base),
            ambient=ambient,
            outfit=Outfit(ears=None, classifier=IntentClassifier()),
            timeline=Timelines(()),
            tap=answers,
        )
        await engine.run()
    return [float(line.split()[0]) for line in arrivals.read_text(encoding="ascii").splitlines()], answers
