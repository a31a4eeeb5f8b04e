"""The kinds of identifier, told apart by type so that a channel's id is never taken for a call's."""

from typing import NewType
from uuid import NAMESPACE_OID, uuid5

CallId = NewType("CallId", str)
AttemptId = NewType("AttemptId", str)
ContactId = NewType("ContactId", str)
LineId = NewType("LineId", str)
"""A line's own number, as configured."""

OperatorId = NewType("OperatorId", str)
"""What the settings, a scenario or the panel know an operator by."""

ChannelId = NewType("ChannelId", str)
BridgeId = NewType("BridgeId", str)
PlaybackId = NewType("PlaybackId", str)
RecordingName = NewType("RecordingName", str)

MessageId = NewType("MessageId", str)
"""Of what is told to the panel; also the idempotency key it is told under."""

StepId = NewType("StepId", str)
Outcome = NewType("Outcome", str)
Intent = NewType("Intent", str)
Result = NewType("Result", str)
"""What became of a call, in the panel's words: `connected_to_operator`, `busy`, `failed:record` ..."""

ChartId = NewType("ChartId", str)
"""The content hash of a compiled flow."""

Digits = NewType("Digits", str)
"""A telephone number reduced to 5-15 ASCII digits."""


def recording_name(channel: str, place: int) -> RecordingName:
    """What a channel's so-manieth recording is called, from 0: a UUID, and known to who knows the channel alone.

    So an engine that was killed leaves no recording behind that the next one could not name.
    """
    return RecordingName(str(uuid5(NAMESPACE_OID, f"{channel}/{place}")))
