"""The panel, messages, files: looked at without taking, sending or changing anything."""

import sqlite3
import ssl
import subprocess
from pathlib import Path

import attrs
import pytest
import trio

from callengine.doctor import State
from callengine.doctor.reach import reach
from callengine.model import SystemAmbient
from callengine.settings import (
    AudioSettings,
    LogSettings,
    MediaSettings,
    PanelSettings,
    RequestSettings,
    ScenarioSettings,
    Secret,
    SftpSettings,
    SmsSettings,
    StoreSettings,
)
from callengine.store import open_store
from callengine.testing.wire import Reply, open_wire
from tests.doctor.ward import SCENARIO, examined, patient

TOKEN = Secret("canary-token-of-a-length")


@pytest.mark.parametrize(
    ("replies", "state", "told"),
    [
        ([Reply(405), Reply(401)], State.OK, "takes the token"),
        ([Reply(404), Reply(404)], State.OK, "whether it takes the token is not known"),
        ([Reply(200, b"{}"), Reply(200, b"{}")], State.OK, "whether it takes the token is not known"),
        ([Reply(401)], State.FAILED, "refuses the token"),
        ([Reply(502)], State.FAILED, "fails (502)"),
        ([Reply(301, b"", {"Location": "http://elsewhere.test"})], State.FAILED, "redirects are not followed"),
        ([Reply(held=-1)], State.FAILED, "did not answer"),
    ],
    ids=["guarded", "404", "open", "wrong token", "broken", "moved", "mute"],
)
async def test_the_panel_loses_no_contact(tmp_path: Path, replies: list[Reply], state: State, told: str) -> None:
    async with open_wire(*replies) as wire:
        settings = attrs.evolve(patient(tmp_path), company="salehi", panel=PanelSettings(base_url=wire.url, token=TOKEN))
        settings = attrs.evolve(settings, http=attrs.evolve(settings.http, timeout=0.5))
        finding = (await examined(settings, tmp_path)).one("panel")
    assert finding.state is state
    assert told in finding.sentence
    assert {(asked.method, asked.target) for asked in wire.asked} == {("GET", "/api/dialer/report-result?company=salehi")}
    assert wire.asked[0].headers["authorization"] == "Bearer canary-token-of-a-length"
    assert all("authorization" not in asked.headers for asked in wire.asked[1:])


async def test_a_panel_that_is_not_there(tmp_path: Path) -> None:
    async with open_wire() as wire:
        pass
    settings = attrs.evolve(patient(tmp_path), panel=PanelSettings(base_url=wire.url, token=TOKEN))
    finding = (await examined(settings, tmp_path)).one("panel")
    assert "nothing listens" in finding.sentence and "PANEL_BASE_URL" in finding.remedy


async def test_nothing_is_posted_to_a_webhook(tmp_path: Path) -> None:
    async with open_wire() as wire:
        settings = attrs.evolve(patient(tmp_path), sms=SmsSettings(webhook_url=f"{wire.url}/canary-path"))
        found = await examined(settings, tmp_path)
    assert found.one("short messages").state is State.OK
    assert "was not tried" in found.one("short messages").sentence
    assert wire.asked == []
    gone = (await examined(settings, tmp_path)).one("short messages")
    assert gone.state is State.FAILED and "SMS_WEBHOOK_URL" in gone.remedy


async def test_web_services_of_scenarios_are_connected_to_and_not_asked(tmp_path: Path) -> None:
    async with open_wire() as wire:
        settings = patient(tmp_path)
        assert settings.scenarios.dir is not None
        ask = f"{{step: ask, type: request, url: '{wire.url}/x', next: hello, on_failure: hello}}"
        step = f"- {{step: start, type: entry, next: ask}}\n    - {ask}"
        text = SCENARIO.replace("- {step: start, type: entry, next: hello}", step)
        (settings.scenarios.dir / "offer.yaml").write_text(text, encoding="utf-8")
        assert "REQUEST_HOSTS" in (await examined(settings, tmp_path)).one("web services").remedy
        allowed = attrs.evolve(settings, requests=RequestSettings(hosts=(wire.url.removeprefix("http://"),)))
        assert (await examined(allowed, tmp_path)).one("web services").state is State.OK
        assert wire.asked == []
    assert (await examined(allowed, tmp_path)).one("web services").state is State.FAILED


async def test_a_store_is_not_made_by_looking(tmp_path: Path) -> None:
    found = await examined(patient(tmp_path), tmp_path)
    assert "the first run makes it" in found.one("store").sentence
    assert not (tmp_path / "store.db").exists()


async def test_a_store_that_an_engine_runs_on(tmp_path: Path) -> None:
    async with open_store(f"sqlite:///{tmp_path}/store.db", SystemAmbient(), exclusive=True) as store:
        found = await examined(patient(tmp_path), tmp_path)
        await store.stamp(simulated=True)
    assert found.one("store").state is State.OK
    assert "tables are those of this version" in found.one("store").sentence


async def test_a_store_of_a_newer_version_and_a_damaged_one(tmp_path: Path) -> None:
    async with open_store(f"sqlite:///{tmp_path}/store.db", SystemAmbient()):
        pass
    with sqlite3.connect(tmp_path / "store.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    assert "newer callengine" in (await examined(patient(tmp_path), tmp_path)).one("store").sentence
    (tmp_path / "store.db").write_bytes(b"no database" * 1000)
    assert "damaged" in (await examined(patient(tmp_path), tmp_path)).one("store").sentence


async def test_a_disk_that_is_full(tmp_path: Path) -> None:
    settings = attrs.evolve(patient(tmp_path), store=StoreSettings(min_free_mb=10**9))
    assert "STORE_MIN_FREE_MB" in (await examined(settings, tmp_path)).one("disk").sentence


async def test_folders_that_cannot_be_written_to(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    settings = attrs.evolve(
        patient(tmp_path),
        logs=LogSettings(dir=tmp_path / "file"),
        audio=AudioSettings(sound_dir=(tmp_path / "nowhere" / "custom",)),
    )
    found = await examined(settings, tmp_path)
    assert "LOG_DIR" in found.one("folders").sentence
    assert "nowhere" in found.one("sounds").sentence


async def test_nothing_is_left_in_the_folder_of_sounds(tmp_path: Path) -> None:
    folder = tmp_path / "custom"
    folder.mkdir()
    found = await examined(attrs.evolve(patient(tmp_path), audio=AudioSettings(sound_dir=(folder,))), tmp_path)
    assert found.one("sounds").state is State.OK
    assert [path for path in folder.rglob("*") if path.is_file()] == []


async def test_sound_that_the_pbx_fetches_needs_a_running_engine(tmp_path: Path) -> None:
    async with open_wire() as wire:
        media = MediaSettings(delivery="http", base_url=wire.url, token=TOKEN)
        settings = attrs.evolve(patient(tmp_path), media=media)
        assert "was not tried" in (await examined(settings, tmp_path)).one("sounds").sentence
    assert (await examined(settings, tmp_path)).one("sounds").state is State.SKIPPED


async def test_a_server_for_sounds_that_is_not_there(tmp_path: Path) -> None:
    async with open_wire() as wire:
        port = int(wire.url.rpartition(":")[2])
    sftp = SftpSettings(host="127.0.0.1", port=port, user="dialler", password=TOKEN)
    settings = attrs.evolve(patient(tmp_path), media=MediaSettings(delivery="sftp"), sftp=sftp)
    finding = (await examined(settings, tmp_path)).one("sounds")
    assert finding.state is State.FAILED
    assert "SFTP" in finding.sentence and "SFTP_HOST" in finding.remedy


async def test_scenarios_with_faults(tmp_path: Path) -> None:
    settings = patient(tmp_path)
    assert settings.scenarios.dir is not None
    (settings.scenarios.dir / "broken.yaml").write_text("scenario: [", encoding="utf-8")
    finding = (await examined(settings, tmp_path)).one("scenarios")
    assert finding.state is State.FAILED
    assert "broken.yaml" in finding.sentence and "callengine lint" in finding.remedy
    unreached = SCENARIO.replace("next: hello}", "next: said}", 1)
    (settings.scenarios.dir / "broken.yaml").write_text(unreached.replace("name: offer", "name: other"), encoding="utf-8")
    assert (await examined(settings, tmp_path)).one("scenarios").state is State.WARNING
    nowhere = attrs.evolve(settings, scenarios=ScenarioSettings(dir=tmp_path / "nowhere"))
    assert (await examined(nowhere, tmp_path)).one("scenarios").state is State.SKIPPED


async def test_a_certificate_that_nobody_vouches_for(tmp_path: Path) -> None:
    command = "openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 1 -subj /CN=localhost"
    await trio.run_process(command.split(), cwd=tmp_path, stderr=subprocess.DEVNULL)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")

    async def shake(stream: trio.SocketStream) -> None:
        served = trio.SSLStream(stream, context, server_side=True)
        try:
            await served.do_handshake()
            await served.receive_some()
        except trio.BrokenResourceError:
            return

    async with trio.open_nursery() as nursery:
        [listener] = await trio.open_tcp_listeners(0, host="127.0.0.1")
        nursery.start_soon(trio.serve_listeners, shake, [listener])
        url = f"https://127.0.0.1:{listener.socket.getsockname()[1]}"
        unreached = await reach(url, "PANEL_BASE_URL")
        assert unreached is not None
        assert "certificate" in unreached.sentence and "SSL_CERT_FILE" in unreached.remedy
        assert await reach(url, "VIRA_STT_URL", verify=False) is None
        nursery.cancel_scope.cancel()
