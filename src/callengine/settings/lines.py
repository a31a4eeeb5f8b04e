"""The lines that the settings describe."""

import attrs

from callengine.model import LineId, LineLimits, LineSpec
from callengine.settings.telephony import LineSettings
from callengine.settings.tree import Settings


def line_specs(settings: Settings) -> tuple[LineSpec, ...]:
    """The lines to begin with, until the panel sends its own.

    OUTBOUND_NUMBERS says which lines there are; without it the tables `[[lines]]` do, and without those DEFAULT_CALLER_ID is
    the one line. A table with a line's number overrides the limits of all lines for it.
    """
    numbers = settings.dialing.outbound_numbers or tuple(table.number for table in settings.lines)
    if not numbers and settings.dialing.default_caller_id:
        numbers = (settings.dialing.default_caller_id,)
    return tuple(line_spec(settings, number) for number in numbers)


def line_spec(settings: Settings, number: str, display_name: str = "", reference: str = "") -> LineSpec:
    """One line, which the panel may have named: with the limits of its table, or else those of all lines.

    Args:
        display_name: the panel's; without one the table's counts.
        reference: what the panel knows the line by, as JSON text.
    """
    tables = {table.number: table for table in settings.lines}
    line, limits = tables.get(number, LineSettings(number=number)), settings.limits
    names = [attribute.name for attribute in attrs.fields(LineLimits)]
    own = {name: getattr(line, name) for name in names}
    overall = {name: getattr(limits, name) for name in names}
    return LineSpec(
        id=LineId(line.number),
        caller_id=line.caller_id or line.number,
        limits=LineLimits(**{name: overall[name] if own[name] is None else own[name] for name in names}),
        display_name=display_name or line.display_name,
        reference=reference,
    )
