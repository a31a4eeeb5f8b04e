"""The lines that the settings describe."""

import attrs

from callengine.model import LineId, LineLimits, LineSpec
from callengine.settings.telephony import LimitSettings, LineSettings
from callengine.settings.tree import Settings


def line_specs(settings: Settings) -> tuple[LineSpec, ...]:
    """The lines to begin with, until the panel sends its own.

    OUTBOUND_NUMBERS says which lines there are; without it the tables `[[lines]]` do, and without those DEFAULT_CALLER_ID is
    the one line. A table with a line's number overrides the limits of all lines for it.
    """
    tables = {table.number: table for table in settings.lines}
    numbers = settings.dialing.outbound_numbers or tuple(tables)
    if not numbers and settings.dialing.default_caller_id:
        numbers = (settings.dialing.default_caller_id,)
    return tuple(_spec(tables.get(number, LineSettings(number=number)), settings.limits) for number in numbers)


def _spec(line: LineSettings, limits: LimitSettings) -> LineSpec:
    names = [attribute.name for attribute in attrs.fields(LineLimits)]
    own = {name: getattr(line, name) for name in names}
    overall = {name: getattr(limits, name) for name in names}
    return LineSpec(
        id=LineId(line.number),
        caller_id=line.caller_id or line.number,
        limits=LineLimits(**{name: overall[name] if own[name] is None else own[name] for name in names}),
        display_name=line.display_name,
    )
