"""Rules F4xx: what a call sounds like to the person on the phone, and how long it can keep them."""

from collections.abc import Iterator
from math import inf

from callengine.fsm import codes
from callengine.fsm.analysis import Analysis
from callengine.fsm.dataflow import SPOKEN_TO
from callengine.fsm.declarations import OPERATOR
from callengine.fsm.findings import Finding, quoted
from callengine.fsm.steps import HOLD_PROMPT, LONGEST_SYNTHESIS, LONGEST_THOUGHT
from callengine.model import Result

LONGEST_CALL = 3600.0
"""Seconds a flow may take at most: after so many the engine hangs up, unless CALL_MAX_SECONDS says otherwise."""
LONGEST_SILENCE = LONGEST_THOUGHT + LONGEST_SYNTHESIS
"""Seconds in which the caller may hear nothing without being asked for something: as long as one provider is
waited for, and what it came to is made audible. Two such providers one after the other are too much."""
CONNECTED = Result("connected_to_operator")


def too_long(flow: Analysis) -> Iterator[Finding]:
    walk, airs = flow.lengths.longest, flow.graph.airs
    if LONGEST_CALL < walk.length < inf:
        most, _ = max(walk.visits, key=lambda visit: airs[visit[0]].seconds * visit[1])
        message = (
            f"on the longest way through here a call lasts {walk.length:,.0f} seconds, but it is hung up after"
            f" {LONGEST_CALL:,.0f}; lower a `max_count` or take steps out"
        )
        yield flow.finding(codes.TOO_LONG, message, most, "step")


def dead_air(flow: Analysis) -> Iterator[Finding]:
    silence, steps = flow.lengths.silence, flow.graph.steps
    if silence.length <= LONGEST_SILENCE:
        return
    visited = [vertex % len(steps) for vertex, _ in silence.visits]
    if steps[visited[-1]].holds:
        message = "the call stays up although nobody may be there to talk to; come here only from a transfer that succeeded"
        yield flow.finding(codes.DEAD_AIR, message, visited[-1], "step")
    elif silence.length < inf:
        way = quoted(steps[visited[0]].id)
        message = f"the caller may hear nothing for {silence.length:,.0f} seconds, from {way} on; play something meanwhile"
        yield flow.finding(codes.DEAD_AIR, message, visited[-1], "step")


def no_hold_audio(flow: Analysis) -> Iterator[Finding]:
    for place in flow.graph.order:
        if flow.graph.steps[place].hold_audio and HOLD_PROMPT not in flow.scenario.prompts:
            message = f"the caller hears the PBX's music while an operator is rung; add the prompt `{HOLD_PROMPT}`"
            yield flow.finding(codes.NO_HOLD_AUDIO, message, place, "type")


def wordless_ends(flow: Analysis) -> Iterator[Finding]:
    for place in flow.graph.order:
        step = flow.graph.steps[place]
        ends = not flow.graph.ways[place] and not step.holds
        if ends and not flow.facts.hold_at(place, OPERATOR) and not flow.facts.hold_at(place, SPOKEN_TO):
            message = "hangs up although the caller may have heard nothing since they spoke; play a prompt before it"
            yield flow.finding(codes.WORDLESS_END, message, place, "step")


def untrue_connections(flow: Analysis) -> Iterator[Finding]:
    for place in flow.graph.order:
        if flow.graph.steps[place].result_set() == CONNECTED and not flow.facts.hold_at(place, OPERATOR):
            message = (
                f"says {quoted(CONNECTED)} although a call comes here without a transfer that succeeded;"
                " set it after `on_success`, and another result elsewhere"
            )
            yield flow.finding(codes.UNTRUE_CONNECTION, message, place, "result")
