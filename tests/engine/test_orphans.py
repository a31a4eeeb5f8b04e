"""What an engine that died has left on the PBX, and what the next one does with it."""

import trio
from trio.testing import MockClock

from callengine.ari import AriClient, AriConfig, Link, Router, Transport
from callengine.simulator import Instead, People, Persona, leaked
from tests.engine.rig import TALKS, Rig, rig


async def leave_behind(here: Rig) -> str:
    """An engine dies in mid-call: a channel in our application and an empty bridge stay."""
    ari = here.settings.ari
    config = AriConfig(ari.app, ari.username, ari.password.get_secret_value(), ari.base_url)
    router, client = Router(), AriClient(Transport(config, here.pbx.opener), ari.app)
    link = Link(config, here.pbx.opener, client, router, here.pbx.ambient)
    channel = here.pbx.ambient.new_id()
    async with trio.open_nursery() as nursery:
        await nursery.start(link.run)
        with router.subscribe(channel) as events:
            await client.originate(endpoint="PJSIP/0912@trunk", channel_id=channel, caller_id="02191302000", timeout=30)
            while type(await events.receive()).__name__ != "StasisStart":
                pass
        await client.create_bridge(here.pbx.ambient.new_id())
        nursery.cancel_scope.cancel()
    return channel


async def test_they_are_cleared_when_the_pbx_is_reached(autojump_clock: MockClock) -> None:
    async with rig(3) as here:
        channel = await leave_behind(here)
        assert leaked(here.pbx.log).channels == (channel,)
        await here.engine.run()
        await trio.sleep(1)
        here.judge()
        assert len(here.attempts()) == 3


async def test_calls_in_progress_are_nobodys_orphans(autojump_clock: MockClock) -> None:
    """The socket drops while calls are up: they go on, and their channels are left alone."""
    async with rig(6) as here:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(here.engine.run)
            await trio.sleep(9)
            here.pbx.cut_event_sockets()
        here.judge()
        assert set(here.results()) == {"not_interested"}


async def test_the_shortest_campaign_clears_them_too(autojump_clock: MockClock) -> None:
    busy = Persona(rings_after=0.01, answers_after=0.01, instead=Instead.BUSY)
    async with rig(1, people=People({"0912": TALKS}, otherwise=busy)) as here:
        await leave_behind(here)
        await here.engine.run()
        await trio.sleep(1)
        here.judge()
        assert here.results() == ["busy"]
