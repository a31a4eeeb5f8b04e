"""Requests about bridges. Texts and status codes are Asterisk's, seen on 22.10.1."""

from functools import partial

from callengine.simulator.asked import Asked, Refused
from callengine.simulator.bridges import Bridge
from callengine.simulator.channels import Channel
from callengine.simulator.exchange import Exchange
from callengine.simulator.http import Request, Response, json_response, problem


def _find(exchange: Exchange, bridge_id: str) -> Bridge:
    bridge = exchange.bridges.get(bridge_id)
    if bridge is None:
        raise Refused(problem(404, "Bridge not found"))
    return bridge


def _channels(exchange: Exchange, request: Request) -> list[Channel]:
    """The channels a request names, all of them fit to be bridged."""
    named = request.get("channel")
    if not named:
        raise Refused(problem(400, "Missing parameter channel"))
    found = []
    for channel_id in named.split(","):
        channel = exchange.channels.get(channel_id)
        if channel is None:
            raise Refused(problem(400, "Channel not found"))
        if not channel.in_stasis:
            raise Refused(problem(422, "Channel not in Stasis application"))
        found.append(channel)
    return found


async def list_all(asked: Asked) -> Response:
    return json_response([bridge.view() for bridge in asked.exchange.bridges.values()])


async def get(asked: Asked) -> Response:
    return json_response(_find(asked.exchange, asked.ids[0]).view())


async def create(asked: Asked) -> Response:
    bridge_id = asked.ids[0] if asked.ids else asked.request.get("bridgeId") or asked.exchange.office.ambient.new_id()
    if bridge_id in asked.exchange.bridges:
        return problem(409, f"Bridge with id '{bridge_id}' already exists")
    kind = asked.request.get("type", "mixing").split(",")[0]
    return json_response(asked.exchange.create_bridge(bridge_id, kind, asked.request.get("name")).view())


async def delete(asked: Asked) -> Response:
    asked.exchange.delete_bridge(_find(asked.exchange, asked.ids[0]))
    return Response(204)


async def add_channel(asked: Asked) -> Response:
    """Each channel enters when its own thread comes to it: behind a prompt that plays, this takes as long as the prompt."""
    bridge = _find(asked.exchange, asked.ids[0])
    channels = _channels(asked.exchange, asked.request)
    for channel in channels:
        if channel.recording is not None and channel.recording.active:
            return problem(409, f"Channel {channel.id} currently recording")
    for channel in channels:
        await channel.do(partial(_enter, asked.exchange, channel, bridge))
    return Response(204)


def _enter(exchange: Exchange, channel: Channel, bridge: Bridge) -> None:
    if exchange.bridges.get(bridge.id) is bridge:
        channel.enter(bridge)


async def remove_channel(asked: Asked) -> Response:
    bridge = _find(asked.exchange, asked.ids[0])
    channels = _channels(asked.exchange, asked.request)
    if any(channel.bridge is not bridge for channel in channels):
        return problem(422, "Channel not in this bridge")
    for channel in channels:
        await channel.do(channel.leave_bridge)
    return Response(204)


async def hold_music(asked: Asked) -> Response:
    _find(asked.exchange, asked.ids[0])
    return Response(204)
