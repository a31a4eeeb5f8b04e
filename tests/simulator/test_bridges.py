"""Two people brought together."""

import trio
from trio.testing import MockClock

from callengine.simulator import HangUp, Moment, PbxConfig, People, Persona, leaked
from tests.simulator.client import Client, running

CUSTOMER, OPERATOR = "c" * 36, "o" * 36


async def bridged(client: Client) -> None:
    await client.answered(channel=CUSTOMER)
    await client.answered("7000", OPERATOR)
    assert (await client.request("POST", "/bridges/b?type=mixing")).status == 200
    assert (await client.request("POST", f"/bridges/b/addChannel?channel={CUSTOMER},{OPERATOR}")).status == 204
    await client.wait("ChannelEnteredBridge", lambda event: OPERATOR in str(event["channel"]))


async def test_the_operator_leaves_and_the_customer_stays(autojump_clock: MockClock) -> None:
    people = People({"7000": Persona(hangs_up=HangUp(Moment.BRIDGE, seconds=5))})
    async with running(people) as (pbx, client):
        await bridged(client)
        bridge = (await client.request("GET", "/bridges/b")).json()
        assert bridge["channels"] == [CUSTOMER, OPERATOR]
        await client.wait("ChannelDestroyed")
        assert client.trace()[-4:] == ["ChannelHangupRequest", "ChannelLeftBridge", "StasisEnd", "ChannelDestroyed"]
        assert (await client.request("GET", "/bridges/b")).json()["channels"] == [CUSTOMER]
        assert (await client.request("DELETE", "/bridges/b")).status == 204
        await client.wait("ChannelLeftBridge", lambda event: CUSTOMER in str(event["channel"]))
        assert (await client.request("GET", f"/channels/{CUSTOMER}")).status == 200
        assert leaked(pbx.log).bridges == ()
        assert (await client.request("DELETE", "/bridges/b")).json() == {"message": "Bridge not found"}


async def test_a_channel_in_a_bridge_cannot_be_recorded(autojump_clock: MockClock) -> None:
    async with running(People()) as (pbx, client):
        await bridged(client)
        assert (await client.request("POST", f"/channels/{CUSTOMER}/record?name=r&format=wav")).status == 201
        await client.wait("RecordingFailed")
        assert leaked(pbx.log).recordings == ()


async def test_a_recorded_channel_cannot_enter_a_bridge(autojump_clock: MockClock) -> None:
    async with running(People()) as (_, client):
        await client.answered(channel=CUSTOMER)
        await client.request("POST", f"/channels/{CUSTOMER}/record?name=r&format=wav")
        await client.request("POST", "/bridges/b")
        refused = await client.request("POST", f"/bridges/b/addChannel?channel={CUSTOMER}")
        assert (refused.status, refused.json()) == (409, {"message": f"Channel {CUSTOMER} currently recording"})


async def test_a_prompt_holds_up_add_channel(autojump_clock: MockClock) -> None:
    async with running(People(), PbxConfig(prompt_seconds={"sound:long": 30.0})) as (_, client):
        await client.answered(channel=CUSTOMER)
        await client.request("POST", "/bridges/b")
        await client.request("POST", f"/channels/{CUSTOMER}/play/p?media=sound:long")
        began = trio.current_time()
        assert (await client.request("POST", f"/bridges/b/addChannel?channel={CUSTOMER}")).status == 204
        assert trio.current_time() - began > 29


async def test_add_and_remove_say_no_as_asterisk_does(autojump_clock: MockClock) -> None:
    async with running(People(otherwise=Persona(answers_after=10))) as (_, client):
        await client.originate(channel=CUSTOMER)
        await client.request("POST", "/bridges/b")
        assert (await client.request("POST", "/bridges/b")).status == 409
        assert (await client.request("POST", "/bridges/b/addChannel?channel=nope")).status == 400
        assert (await client.request("POST", "/bridges/b/addChannel")).json() == {"message": "Missing parameter channel"}
        assert (await client.request("POST", f"/bridges/b/addChannel?channel={CUSTOMER}")).status == 422
        assert (await client.request("POST", f"/bridges/x/addChannel?channel={CUSTOMER}")).status == 404
        await client.wait("StasisStart")
        assert (await client.request("POST", f"/bridges/b/removeChannel?channel={CUSTOMER}")).status == 422
