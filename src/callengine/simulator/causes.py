"""Q.850 causes: their names in Asterisk, and what a dial that ends with them is called."""

from collections.abc import Mapping

_TEXTS: Mapping[int, str] = {
    0: "Unknown",
    1: "Unallocated (unassigned) number",
    3: "No route to destination",
    16: "Normal Clearing",
    17: "User busy",
    18: "No user responding",
    19: "User alerting, no answer",
    20: "Subscriber absent",
    21: "Call Rejected",
    26: "Answered elsewhere",
    28: "Invalid number format",
    31: "Normal, unspecified",
    34: "Circuit/channel congestion",
    38: "Network out of order",
    127: "Interworking, unspecified",
}

HANGUP_REASONS: Mapping[str, int] = {
    "normal": 16,
    "busy": 17,
    "congestion": 34,
    "no_answer": 19,
    "timeout": 18,
    "rejected": 21,
    "unallocated": 1,
    "normal_unspecified": 31,
    "number_incomplete": 28,
    "interworking": 127,
    "failure": 38,
    "answered_elsewhere": 26,
}
"""The reasons `DELETE /channels/{id}` accepts."""

SIP_CODES: Mapping[int, int] = {17: 486, 18: 408, 19: 480, 21: 603, 34: 503}
"""The SIP code a channel ends with when it is hung up for a cause; none for an ordinary end."""

_DIAL_STATUSES: Mapping[int, str] = {17: "BUSY", 34: "CONGESTION", 3: "CHANUNAVAIL", 20: "CHANUNAVAIL"}


def cause_text(cause: int) -> str:
    return _TEXTS.get(cause, "Unknown")


def dial_status(cause: int) -> str:
    """The last Dial status of a call that was refused; a rejected one is NOANSWER (seen on Asterisk 22.10.1)."""
    return _DIAL_STATUSES.get(cause, "NOANSWER")
