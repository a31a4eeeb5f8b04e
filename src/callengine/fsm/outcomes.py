"""The outcomes that steps of several types have, by their words in a file."""

from callengine.model import Outcome

NEXT = Outcome("next")
ON_EMPTY = Outcome("on_empty")
ON_FAILURE = Outcome("on_failure")
ON_INVALID = Outcome("on_invalid")
ON_LEAVE = Outcome("on_leave")
ON_NO_INPUT = Outcome("on_no_input")
ON_NO_MATCH = Outcome("on_no_match")
ON_SUCCESS = Outcome("on_success")
ON_TIMEOUT = Outcome("on_timeout")
OTHERWISE = Outcome("otherwise")
