"""Requests about applications and the PBX itself."""

import msgspec

from callengine.simulator.apps import EventFilter
from callengine.simulator.asked import Asked
from callengine.simulator.http import Response, json_response, problem
from callengine.simulator.office import ASTERISK_ID

_NO_APPLICATION = problem(404, "Application not found")

VERSION = "22.10.1"
"""The Asterisk whose behaviour this PBX follows."""


async def list_applications(asked: Asked) -> Response:
    return json_response([app.view() for app in asked.exchange.office.apps.all()])


async def get_application(asked: Asked) -> Response:
    app = asked.exchange.office.apps.get(asked.ids[0])
    return _NO_APPLICATION if app is None else json_response(app.view())


async def set_event_filter(asked: Asked) -> Response:
    app = asked.exchange.office.apps.get(asked.ids[0])
    if app is None:
        return _NO_APPLICATION
    try:
        app.want(msgspec.json.decode(asked.request.raw or b"{}", type=EventFilter))
    except msgspec.MsgspecError:
        return problem(400, "Invalid format definition")
    return json_response(app.view())


async def info(asked: Asked) -> Response:
    started = asked.exchange.office.started
    return json_response(
        {
            "system": {"version": VERSION, "entity_id": ASTERISK_ID},
            "config": {"name": "callengine simulator", "default_language": "en"},
            "status": {"startup_time": started, "last_reload_time": started},
        }
    )
