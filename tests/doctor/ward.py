"""Patients for the doctor, and what is found of them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import attrs
import trio
from attrs import frozen

from callengine.doctor import Finding, State, examine
from callengine.logs import Cleaner
from callengine.model import SystemAmbient
from callengine.settings import AriSettings, DialingSettings, ScenarioSettings, Secret, Settings, secrets_of
from callengine.simulator import PbxConfig, People, SimulatedPbx

PASSWORD = "canary-pbx"

SCENARIO = """
scenario:
  name: offer
  prompts: {hello: "sound:custom/hello"}
  flow:
    - {step: start, type: entry, next: hello}
    - {step: hello, type: play_prompt, prompt: hello, next: said}
    - {step: said, type: set_result, result: unknown, next: end}
    - {step: end, type: hangup}
"""


@frozen
class Examined:
    """What was found, in order."""

    findings: tuple[Finding, ...]

    def of(self, what: str, *states: State) -> list[Finding]:
        """Of one thing; in these states, if any are given."""
        return [each for each in self.findings if each.what == what and (not states or each.state in states)]

    def one(self, what: str) -> Finding:
        """The one finding of a thing that matters: a failure, else a warning, else whatever there is."""
        for state in State.FAILED, State.WARNING, State.OK, State.SKIPPED:
            if found := self.of(what, state):
                assert len(found) == 1, found
                return found[0]
        raise AssertionError(f"{what} was not looked at: {self.findings}")

    @property
    def wrong(self) -> list[Finding]:
        return [each for each in self.findings if each.state in (State.FAILED, State.WARNING)]


def patient(folder: Path, ari: AriSettings | None = None) -> Settings:
    """Settings with one scenario, a line and a trunk."""
    flows = folder / "flows"
    flows.mkdir(exist_ok=True)
    (flows / "offer.yaml").write_text(SCENARIO, encoding="utf-8")
    return Settings(
        ari=ari or AriSettings(),
        dialing=DialingSettings(trunk="trunk", outbound_numbers=("5550001",)),
        scenarios=ScenarioSettings(dir=flows),
    )


async def examined(settings: Settings, folder: Path, within: float = 30.0) -> Examined:
    """Examine; whatever comes of it, no secret is told, and each thing that is wrong can be mended."""
    findings: list[Finding] = []
    store = f"sqlite:///{folder}/store.db"
    simulated = not settings.pbx_configured
    clean = Cleaner(secrets_of(settings)).text
    await examine(settings, store, findings.append, simulated=simulated, clean=clean, within=within)
    for finding in findings:
        assert "canary" not in finding.sentence + finding.remedy
        assert finding.sentence
        assert bool(finding.remedy) == (finding.state in (State.FAILED, State.WARNING)), finding
    return Examined(tuple(findings))


@asynccontextmanager
async def simulated_pbx(config: PbxConfig | None = None) -> AsyncIterator[tuple[SimulatedPbx, AriSettings]]:
    """A PBX on loopback, and how it is reached."""
    pbx = SimulatedPbx(SystemAmbient(), People({}), attrs.evolve(config or PbxConfig(), password=PASSWORD))
    async with trio.open_nursery() as world:
        await world.start(pbx.run)
        host, port = await world.start(pbx.serve_tcp, "127.0.0.1", 0)
        base = f"{host}:{port}/ari"
        yield (
            pbx,
            AriSettings(
                base_url=f"http://{base}", ws_url=f"ws://{base}/events", username="callengine", password=Secret(PASSWORD)
            ),
        )
        world.cancel_scope.cancel()
