"""Requests about channels. Texts and status codes are Asterisk's, seen on 22.10.1."""

import re
from collections.abc import Mapping

from attrs import frozen

from callengine.simulator.asked import Asked, Refused
from callengine.simulator.causes import HANGUP_REASONS
from callengine.simulator.channels import Channel
from callengine.simulator.events import ChannelVarset, Party
from callengine.simulator.exchange import Exchange, IdTaken, Unreachable
from callengine.simulator.http import Request, Response, json_response, problem

_LONGEST_ID = 149
_DEFAULT_TIMEOUT = 30.0
_TECHNOLOGIES = ("PJSIP", "SIP", "Local", "IAX2")
_CALLER_ID = re.compile(r'\s*(?:"?(?P<name>[^"<]*?)"?\s*<(?P<number>[^>]*)>|(?P<bare>[^<>]*))\s*')


@frozen
class Placing:
    """An originate request, understood.

    Attributes:
        line: whose quota it counts against: the channel variable CALLENGINE_LINE, else the caller's number.
    """

    channel_id: str
    endpoint: str
    app: str
    args: tuple[str, ...]
    caller: Party
    timeout: float
    variables: Mapping[str, str]

    @property
    def line(self) -> str:
        return self.variables.get("CALLENGINE_LINE", self.caller.number)

    @property
    def customer(self) -> str:
        """Whose operator is called: the channel variable CALLENGINE_CUSTOMER."""
        return self.variables.get("CALLENGINE_CUSTOMER", "")


def read_placing(request: Request, ids: tuple[str, ...]) -> Placing:
    """What an originate request asks for; nothing is checked yet."""
    given = request.body.get("variables")
    args = request.get("appArgs")
    return Placing(
        channel_id=ids[0] if ids else request.get("channelId"),
        endpoint=request.get("endpoint"),
        app=request.get("app"),
        args=tuple(args.split(",")) if args else (),
        caller=_caller(request.get("callerId")),
        timeout=_timeout(request.number("timeout", _DEFAULT_TIMEOUT)),
        variables={name: str(value) for name, value in given.items()} if isinstance(given, dict) else {},
    )


def find_channel(exchange: Exchange, channel_id: str) -> Channel:
    """A channel that is in the application.

    Raises:
        Refused: 404 without the channel, 409 when it is not (yet, or no longer) in the application.
    """
    channel = exchange.channels.get(channel_id)
    if channel is None:
        raise Refused(problem(404, "Channel not found"))
    if not channel.in_stasis:
        raise Refused(problem(409, "Channel not in Stasis application"))
    return channel


async def originate(asked: Asked) -> Response:
    placing = read_placing(asked.request, asked.ids)
    technology, slash, resource = placing.endpoint.partition("/")
    if not placing.endpoint:
        return problem(400, "Endpoint must be specified")
    if not slash or not resource:
        return problem(400, "Invalid endpoint specified")
    if len(placing.channel_id) > _LONGEST_ID:
        return problem(400, f"Uniqueid length exceeds maximum of {_LONGEST_ID}")
    if not placing.app:
        return problem(400, "Application or extension must be specified")
    try:
        if technology not in _TECHNOLOGIES:
            raise Unreachable(placing.endpoint)
        channel = asked.exchange.originate(
            channel_id=placing.channel_id or asked.exchange.new_id(),
            technology=technology,
            resource=resource,
            caller=placing.caller,
            app=placing.app,
            args=placing.args,
            variables=placing.variables,
            timeout=placing.timeout,
        )
    except IdTaken:
        return problem(409, "Channel with given unique ID already exists")
    except Unreachable:
        return json_response({"error": "Allocation failed"}, 500)
    return json_response(channel.view())


async def list_all(asked: Asked) -> Response:
    return json_response([channel.view() for channel in asked.exchange.channels.values()])


async def get(asked: Asked) -> Response:
    channel = asked.exchange.channels.get(asked.ids[0])
    return problem(404, "Channel not found") if channel is None else json_response(channel.view())


async def hang_up(asked: Asked) -> Response:
    channel = asked.exchange.channels.get(asked.ids[0])
    if channel is None:
        return problem(404, "Channel not found")
    cause = HANGUP_REASONS.get(asked.request.get("reason", "normal"))
    if cause is None:
        return problem(400, "Invalid reason for hangup reason provided")
    channel.hang_up(cause, "app")
    return Response(204)


async def answer(asked: Asked) -> Response:
    channel = find_channel(asked.exchange, asked.ids[0])
    return Response(204) if await channel.do(channel.answer) else problem(500, "Failed to answer channel")


async def indicate(asked: Asked) -> Response:
    """Ringing tone and music on hold: heard by the person, without an event."""
    find_channel(asked.exchange, asked.ids[0])
    return Response(204)


async def get_variable(asked: Asked) -> Response:
    channel = asked.exchange.channels.get(asked.ids[0])
    name = asked.request.get("variable")
    if not name:
        return problem(400, "Variable name is required")
    if channel is None:
        return problem(404, "Channel not found")
    value = channel.variables.get(name)
    return problem(404, "Provided variable was not found") if value is None else json_response({"value": value})


async def set_variable(asked: Asked) -> Response:
    """A function that there is not is no mistake: Asterisk answers as ever, and logs it."""
    name, value = asked.request.get("variable"), asked.request.get("value")
    if not name:
        return problem(400, "Variable name is required")
    channel = find_channel(asked.exchange, asked.ids[0])
    match name:
        case "TALK_DETECT(set)":
            channel.detect_talk(value)
        case "TALK_DETECT(remove)":
            channel.ignore_talk()
        case _ if "(" not in name:
            channel.variables[name] = value
            channel.tell(ChannelVarset(variable=name, value=value, channel=channel.view()))
    return Response(204)


def _caller(text: str) -> Party:
    """Read a caller id, `"Name" <number>` or a bare number."""
    found = _CALLER_ID.fullmatch(text)
    if found is None:
        return Party(number=text)
    if found["bare"] is not None:
        return Party(number=found["bare"])
    return Party(found["name"], found["number"])


def _timeout(given: float) -> float:
    """Zero means 30 s and -1 for ever, as in Asterisk."""
    if given == -1:
        return float("inf")
    return given if given > 0 else _DEFAULT_TIMEOUT
