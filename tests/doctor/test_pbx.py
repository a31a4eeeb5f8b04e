"""The PBX, sound and ailing."""

from pathlib import Path

import attrs
import pytest
import trio

from callengine.ari import AriClient, AriConfig, Link, Router, Transport, judged, tcp_opener
from callengine.doctor import State
from callengine.model import SystemAmbient
from callengine.settings import OperatorSettings, RosterEntry, Secret
from callengine.simulator import PbxConfig
from callengine.simulator.config import MODULES
from callengine.testing.wire import Reply, open_wire
from tests.doctor.ward import PASSWORD, examined, patient, simulated_pbx


async def test_nothing_is_wrong_with_a_sound_pbx(tmp_path: Path) -> None:
    async with simulated_pbx() as (_, ari):
        found = await examined(patient(tmp_path, ari), tmp_path)
    assert found.wrong == []
    looked_at = {each.what for each in found.findings if each.state is State.OK}
    wanted = {"scenarios", "store", "disk", "lines", "PBX", "clock", "modules", "recordings", "application", "event socket"}
    assert wanted | {"trunk", "prompts", "ffmpeg"} == looked_at
    assert "22.10.1" in found.one("PBX").sentence
    assert "no engine serves it" in found.one("application").sentence


async def test_a_running_engine_is_seen_and_left_alone(tmp_path: Path) -> None:
    async with simulated_pbx() as (_, ari), trio.open_nursery() as nursery:
        config = AriConfig("callengine", "callengine", PASSWORD, ari.base_url, ari.ws_url)
        opener = tcp_opener(config.base_url)
        client = AriClient(Transport(config, opener), config.app)
        link = Link(config, opener, client, Router(), SystemAmbient())
        await nursery.start(link.run)
        found = await examined(patient(tmp_path, ari), tmp_path)
        assert "an engine serves it" in found.one("application").sentence
        assert [each.name for each in await client.list_applications()] == ["callengine"]
        assert link.up and not link.replaced and link.connects == 1
        await client.transport.close_idle()
        nursery.cancel_scope.cancel()


async def test_a_wrong_password(tmp_path: Path) -> None:
    async with simulated_pbx() as (_, ari):
        found = await examined(patient(tmp_path, attrs.evolve(ari, password=Secret("canary-other"))), tmp_path)
    assert found.one("PBX").state is State.FAILED
    assert "ARI_PASSWORD" in found.one("PBX").remedy
    assert not found.of("trunk")


async def test_nobody_listens(tmp_path: Path) -> None:
    async with simulated_pbx() as (_, ari):
        pass
    finding = (await examined(patient(tmp_path, ari), tmp_path)).one("PBX")
    assert "nothing listens at 127.0.0.1" in finding.sentence
    assert "http.conf" in finding.remedy


@pytest.mark.parametrize(
    ("reply", "told", "remedy"),
    [
        (Reply(404, b"<html><h1>Not Found</h1></html>"), "no REST interface", "enabled=yes in ari.conf"),
        (Reply(200, b"<html>hello</html>"), "makes no sense", "ARI_BASE_URL"),
        (Reply(503, b""), "503", "started"),
        (Reply(302, b"", {"Location": "http://elsewhere.test"}), "302", "ARI_BASE_URL"),
    ],
)
async def test_something_else_answers(tmp_path: Path, reply: Reply, told: str, remedy: str) -> None:
    async with open_wire(reply) as wire, simulated_pbx() as (_, ari):
        found = await examined(patient(tmp_path, attrs.evolve(ari, base_url=f"{wire.url}/ari")), tmp_path)
    assert told in found.one("PBX").sentence
    assert remedy in found.one("PBX").remedy


@pytest.mark.parametrize(
    ("version", "advice"),
    [
        ("22.10.1", "fine"),
        ("22.10.1+dfsg+~cs6.17.60671434-1", "fine"),
        ("22.9.0", "update"),
        ("20.20.1", "fine"),
        ("20.9.3", "update"),
        ("21.12.0", "update"),
        ("23.1.0", "fine"),
        ("18.26.4", "too old"),
        ("certified/20.7-cert5", "not known"),
        ("GIT-master-1f2", "not known"),
        ("", "not known"),
    ],
)
def test_what_to_think_of_a_version(version: str, advice: str) -> None:
    assert judged(version) == advice


@pytest.mark.parametrize(("version", "state"), [("22.9.0", State.WARNING), ("16.2.1", State.FAILED), ("", State.WARNING)])
async def test_an_old_version(tmp_path: Path, version: str, state: State) -> None:
    async with simulated_pbx(PbxConfig(version=version)) as (_, ari):
        found = await examined(patient(tmp_path, ari), tmp_path)
    assert found.one("PBX").state is state
    assert "22.10.1" in found.one("PBX").remedy


async def test_modules_that_are_missing(tmp_path: Path) -> None:
    modules = tuple(each for each in MODULES if each not in {"res_stasis_recording.so", "res_musiconhold.so"})
    async with simulated_pbx(PbxConfig(modules=modules)) as (_, ari):
        found = await examined(patient(tmp_path, ari), tmp_path)
    [vital], [other] = found.of("modules", State.FAILED), found.of("modules", State.WARNING)
    assert "res_stasis_recording" in vital.sentence and "modules.conf" in vital.remedy
    assert "res_musiconhold" in other.sentence


@pytest.mark.parametrize(
    ("endpoints", "state", "told"),
    [
        ({}, State.FAILED, "OUTBOUND_TRUNK"),
        ({"PJSIP/trunk": "offline"}, State.FAILED, "qualify_frequency"),
        ({"PJSIP/trunk": "unknown"}, State.WARNING, "qualify_frequency"),
        ({"PJSIP/trunk": "online"}, State.OK, ""),
    ],
)
async def test_the_trunk(tmp_path: Path, endpoints: dict[str, str], state: State, told: str) -> None:
    async with simulated_pbx(PbxConfig(endpoints=endpoints)) as (_, ari):
        finding = (await examined(patient(tmp_path, ari), tmp_path)).one("trunk")
    assert finding.state is state
    assert told in finding.remedy


async def test_telephones_of_operators_that_are_not_behind_the_trunk(tmp_path: Path) -> None:
    operators = OperatorSettings(
        inbound=(RosterEntry("a", "09121234567"), RosterEntry("b", "PJSIP/200@desk"), RosterEntry("c", "PJSIP/desk/sip:1@h")),
        endpoint="PJSIP/300",
        outbound=(RosterEntry("d", "Local/1@people"),),
    )
    endpoints = {"PJSIP/trunk": "online", "PJSIP/desk": "online"}
    async with simulated_pbx(PbxConfig(endpoints=endpoints)) as (_, ari):
        found = await examined(attrs.evolve(patient(tmp_path, ari), operators=operators), tmp_path)
    told = [(each.state, each.sentence) for each in found.of("operators")]
    assert told == [
        (State.OK, "PJSIP/desk is online"),
        (State.SKIPPED, "LOCAL/people: the PBX cannot be asked about endpoints of that kind"),
        (State.FAILED, "The PBX has no endpoint PJSIP/300"),
    ]


async def test_a_prompt_that_the_pbx_does_not_have(tmp_path: Path) -> None:
    async with simulated_pbx(PbxConfig(missing=("sound:custom/hello",))) as (_, ari):
        finding = (await examined(patient(tmp_path, ari), tmp_path)).one("prompts")
    assert finding.state is State.FAILED
    assert "custom/hello" in finding.sentence


async def test_no_event_socket(tmp_path: Path) -> None:
    async with open_wire(Reply(404)) as wire, simulated_pbx() as (_, ari):
        address = f"ws{wire.url.removeprefix('http')}/events"
        finding = (await examined(patient(tmp_path, attrs.evolve(ari, ws_url=address)), tmp_path)).one("event socket")
    assert finding.state is State.FAILED
    assert "404" in finding.sentence and "ARI_WS_URL" in finding.remedy


async def test_a_port_without_an_event_socket(tmp_path: Path) -> None:
    async with open_wire() as wire:
        pass
    async with simulated_pbx() as (_, ari):
        address = f"ws{wire.url.removeprefix('http')}/events"
        finding = (await examined(patient(tmp_path, attrs.evolve(ari, ws_url=address)), tmp_path)).one("event socket")
    assert "no connection" in finding.sentence


async def test_no_lines_and_no_trunk(tmp_path: Path) -> None:
    async with simulated_pbx() as (_, ari):
        bare = attrs.evolve(
            patient(tmp_path, ari), dialing=attrs.evolve(patient(tmp_path).dialing, trunk="", outbound_numbers=())
        )
        found = await examined(bare, tmp_path)
    assert "OUTBOUND_NUMBERS" in found.one("lines").sentence
    assert "OUTBOUND_TRUNK" in found.one("trunk").remedy


async def test_without_a_pbx_the_rest_is_looked_at(tmp_path: Path) -> None:
    found = await examined(patient(tmp_path), tmp_path)
    assert "simulated" in found.one("PBX").sentence
    assert found.one("scenarios").state is State.OK
    assert found.wrong == []
