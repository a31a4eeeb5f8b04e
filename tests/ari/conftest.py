"""A scripted PBX that runs, and a client of it. Time is virtual where a test takes `autojump_clock`."""

from attrs import frozen
from pytest import fixture
from trio import Nursery

from callengine.ari import AriClient, AriConfig, Link, Router, Transport
from callengine.model import SeededAmbient
from tests.ari.scripted import SECRET, ScriptedPbx


@fixture
def config() -> AriConfig:
    return AriConfig(app="callengine", username="engine", password=SECRET)


@fixture
async def pbx(nursery: Nursery) -> ScriptedPbx:
    scripted = ScriptedPbx()
    await nursery.start(scripted.run)
    return scripted


@fixture
def transport(config: AriConfig, pbx: ScriptedPbx) -> Transport:
    return Transport(config, pbx.opener)


@fixture
def client(transport: Transport) -> AriClient:
    return AriClient(transport, "callengine")


@frozen
class Wired:
    """A link with all it stands on."""

    pbx: ScriptedPbx
    client: AriClient
    router: Router
    link: Link


@fixture
def wired(config: AriConfig, pbx: ScriptedPbx, client: AriClient) -> Wired:
    router = Router()
    link = Link(config, pbx.opener, client, router, SeededAmbient(seed=1, elapsed=lambda: 0.0))
    return Wired(pbx, client, router, link)
