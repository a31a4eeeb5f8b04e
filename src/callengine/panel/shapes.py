"""What the panel answers when it is asked for contacts, in newer and older shapes. Wrong in one place, it is refused whole."""

import json
import math
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, timedelta, timezone, tzinfo
from typing import NoReturn
from zoneinfo import ZoneInfo

from attrs import evolve, field, frozen

from callengine.errors import WrongShape

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]

LONGEST_ID = 200
"""Characters of an id, as JSON text."""

LONGEST_TEXT = 1000
"""Characters of a telephone number, a name or a reason."""

LONGEST_RETRY = 3600.0
"""Seconds. Whoever asks for a longer pause is asked again after this one."""

_OFFSET = re.compile(r"([+-])([01][0-9]|2[0-3]):?([0-5][0-9])")


@frozen
class PanelNumber:
    """Somebody to call.

    Attributes:
        reference: the panel's id of them, as JSON text.
        phone_number: as the panel wrote it.
    """

    reference: str
    phone_number: str


@frozen
class Batch:
    """Contacts that came together.

    Attributes:
        id: the panel's, as JSON text.
    """

    id: str
    numbers: tuple[PanelNumber, ...]


@frozen
class PanelScenario:
    """A scenario that is to be active.

    Attributes:
        reference: the panel's id of it, as JSON text; empty where it gave a name alone.
    """

    name: str
    reference: str = ""


@frozen
class PanelLine:
    """A line that calls are to leave by.

    Attributes:
        reference: the panel's id of it, as JSON text; empty where it gave none.
    """

    phone_number: str
    display_name: str = ""
    reference: str = ""


@frozen
class PanelAgent:
    """An operator.

    Attributes:
        reference: the panel's id of them, as JSON text; empty where it gave none.
    """

    phone_number: str
    reference: str = ""


@frozen
class Metadata:
    """The panel's word on what the engine calls with. None stands for what it did not speak of.

    Attributes:
        active_scenarios: None for all.
        outbound_lines: instead of those there are; None keeps them.
        zone: of the panel's clock.
        server_time, schedule_version: as the panel wrote them.
    """

    active_scenarios: tuple[PanelScenario, ...] | None = None
    outbound_lines: tuple[PanelLine, ...] | None = None
    inbound_agents: tuple[PanelAgent, ...] | None = None
    outbound_agents: tuple[PanelAgent, ...] | None = None
    zone: tzinfo | None = None
    server_time: str = ""
    schedule_version: str = ""

    def over(self, before: "Metadata | None") -> "Metadata":
        """What is in force once this is said after that: what it does not speak of stays, but for the scenarios."""
        if before is None:
            return self
        kept = {
            name: getattr(before, name)
            for name in ("outbound_lines", "inbound_agents", "outbound_agents", "zone")
            if getattr(self, name) is None
        }
        return evolve(self, **kept)


@frozen
class Announcement:
    """One answer.

    Attributes:
        call_allowed: whether calls may be placed.
        retry_after: seconds until the panel wants to be asked again, at most an hour; None when it did not say.
        reason: why no calls are allowed, for people.
        batch: None where nobody is in it.
        kept: the same answer without its batch, as JSON text, to begin from after a restart.
    """

    call_allowed: bool
    retry_after: float | None = None
    reason: str = ""
    batch: Batch | None = None
    metadata: Metadata = field(factory=Metadata)
    kept: str = "{}"


class _Wrong(Exception):
    """What is wrong, without the body."""


def announcement_of(body: bytes) -> Announcement:
    """Read an answer.

    Raises:
        WrongShape: it is no JSON object, or anything in it is of another kind than agreed.
    """
    try:
        answer = _object(_decoded(body), "the answer")
        return evolve(_announcement(answer), kept=_without_batch(answer))
    except _Wrong as error:
        reason = str(error)
    except RecursionError:
        reason = "the answer is nested too deeply"
    raise WrongShape(reason, body.decode("utf-8", "backslashreplace"))


def _decoded(body: bytes) -> Json:
    try:
        answer: Json = json.loads(
            body.decode("utf-8-sig"), object_pairs_hook=_members, parse_constant=_no_number, parse_float=_float
        )
    except UnicodeDecodeError:
        raise _Wrong("the answer is not UTF-8") from None
    except json.JSONDecodeError as error:
        raise _Wrong(f"the answer is no JSON: {error.msg} at line {error.lineno}, column {error.colno}") from None
    except ValueError:  # Python reads no integer of thousands of digits
        raise _Wrong("the answer has a number that is too large") from None
    return answer


def _members(pairs: Sequence[tuple[str, Json]]) -> dict[str, Json]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise _Wrong("an object in the answer has the same key twice")
    return members


def _no_number(word: str) -> NoReturn:
    raise _Wrong(f"{word} is no number of JSON")


def _float(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise _Wrong("the answer has a number that is too large")
    return number


def _without_batch(answer: Mapping[str, Json]) -> str:
    """What changes with every answer is left out besides, so that it need not be written each time."""
    passing = {"batch", "server_time", "retry_after_seconds"}
    return json.dumps({key: value for key, value in answer.items() if key not in passing})


def _announcement(answer: Mapping[str, Json]) -> Announcement:
    allowed = answer.get("call_allowed")
    if not isinstance(allowed, bool):
        raise _Wrong("`call_allowed` must be true or false")
    return Announcement(
        call_allowed=allowed,
        retry_after=_seconds(answer.get("retry_after_seconds")),
        reason=_text(answer, "reason", "the answer"),
        batch=_batch(answer.get("batch")),
        metadata=_metadata(answer),
    )


def _metadata(answer: Mapping[str, Json]) -> Metadata:
    agents = {name: _agents(answer, name) for name in ("inbound_agents", "outbound_agents", "active_agents")}
    older = agents["active_agents"]
    outbound = agents["outbound_agents"]
    version = answer.get("schedule_version")
    return Metadata(
        active_scenarios=_scenarios(answer),
        outbound_lines=_lines(answer),
        inbound_agents=agents["inbound_agents"],
        outbound_agents=older if outbound is None else outbound,
        zone=zone_of(_text(answer, "timezone", "the answer")),
        server_time=_text(answer, "server_time", "the answer"),
        schedule_version="" if version is None else _reference(version, "`schedule_version`"),
    )


def _seconds(value: Json) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _Wrong("`retry_after_seconds` must be a number")
    return float(min(max(value, 0), LONGEST_RETRY))


def _batch(value: Json) -> Batch | None:
    if value is None:
        return None
    batch = _object(value, "`batch`")
    rows = _list(batch, "numbers", "`batch`")
    if rows is None:
        raise _Wrong("`batch` has no `numbers`")
    if not rows:
        return None
    return Batch(
        _reference(batch.get("batch_id"), "`batch_id`"),
        tuple(_number(_object(row, f"`numbers[{at}]`"), f"`numbers[{at}]`") for at, row in enumerate(rows)),
    )


def _number(row: Mapping[str, Json], place: str) -> PanelNumber:
    return PanelNumber(_reference(row.get("id"), f"`id` of {place}"), _text(row, "phone_number", place, needed=True))


def _scenarios(answer: Mapping[str, Json]) -> tuple[PanelScenario, ...] | None:
    rows = _list(answer, "active_scenarios", "the answer")
    return None if rows is None else tuple(_scenario(row, f"`active_scenarios[{at}]`") for at, row in enumerate(rows))


def _scenario(row: Json, place: str) -> PanelScenario:
    if isinstance(row, str):
        return PanelScenario(_text({"name": row}, "name", place, needed=True))
    members = _object(row, place)
    return PanelScenario(_text(members, "name", place, needed=True), _optional_reference(members, place))


def _lines(answer: Mapping[str, Json]) -> tuple[PanelLine, ...] | None:
    rows = _list(answer, "outbound_lines", "the answer")
    return None if rows is None else tuple(_line(row, f"`outbound_lines[{at}]`") for at, row in enumerate(rows))


def _line(row: Json, place: str) -> PanelLine:
    members = _object(row, place)
    return PanelLine(
        _text(members, "phone_number", place, needed=True),
        _text(members, "display_name", place),
        _optional_reference(members, place),
    )


def _agents(answer: Mapping[str, Json], name: str) -> tuple[PanelAgent, ...] | None:
    rows = _list(answer, name, "the answer")
    return None if rows is None else tuple(_agent(row, f"`{name}[{at}]`") for at, row in enumerate(rows))


def _agent(row: Json, place: str) -> PanelAgent:
    members = _object(row, place)
    return PanelAgent(_text(members, "phone_number", place, needed=True), _optional_reference(members, place))


def _object(value: Json, place: str) -> dict[str, Json]:
    if not isinstance(value, dict):
        raise _Wrong(f"{place} must be an object")
    return value


def _list(members: Mapping[str, Json], name: str, place: str) -> list[Json] | None:
    value = members.get(name)
    if value is not None and not isinstance(value, list):
        raise _Wrong(f"`{name}` of {place} must be a list")
    return value


def _text(members: Mapping[str, Json], name: str, place: str, *, needed: bool = False) -> str:
    value = members.get(name)
    if value is None and not needed:
        return ""
    if not isinstance(value, str) or len(value) > LONGEST_TEXT or (needed and not value.strip()):
        raise _Wrong(f"`{name}` of {place} must be a text of at most {LONGEST_TEXT} characters")
    return value


def _optional_reference(members: Mapping[str, Json], place: str) -> str:
    value = members.get("id")
    return "" if value is None else _reference(value, f"`id` of {place}")


def _reference(value: Json, place: str) -> str:
    """An id as JSON text, in ASCII: `17` and `"17"` stay two."""
    if isinstance(value, bool) or not isinstance(value, int | str) or value == "":
        raise _Wrong(f"{place} must be a whole number or a text")
    reference = json.dumps(value)
    if len(reference) > LONGEST_ID:
        raise _Wrong(f"{place} is longer than {LONGEST_ID} characters")
    return reference


def zone_of(written: str) -> tzinfo | None:
    """The zone that `+0330`, `+03:30`, `Z` or a name such as `Asia/Tehran` stands for; None for any other text."""
    offset = _OFFSET.fullmatch(written)
    if offset is not None:
        sign, hours, minutes = offset.groups()
        distance = timedelta(hours=int(hours), minutes=int(minutes))
        return timezone(-distance if sign == "-" else distance)
    if not written or not written.isascii():
        return None
    try:
        return UTC if written == "Z" else ZoneInfo(written)
    except (KeyError, ValueError, OSError):
        return None
