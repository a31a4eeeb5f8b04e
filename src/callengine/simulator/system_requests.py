"""Requests about applications and the PBX itself."""

import msgspec

from callengine.simulator.apps import EventFilter
from callengine.simulator.asked import Asked
from callengine.simulator.http import Response, json_response, problem
from callengine.simulator.office import ASTERISK_ID

_NO_APPLICATION = problem(404, "Application not found")


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
            "system": {"version": asked.exchange.office.config.version, "entity_id": ASTERISK_ID},
            "config": {"name": "callengine simulator", "default_language": "en"},
            "status": {"startup_time": started, "last_reload_time": started},
        }
    )


async def ping(asked: Asked) -> Response:
    office = asked.exchange.office
    return json_response({"asterisk_id": ASTERISK_ID, "ping": "pong", "timestamp": office.now()})


async def list_modules(asked: Asked) -> Response:
    return json_response(
        [
            {"name": name, "description": "", "use_count": 0, "status": "Running", "support_level": "core"}
            for name in asked.exchange.office.config.modules
        ]
    )


async def get_endpoint(asked: Asked) -> Response:
    technology, resource = asked.ids
    states = asked.exchange.office.config.endpoints
    if states is not None and f"{technology}/{resource}" not in states:
        return problem(404, "Endpoint not found")
    state = "online" if states is None else states[f"{technology}/{resource}"]
    return json_response({"technology": technology, "resource": resource, "state": state, "channel_ids": []})


async def get_sound(asked: Asked) -> Response:
    """Every sound is there, but those that are said to be missing."""
    [sound] = asked.ids
    if any(missing.removeprefix("sound:") in (sound, f"custom/{sound}") for missing in asked.exchange.office.config.missing):
        return problem(404, "Sound not found")
    formats = [{"language": language, "format": "wav"} for language in ("custom", "en")]
    return json_response({"id": sound, "text": "", "formats": formats})
