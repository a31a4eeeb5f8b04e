"""The REST interface as one table: method and path to handler."""

from attrs import field, frozen

from callengine.simulator import bridge_requests, channel_requests, media_requests, system_requests
from callengine.simulator.asked import Handler
from callengine.simulator.http import Response, problem


@frozen
class Route:
    """`{}` in the template stands for one path segment, handed to the handler."""

    method: str
    template: str
    handler: Handler
    parts: tuple[str, ...] = field(init=False)

    @parts.default
    def _split(self) -> tuple[str, ...]:
        return tuple(self.template.split("/"))

    def match(self, segments: tuple[str, ...]) -> tuple[str, ...] | None:
        """The segments that stand for a placeholder, or None where the path is another."""
        if len(segments) != len(self.parts):
            return None
        found = []
        for part, segment in zip(self.parts, segments, strict=True):
            if part == "{}":
                found.append(segment)
            elif part != segment:
                return None
        return tuple(found)


ORIGINATE = Route("POST", "/channels", channel_requests.originate)

ROUTES = (
    ORIGINATE,
    Route("GET", "/channels", channel_requests.list_all),
    Route("GET", "/channels/{}", channel_requests.get),
    Route("POST", "/channels/{}", channel_requests.originate),
    Route("DELETE", "/channels/{}", channel_requests.hang_up),
    Route("POST", "/channels/{}/answer", channel_requests.answer),
    Route("POST", "/channels/{}/ring", channel_requests.indicate),
    Route("POST", "/channels/{}/moh", channel_requests.indicate),
    Route("DELETE", "/channels/{}/moh", channel_requests.indicate),
    Route("GET", "/channels/{}/variable", channel_requests.get_variable),
    Route("POST", "/channels/{}/variable", channel_requests.set_variable),
    Route("POST", "/channels/{}/play", media_requests.play),
    Route("POST", "/channels/{}/play/{}", media_requests.play),
    Route("POST", "/channels/{}/record", media_requests.record),
    Route("GET", "/playbacks/{}", media_requests.get_playback),
    Route("DELETE", "/playbacks/{}", media_requests.stop_playback),
    Route("GET", "/recordings/live/{}", media_requests.get_live),
    Route("DELETE", "/recordings/live/{}", media_requests.discard),
    Route("POST", "/recordings/live/{}/stop", media_requests.stop),
    Route("GET", "/recordings/stored", media_requests.list_stored),
    Route("GET", "/recordings/stored/{}", media_requests.get_stored),
    Route("GET", "/recordings/stored/{}/file", media_requests.get_file),
    Route("DELETE", "/recordings/stored/{}", media_requests.delete_stored),
    Route("GET", "/bridges", bridge_requests.list_all),
    Route("POST", "/bridges", bridge_requests.create),
    Route("GET", "/bridges/{}", bridge_requests.get),
    Route("POST", "/bridges/{}", bridge_requests.create),
    Route("DELETE", "/bridges/{}", bridge_requests.delete),
    Route("POST", "/bridges/{}/addChannel", bridge_requests.add_channel),
    Route("POST", "/bridges/{}/removeChannel", bridge_requests.remove_channel),
    Route("POST", "/bridges/{}/moh", bridge_requests.hold_music),
    Route("DELETE", "/bridges/{}/moh", bridge_requests.hold_music),
    Route("GET", "/applications", system_requests.list_applications),
    Route("GET", "/applications/{}", system_requests.get_application),
    Route("PUT", "/applications/{}/eventFilter", system_requests.set_event_filter),
    Route("GET", "/asterisk/info", system_requests.info),
    Route("GET", "/asterisk/modules", system_requests.list_modules),
    Route("GET", "/asterisk/ping", system_requests.ping),
    Route("GET", "/endpoints/{}/{}", system_requests.get_endpoint),
    Route("GET", "/sounds/{}", system_requests.get_sound),
)


def find(method: str, path: str) -> tuple[Handler, tuple[str, ...]] | Response:
    """The handler of a request and the ids in its path, or the error to answer with."""
    segments = tuple(path.split("/"))
    known = False
    for route in ROUTES:
        ids = route.match(segments)
        if ids is not None:
            if route.method == method:
                return route.handler, ids
            known = True
    return problem(405, "Invalid method") if known else problem(404, "Resource not found")
