"""Settings of who customers are connected to, and of how long they wait for it."""

from attrs import field, frozen

from callengine.settings import kinds, rosters
from callengine.settings.about import about
from callengine.settings.rosters import RosterEntry


@frozen
class OperatorSettings:
    """Whom customers are connected to: rosters, and who is rung where none says anybody.

    Then the mobile numbers are rung, else the endpoint, else the extension.
    """

    inbound: tuple[RosterEntry, ...] = field(
        default=(),
        converter=rosters.operators,
        metadata=about(
            "Operators for customers who call us: a list of numbers, rung over OUTBOUND_TRUNK, or endpoints such as"
            " PJSIP/200@desk; a name may stand in front, Sara=09121234567",
            "INBOUND_OPERATORS",
        ),
    )
    outbound: tuple[RosterEntry, ...] = field(
        default=(),
        converter=rosters.operators,
        metadata=about("Operators for customers we call, written in the same way", "OUTBOUND_OPERATORS"),
    )
    mobile_numbers: tuple[str, ...] = field(
        default=(),
        converter=kinds.telephones,
        metadata=about(
            "Telephone numbers that are rung over OUTBOUND_TRUNK where no roster says anybody", "OPERATOR_MOBILE_NUMBERS"
        ),
    )
    endpoint: str = field(
        default="",
        converter=rosters.endpoint,
        metadata=about("Operator's endpoint in Asterisk's words, PJSIP/200", "OPERATOR_ENDPOINT"),
    )
    extension: str = field(
        default="", converter=kinds.endpoint_part, metadata=about("Operator's extension", "OPERATOR_EXTENSION")
    )
    trunk: str = field(
        default="",
        converter=kinds.endpoint_part,
        metadata=about("PJSIP endpoint that leads to the extension", "OPERATOR_TRUNK"),
    )
    caller_id: str = field(
        default="",
        converter=kinds.telephone,
        metadata=about("Number shown to operators where the customer's is not known", "OPERATOR_CALLER_ID"),
    )
    timeout: float = field(
        default=30.0, converter=kinds.seconds, metadata=about("Seconds an operator's telephone may ring", "OPERATOR_TIMEOUT")
    )
    wrap_up: float = field(
        default=0.0,
        converter=kinds.seconds_or_zero,
        metadata=about("Seconds after a call in which its operator is not rung", "OPERATOR_WRAP_UP"),
    )
    wait: float = field(
        default=0.0,
        converter=kinds.seconds_or_zero,
        metadata=about("Seconds a transfer waits for an operator where all are busy. 0: it goes on at once", "OPERATOR_WAIT"),
    )
    slot_wait: float = field(
        default=15.0,
        converter=kinds.seconds,
        metadata=about("Seconds an operator leg over the trunk waits for a slot of a line", "OPERATOR_SLOT_WAIT"),
    )


@frozen
class InboundSettings:
    """What happens to callers until somebody is free for them."""

    wait: float = field(
        default=60.0,
        converter=kinds.seconds,
        metadata=about(
            "Seconds a caller waits for a slot of the line, or for an operator where they go straight to one", "INBOUND_WAIT"
        ),
    )
    waiting_room: int = field(
        default=20,
        converter=kinds.whole,
        metadata=about("Callers that may wait at once; one more is turned away as busy", "INBOUND_WAITING_ROOM"),
    )
    refuse_unknown: bool = field(
        default=False,
        converter=kinds.flag,
        metadata=about(
            "Whether calls to numbers that are none of our lines are refused instead of connected to an operator",
            "INBOUND_REFUSE_UNKNOWN",
        ),
    )
