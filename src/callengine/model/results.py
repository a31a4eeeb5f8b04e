"""The results of a call that have a name of their own; `failed:<reason>` stands beside them."""

from callengine.model.ids import Result

PANEL_RESULTS = tuple(
    map(
        Result,
        (
            "connected_to_operator",
            "not_interested",
            "disconnected",
            "hangup",
            "missed",
            "busy",
            "power_off",
            "banned",
            "unknown",
            "inbound_call",
        ),
    )
)
"""Those a panel knows by name."""

OWN_RESULTS = tuple(map(Result, ("answered_unserved", "pbx_lost", "forwarded")))
"""Those a panel is told as failures, with the name as the reason."""

FAILED = "failed:"
"""What every other result begins with."""
