"""The engine's own CPU for a yes-flow, store and providers included, beside a bare script of the same requests.

The simulated PBX runs in a process of its own, in real time, and both call it over loopback TCP, in turn.
"""

import time
from collections.abc import Iterable
from statistics import median

import attrs
import trio
from attrs import define, field

from benchmarks.bare import Script
from benchmarks.children import child
from benchmarks.figures import MILLI, Figure
from benchmarks.pbx import PROMPT
from benchmarks.stalls import Stalls
from callengine.ari import Event, tcp_opener
from callengine.cli.run import spare_pauses
from callengine.dialer import ContactList
from callengine.engine import Engine, Outfit, Timelines
from callengine.fsm import Scenario, load
from callengine.model import SystemAmbient
from callengine.providers import IntentClassifier
from callengine.providers.scripted import HeardInRecording
from callengine.settings import LimitSettings, Settings
from callengine.store import MemoryBook, MemoryWriter
from callengine.testing.campaign import numbers, simulation_settings

CALLS = 200
ROUNDS = 5

FLOW = f"""scenario:
  name: yes
  prompts: {{hello: "{PROMPT}", bye: "{PROMPT}"}}
  stt: {{max_silence: 1}}
  llm: {{intent_categories: [yes], fallback_tokens: {{yes: ["yes"]}}, prompt_template: "{{transcript}}"}}
  flow:
    - {{step: start, type: entry, next: ask}}
    - {{step: ask, type: play_prompt, prompt: hello, next: hear}}
    - {{step: hear, type: record, next: think, on_empty: end, on_failure: end}}
    - {{step: think, type: classify_intent, next: route, on_failure: end}}
    - {{step: route, type: route_by_intent, routes: {{yes: thank}}}}
    - {{step: thank, type: play_prompt, prompt: bye, next: result}}
    - {{step: result, type: set_result, result: disconnected, next: end}}
    - {{step: end, type: hangup}}
"""


@define
class Tally:
    """Counts what goes over the wire."""

    requests: int = field(default=0, init=False)
    events: int = field(default=0, init=False)

    def request(self, method: str, path: str, status: int | None, seconds: float, about: str) -> None:  # noqa: ARG002  AriTap's signature
        self.requests += 1

    def event(self, event: Event) -> None:  # noqa: ARG002  AriTap's signature
        self.events += 1


def measure() -> Iterable[Figure]:
    return trio.run(_measure)


async def _measure() -> list[Figure]:
    scenario = load(FLOW.encode(), "yes.yaml").scenario
    assert scenario is not None, "it has no error"
    spare_pauses()
    tally, script = Tally(), Script(0)
    ours, theirs, stalled = [], [], []
    async with child("benchmarks.pbx") as port:
        for _ in range(ROUNDS + 1):
            script.port, tally = port, Tally()
            began = time.process_time()
            await script.run(CALLS)
            between = time.process_time()
            stalls = Stalls()
            trio.lowlevel.add_instrument(stalls)
            await _engine(port, scenario, tally).run()
            trio.lowlevel.remove_instrument(stalls)
            stalled.append(stalls.longest)
            theirs.append((between - began) / CALLS)
            ours.append((time.process_time() - between) / CALLS)
    engine, bare = median(ours[1:]), median(theirs[1:])
    return [
        Figure("requests a call, engine", tally.requests / CALLS, ""),
        Figure("requests a call, bare script", script.requests / CALLS, ""),
        Figure("events a call, engine", tally.events / CALLS, ""),
        Figure("engine", engine * MILLI, "ms CPU a call"),
        Figure("bare script of the same requests", bare * MILLI, "ms CPU a call"),
        Figure("engine to bare script", engine / bare, "times", "<= 2"),
        Figure(
            f"longest stall of the event loop, {CALLS} calls placed at once", median(stalled[1:]) * MILLI, "ms wall", "< 50"
        ),
    ]


def _engine(port: int, scenario: Scenario, tally: Tally) -> Engine:
    base = f"http://127.0.0.1:{port}/ari"
    ambient = SystemAmbient()
    return Engine(
        settings=_settings(base),
        scenarios=(scenario,),
        contacts=ContactList(numbers(CALLS), ambient),
        store=MemoryWriter(MemoryBook()),
        opener=tcp_opener(base),
        ambient=ambient,
        outfit=Outfit(ears=HeardInRecording(), classifier=IntentClassifier()),
        timeline=Timelines(()),
        tap=tally,
    )


def _settings(base: str) -> Settings:
    limits = LimitSettings(concurrent=CALLS, per_minute=0, per_day=0, per_second=0, overall_per_second=0)
    settings = simulation_settings(lines=1, limits=limits)
    return attrs.evolve(settings, ari=attrs.evolve(settings.ari, base_url=base))
