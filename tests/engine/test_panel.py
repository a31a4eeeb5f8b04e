"""Panel, engine and PBX together: contacts come in, results go out."""

import json
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import attrs
import httpx
import pytest
import trio
from attrs import define, field
from trio.testing import MockClock

from callengine.engine import Engine, Outfit, Timelines
from callengine.fsm import Scenario, load
from callengine.model import Ambient, Result, RetryRule, SeededAmbient, Store, SystemAmbient
from callengine.panel import PanelClient, PanelConfig, open_panel
from callengine.providers import IntentClassifier
from callengine.settings import ContactSettings, LimitSettings, PanelSettings, Secret, Settings
from callengine.simulator import HangUp, Instead, Kind, Moment, PbxConfig, People, Persona, SimulatedPbx, audit
from callengine.store import MemoryBook, MemoryWriter, open_store
from callengine.testing.campaign import simulation_settings
from tests.panel.server import FakePanel, Json, serving

TOKEN = "t0ken"
LINE = "02144440001"
SARA = "09350000001"
HOUR = 3600.0


def scenario(name: str) -> Scenario:
    steps = (
        "[{step: start, type: entry, next: connect},"
        " {step: connect, type: transfer_to_operator, agent_type: outbound, on_success: connected, on_failure: end},"
        " {step: connected, type: set_result, result: connected_to_operator, next: talk},"
        " {step: talk, type: wait}, {step: end, type: hangup}]"
    )
    loading = load(f"scenario: {{name: {name}, display_name: The {name}, flow: {steps}}}".encode(), f"{name}.yaml")
    assert loading.scenario is not None, loading.findings
    return loading.scenario


def settings(url: str, contacts: ContactSettings | None = None) -> Settings:
    limits = LimitSettings(concurrent=3, per_minute=0, per_day=0, per_second=0, overall_per_second=0)
    panel = PanelSettings(base_url=url, token=Secret(TOKEN))
    there = simulation_settings(lines=1, limits=limits)
    return attrs.evolve(there, company="salehi", panel=panel, contacts=contacts or ContactSettings())


def engine_on(pbx: SimulatedPbx, configured: Settings, store: Store, panel: PanelClient, ambient: Ambient) -> Engine:
    return Engine(
        settings=configured,
        scenarios=(scenario("spring"), scenario("autumn")),
        contacts=None,
        store=store,
        opener=pbx.opener,
        ambient=ambient,
        outfit=Outfit(ears=None, classifier=IntentClassifier()),
        timeline=Timelines(()),
        panel=panel,
    )


METADATA: dict[str, Json] = {
    "outbound_lines": [{"id": "L1", "phone_number": LINE, "display_name": "Main"}],
    "outbound_agents": [{"id": 4, "phone_number": SARA}],
    "active_scenarios": [{"id": 11, "name": "autumn"}],
    "timezone": "+0330",
}


def answer(numbers: Sequence[tuple[int | str, str]] = (), *, allowed: bool = True, wait: int, reason: str = "") -> bytes:
    """In the newer shape."""
    batch = {"batch_id": 7, "numbers": [{"id": name, "phone_number": number} for name, number in numbers]}
    word = {"call_allowed": allowed, "retry_after_seconds": wait, "reason": reason, **METADATA}
    return json.dumps({**word, "batch": batch}).encode()


async def test_a_panel_on_loopback_gives_contacts_and_gets_results() -> None:
    """Real HTTP in real time, some three seconds of it: the panel's word first, then newer and older batches."""
    answers = [
        answer(allowed=False, wait=1, reason="lunch"),
        answer([(1, "0912 111 0001"), ("x", "12"), (3, "09121110001")], wait=1),
        b'{"call_allowed": true, "batch": {"batch_id": "old", "numbers": [{"id": 4, "phone_number": "09121110002"}]},'
        b' "active_scenarios": ["spring"], "active_agents": [{"id": 4, "phone_number": "%s"}]}' % SARA.encode(),
    ]
    people = People(
        {
            SARA: Persona(rings_after=0.02, answers_after=0.05, hangs_up=HangUp(Moment.BRIDGE, seconds=0.1)),
            "09121110002": Persona(rings_after=0.02, answers_after=0.05, instead=Instead.BUSY),
        },
        otherwise=Persona(rings_after=0.02, answers_after=0.05),
    )
    ambient, store = SystemAmbient(), MemoryWriter(MemoryBook())
    pbx = SimulatedPbx(ambient, people, PbxConfig(write_timeout=10.0))
    async with serving(FakePanel(batches=[*answers])) as server, trio.open_nursery() as world:
        await world.start(pbx.run)
        configured = settings(server.url)
        config = PanelConfig(server.url, TOKEN, configured.company)
        async with open_panel(config) as panel:
            with trio.fail_after(60):
                await engine_on(pbx, configured, store, panel, ambient).run()
        world.cancel_scope.cancel()

    dialled = [record.detail for record in pbx.log if record.kind is Kind.ORIGINATE]
    assert {detail["line"] for detail in dialled} == {LINE}, "the panel's line replaces the one of the settings"
    assert [detail["endpoint"] for detail in dialled if not detail["customer"]] == [
        "PJSIP/09121110001@trunk",
        "PJSIP/09121110002@trunk",
    ]
    told = {json.dumps(body["number_id"]): body for body in (each.json() for each in server.reported)}
    assert {name: (body["status"], body["phone_number"]) for name, body in told.items()} == {
        "1": ("CONNECTED", "0912 111 0001"),
        '"x"': ("FAILED", "12"),
        "3": ("FAILED", "09121110001"),
        "4": ("BUSY", "09121110002"),
    }
    assert (told['"x"']["reason"], told["3"]["reason"]) == ("invalid_number", "duplicate_number")
    assert (told["1"]["agent_id"], told["1"]["agent_phone"]) == (4, SARA)
    assert (told["1"]["outbound_line_id"], told["1"]["scenario_id"]) == ("L1", 11)
    assert str(told["1"]["attempted_at"]).endswith("+03:30")
    assert all(body["company"] == "salehi" and "batch_id" not in body for body in told.values())
    keys = [each.key for each in server.reported]
    assert all(keys) and len(set(keys)) == len(keys) == 4
    registered = {each.target.rpartition("/")[2]: each.json() for each in server.told if "register" in each.target}
    assert registered["register-scenarios"]["scenarios"] == [
        {"name": "spring", "display_name": "The spring"},
        {"name": "autumn", "display_name": "The autumn"},
    ]
    assert registered["register-outbound-lines"]["lines"] == [
        {"phone_number": configured.dialing.outbound_numbers[0], "display_name": configured.dialing.outbound_numbers[0]}
    ]


@define
class FailingPanel:
    """A panel on the virtual clock. It gives people when it is asked for the second time, is soon out of reach for an hour, and
    then back; now and then its answer is lost.

    Attributes:
        reports: each time that one arrived: its key, and what it told.
        asked: when it was asked for contacts, in seconds.
    """

    people: list[tuple[int | str, str]]
    down_from: float = 50.0
    down_until: float = 50.0 + HOUR
    reports: list[tuple[str, dict[str, Json]]] = field(factory=list)
    asked: list[float] = field(factory=list)
    began: float = field(factory=trio.current_time)

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        await trio.sleep(0.01)
        now = trio.current_time() - self.began
        if self.down_from <= now < self.down_until:
            raise httpx.ConnectError("no route")
        if request.method == "GET":
            self.asked.append(now)
            people, self.people = (self.people, []) if len(self.asked) > 1 else ([], self.people)
            return httpx.Response(200, content=answer(people, wait=45))
        if request.url.path.endswith("report-result"):
            self.reports.append((request.headers["Idempotency-Key"], json.loads(request.content)))
            if len(self.reports) % 5 == 1:
                raise httpx.ReadError("the connection broke before the answer")
        return httpx.Response(200, content=b"{}")


async def test_results_of_an_hour_without_the_panel_leave_in_order_under_their_keys(
    autojump_clock: MockClock, tmp_path: Path
) -> None:
    """Everybody is called while the panel is away, some again and again; meanwhile the engine is started anew."""
    people = [(name, f"0912000{name:04}") for name in range(20)]
    asked_again = [number for _, number in people[::4]]
    persona = Persona(answers_after=2.0, hangs_up=HangUp(Moment.ANSWER, seconds=3.0))
    pbx = SimulatedPbx(
        ambient := SeededAmbient(3, trio.current_time),
        People(dict.fromkeys(asked_again, Persona(answers_after=3.0, instead=Instead.BUSY)), otherwise=persona),
    )
    server = FailingPanel([*people])
    retries = {Result("busy"): RetryRule(attempts=3, delay=300)}
    configured = settings("http://panel.test", ContactSettings(retries=retries))
    config = PanelConfig("http://panel.test", TOKEN, configured.company)
    url = f"sqlite:///{tmp_path}/store.db"

    async def life(seconds: float) -> int:
        """One engine on the store of them all; returns how many results wait when it ends."""
        async with (
            open_store(url, ambient, exclusive=True, inline=True) as store,
            open_panel(config, httpx.MockTransport(server)) as panel,
        ):
            with trio.move_on_after(seconds):
                await engine_on(pbx, configured, store, panel, ambient).run(stay=True)
            return await store.read(lambda book: book.outbox.waiting())

    async with trio.open_nursery() as world:
        await world.start(pbx.run)
        first = await life(400)
        early = len(server.reports)
        waiting = await life(2900)
        assert len(server.reports) == early, "nothing was told while the panel was away"
        assert waiting > first > 0
        assert await life(1200) == 0
        world.cancel_scope.cancel()

    assert server.asked[1] - server.asked[0] == pytest.approx(45, abs=1), "it is asked when it wants to be"
    assert not audit(pbx.log, {})
    dialled = [
        record.detail["endpoint"] for record in pbx.log if record.kind is Kind.ORIGINATE and not record.detail["customer"]
    ]
    assert len(dialled) == 15 + 3 * 5
    accepted: dict[str, dict[str, Json]] = {}
    for key, told in server.reports:
        assert accepted.setdefault(key, told) == told, "told again under its key, it is the same"
    assert len(accepted) == len(dialled) < len(server.reports)
    of_contact: dict[Json, list[str]] = defaultdict(list)
    for told in accepted.values():
        of_contact[told["number_id"]].append(str(told["attempted_at"]))
    assert all(times == sorted(times) for times in of_contact.values())
    assert sorted(map(len, of_contact.values())) == [1] * 15 + [3] * 5
