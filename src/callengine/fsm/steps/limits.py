"""How long steps may take, and what the language knows by name."""

from callengine.model import Intent, Result

UNKNOWN = Intent("unknown")
"""The intent of what was not understood; its route serves every intent that has none."""
UNROUTED = Result("unknown")
"""The result of a call whose intent has no route, in a step that has none for `unknown` either."""

HOLD_PROMPT = "onhold"
"""The prompt of a scenario that is its hold audio."""

LONGEST_PROMPT = 120.0
"""Seconds after which a prompt that never reports its end is given up."""
LONGEST_SYNTHESIS = 10.0
"""Seconds a text is waited for to be spoken."""
LONGEST_THOUGHT = 30.0
"""Seconds a speech or language provider is waited for."""
LONGEST_TRANSFER = 300.0
"""Seconds after which no further operator is tried."""
LAST_OPERATOR = 300.0
"""Seconds the operator tried last may take beyond that: a slot, ringing, what they hear first, their key, the bridge."""
RECORDING_MARGIN = 5.0
"""Seconds beyond its longest duration after which a recording is given up."""
LONGEST_GREETING = 60.0
"""Seconds the greeting of an answering machine, with its beep, is waited for at most."""
LONGEST_SENDING = 10.0
"""Seconds a short message, or an entry in the book, is waited for."""
LONGEST_DELAY = 30 * 24 * 3600.0
"""Seconds after which somebody may be called back at most."""
