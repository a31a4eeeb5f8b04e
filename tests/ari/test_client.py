from collections.abc import Awaitable, Callable

import pytest
import trio

from callengine.ari import (
    WANTED,
    AriClient,
    AriUnavailable,
    Channel,
    Event,
    LiveRecording,
    RecordingFailed,
    Router,
    StasisStart,
    Transport,
)
from callengine.errors import AriLost, AriRefused
from tests.ari.scripted import Reply, Request, ScriptedPbx, reply

ID = "3f0c2a9e-1111-4222-8333-444455556666"


async def place(client: AriClient) -> Channel:
    return await client.originate(
        endpoint="PJSIP/09121234567@trunk",
        channel_id=ID,
        caller_id='"Shop" <02191>',
        timeout=30,
        variables={"CALLENGINE_LINE": "02191"},
        app_args="outbound",
    )


async def test_an_originate_says_everything_in_its_body(client: AriClient, pbx: ScriptedPbx) -> None:
    pbx.answers[("POST", "/channels")] = reply({"id": ID, "name": "PJSIP/trunk-1", "state": "Down"})
    assert await place(client) == Channel(ID, "PJSIP/trunk-1", "Down")
    request = pbx.seen[0]
    assert request.query == {}
    assert request.headers["content-type"] == "application/json"
    assert request.json == {
        "endpoint": "PJSIP/09121234567@trunk",
        "app": "callengine",
        "appArgs": "outbound",
        "callerId": '"Shop" <02191>',
        "timeout": 30,
        "channelId": ID,
        "variables": {"CALLENGINE_LINE": "02191"},
    }


@pytest.mark.parametrize("name", ["", "CHANNEL(hangup_handler_push)", "a b", "1st", "x,y"])
async def test_a_variable_that_is_no_plain_name_is_not_sent(client: AriClient, pbx: ScriptedPbx, name: str) -> None:
    with pytest.raises(ValueError, match="no name of a channel variable"):
        await client.originate(endpoint="PJSIP/1@t", channel_id=ID, caller_id="1", timeout=30, variables={name: "x"})
    with pytest.raises(ValueError, match="cannot ring for 0 s"):
        await client.originate(endpoint="PJSIP/1@t", channel_id=ID, caller_id="1", timeout=0)
    assert pbx.seen == []


async def test_an_event_may_come_before_the_answer(client: AriClient, pbx: ScriptedPbx) -> None:
    router = Router()
    heard: list[Event] = []

    async def answers_late(request: Request) -> Reply:
        router.dispatch(StasisStart(channel=Channel(request.json["channelId"])))
        return reply({"id": ID})

    pbx.answers[("POST", "/channels")] = answers_late
    with router.subscribe(ID) as events:
        await place(client)
        heard.append(await events.receive())
    assert heard == [StasisStart(channel=Channel(ID))]


@pytest.mark.parametrize(
    "status, body, reason",
    [
        (409, {"message": "Channel with given unique ID already exists"}, "Channel with given unique ID already exists"),
        (500, {"error": "Allocation failed"}, "Allocation failed"),
        (500, {}, "no reason given"),
        (400, ["odd"], "no reason given"),
    ],
)
async def test_a_refused_originate_says_why_and_is_not_repeated(
    client: AriClient, pbx: ScriptedPbx, status: int, body: object, reason: str
) -> None:
    pbx.answers[("POST", "/channels")] = reply(body, status)
    with pytest.raises(AriRefused) as caught:
        await place(client)
    assert (caught.value.status, caught.value.reason, caught.value.request) == (status, reason, "POST /channels")
    assert len(pbx.seen) == 1


async def test_a_pbx_that_boots_carries_nothing_out(client: AriClient, pbx: ScriptedPbx) -> None:
    pbx.answers[("POST", "/channels")] = Reply(status=503, body=b"<html>")
    with pytest.raises(AriUnavailable):
        await place(client)


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"name":"no id"}', b"[" * 50_000])
async def test_an_answer_that_makes_no_sense_leaves_it_open(client: AriClient, pbx: ScriptedPbx, body: bytes) -> None:
    pbx.answers[("POST", "/channels")] = Reply(body=body)
    with pytest.raises(AriLost, match="makes no sense"):
        await place(client)


Deletion = Callable[[AriClient], Awaitable[bool]]


@pytest.mark.parametrize(
    "delete, path",
    [
        (lambda client: client.hangup("x"), "/channels/x"),
        (lambda client: client.stop_moh("x"), "/channels/x/moh"),
        (lambda client: client.stop_playback("x"), "/playbacks/x"),
        (lambda client: client.discard_recording("x"), "/recordings/live/x"),
        (lambda client: client.delete_stored("x"), "/recordings/stored/x"),
        (lambda client: client.delete_bridge("x"), "/bridges/x"),
    ],
)
async def test_what_is_gone_already_is_no_error(client: AriClient, pbx: ScriptedPbx, delete: Deletion, path: str) -> None:
    pbx.answers[("DELETE", path)] = Reply(status=204)
    assert await delete(client) is True
    pbx.answers[("DELETE", path)] = reply({"message": "not found"}, 404)
    assert await delete(client) is False
    pbx.answers[("DELETE", path)] = reply({"message": "not in Stasis"}, 409)
    with pytest.raises(AriRefused, match=f"DELETE {path} answered 409: not in Stasis"):
        await delete(client)


@pytest.mark.parametrize(
    "send, method, path, query",
    [
        (lambda c: c.hangup("x", reason="busy"), "DELETE", "/channels/x", {"reason": "busy"}),
        (lambda c: c.answer("x"), "POST", "/channels/x/answer", {}),
        (lambda c: c.ring("x"), "POST", "/channels/x/ring", {}),
        (lambda c: c.start_moh("x"), "POST", "/channels/x/moh", {}),
        (lambda c: c.start_moh("x", moh_class="jazz"), "POST", "/channels/x/moh", {"mohClass": "jazz"}),
        (lambda c: c.stop_recording("r"), "POST", "/recordings/live/r/stop", {}),
        (lambda c: c.add_channel("b", "x", "y"), "POST", "/bridges/b/addChannel", {"channel": "x,y"}),
    ],
)
async def test_requests_without_an_answer_of_interest(
    client: AriClient,
    pbx: ScriptedPbx,
    send: Callable[[AriClient], Awaitable[object]],
    method: str,
    path: str,
    query: dict[str, str],
) -> None:
    pbx.answers[(method, path)] = Reply(status=204)
    await send(client)
    if method == "DELETE":
        query = {"reason": "normal"} | query
    assert [(each.method, each.path, each.query) for each in pbx.seen] == [(method, path, query)]


async def test_play_and_look(client: AriClient, pbx: ScriptedPbx) -> None:
    state = {"id": "p", "media_uri": "sound:custom/hi there", "target_uri": "channel:x", "state": "queued"}
    pbx.answers[("POST", "/channels/x/play/p")] = reply(state, 201)
    pbx.answers[("GET", "/playbacks/p")] = reply(state | {"state": "playing"})
    assert (await client.play("x", "sound:custom/hi there", "p")).state == "queued"
    assert pbx.seen[0].raw_target == "/ari/channels/x/play/p?media=sound%3Acustom%2Fhi%20there"
    assert (await client.get_playback("p")).state == "playing"


async def test_record_and_fetch(client: AriClient, pbx: ScriptedPbx) -> None:
    pbx.answers[("POST", "/channels/x/record")] = reply({"name": ID, "format": "wav", "state": "queued"}, 201)
    pbx.answers[("GET", "/recordings/stored")] = reply([{"name": ID, "format": "wav"}])
    pbx.answers[("GET", f"/recordings/stored/{ID}/file")] = Reply(body=b"RIFF" + b"\0" * 40)
    live = await client.record("x", ID, max_duration_seconds=10, max_silence_seconds=2)
    assert live.state == "queued"
    assert pbx.seen[0].query == {
        "name": ID,
        "format": "wav",
        "maxDurationSeconds": "10",
        "maxSilenceSeconds": "2",
        "ifExists": "fail",
        "terminateOn": "none",
    }
    assert [each.name for each in await client.list_stored_recordings()] == [ID]
    assert len(await client.get_stored_file(ID)) == 44


async def test_a_dialplan_function_is_set_like_a_variable(client: AriClient, pbx: ScriptedPbx) -> None:
    pbx.answers[("POST", "/channels/x/variable")] = Reply(status=204, body=b"")
    await client.set_variable("x", "TALK_DETECT(set)", "800,256")
    assert pbx.seen[0].query == {"variable": "TALK_DETECT(set)", "value": "800,256"}


async def test_a_variable_is_read_and_one_that_is_not_set_is_a_refusal(client: AriClient, pbx: ScriptedPbx) -> None:
    pbx.answers[("GET", "/channels/x/variable")] = Reply(body=b'{"value": "HUMAN"}')
    assert await client.get_variable("x", "AMDSTATUS") == "HUMAN"
    assert pbx.seen[0].query == {"variable": "AMDSTATUS"}
    pbx.answers[("GET", "/channels/x/variable")] = Reply(status=404, body=b'{"message": "Provided variable was not found"}')
    with pytest.raises(AriRefused, match="not found"):
        await client.get_variable("x", "AMDSTATUS")


async def test_a_missing_recording_folder_is_a_bare_500(client: AriClient, pbx: ScriptedPbx) -> None:
    pbx.answers[("POST", "/channels/x/record")] = Reply(status=500, body=b"")
    with pytest.raises(AriRefused, match="500: no reason given"):
        await client.record("x", ID)


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "a/b", "a.wav"])
async def test_a_recording_cannot_be_named_like_a_path(client: AriClient, pbx: ScriptedPbx, name: str) -> None:
    with pytest.raises(ValueError, match="no name of a recording"):
        await client.record("x", name)
    assert pbx.seen == []


async def test_ids_cannot_leave_their_place_in_a_path(client: AriClient, pbx: ScriptedPbx) -> None:
    await client.hangup("../bridges/b?x=1")
    assert pbx.seen[0].raw_target == "/ari/channels/..%2Fbridges%2Fb%3Fx%3D1?reason=normal"
    for odd in ("", ".", ".."):
        with pytest.raises(ValueError, match="no path"):
            await client.hangup(odd)


async def test_a_bridge_bears_our_name(client: AriClient, pbx: ScriptedPbx) -> None:
    pbx.answers[("POST", "/bridges")] = reply({"id": "b", "name": "callengine", "bridge_type": "mixing", "creator": "Stasis"})
    pbx.answers[("GET", "/bridges")] = reply([{"id": "b", "channels": ["x", "y"]}])
    assert (await client.create_bridge("b")).name == "callengine"
    assert pbx.seen[0].query == {"bridgeId": "b", "type": "mixing", "name": "callengine"}
    assert [each.channels for each in await client.list_bridges()] == [("x", "y")]


async def test_what_the_pbx_holds(client: AriClient, pbx: ScriptedPbx) -> None:
    pbx.answers[("GET", "/channels")] = reply([{"id": "x", "state": "Up"}, {"id": "y"}])
    pbx.answers[("GET", "/channels/x")] = reply({"id": "x", "state": "Ringing"})
    pbx.answers[("GET", "/channels/z")] = reply({"message": "Channel not found"}, 404)
    pbx.answers[("GET", "/applications/callengine")] = reply({"name": "callengine", "channel_ids": ["x"]})
    pbx.answers[("GET", "/applications")] = reply([{"name": "callengine"}, {"name": "other"}])
    assert [each.id for each in await client.list_channels()] == ["x", "y"]
    assert (await client.get_channel("x")).state == "Ringing"
    with pytest.raises(AriRefused, match="GET /channels/z answered 404: Channel not found"):
        await client.get_channel("z")
    assert (await client.get_application()).channel_ids == ("x",)
    assert [each.name for each in await client.list_applications()] == ["callengine", "other"]


async def test_the_event_filter_names_what_is_wanted(client: AriClient, pbx: ScriptedPbx) -> None:
    assert (await client.set_event_filter()).name == "callengine"
    assert pbx.seen[0].json == {"allowed": [{"type": each} for each in WANTED]}


async def test_what_runs_there_and_since_when(client: AriClient) -> None:
    info = await client.info()
    assert info.version == "22.10.1"
    assert info.startup_time.isoformat() == "2026-03-02T09:00:00.123000-06:00"


async def test_a_tap_hears_of_every_request_once(transport: Transport, pbx: ScriptedPbx) -> None:
    heard: list[tuple[str, str, int | None]] = []

    class Tap:
        def request(self, method: str, path: str, status: int | None, seconds: float, about: str) -> None:
            heard.append((method, path, status))

        def event(self, event: Event) -> None:
            raise AssertionError

    client = AriClient(transport, "callengine", tap=Tap())
    pbx.answers[("DELETE", "/channels/x")] = Reply(status=404)
    pbx.answers[("POST", "/channels/x/answer")] = Reply(drop=True)
    await client.hangup("x")
    with pytest.raises(AriLost):
        await client.answer("x")
    with trio.move_on_after(0):
        await client.list_channels()
    assert heard == [
        ("DELETE", "/channels/x", 404),
        ("POST", "/channels/x/answer", None),
        ("GET", "/channels", None),
    ]


async def test_recording_a_bridged_channel_is_accepted_and_fails_at_once(client: AriClient, pbx: ScriptedPbx) -> None:
    router = Router()
    state = {"name": ID, "format": "wav", "target_uri": "channel:x", "state": "queued"}

    async def accepts_and_fails(request: Request) -> Reply:
        router.dispatch(RecordingFailed(recording=LiveRecording(ID, target_uri="channel:x", state="failed")))
        return reply(state, 201)

    pbx.answers[("POST", "/channels/x/record")] = accepts_and_fails
    with router.subscribe(ID) as events:
        assert (await client.record("x", ID)).state == "queued"
        assert isinstance(await events.receive(), RecordingFailed)
