"""Who can be called, on which lines, with which flow: the world of an engine that is killed."""

from random import Random

from callengine.model import LineLimits
from callengine.simulator import HangUp, Instead, Moment, People, Persona

NUMBERS = tuple(f"0912{number:07}" for number in range(30))
BLOCKED = NUMBERS[7]
LINES = ("02191302001", "02191302002")
LIMITS = LineLimits(concurrent=3, per_minute=25, per_day=60, per_second=2)
OVERALL = 3
OPERATORS = ("09350000001", "09350000002")
PASSWORD = "of-the-pbx-alone"

FLOW = """
scenario:
  name: offer
  prompts: {hello: "sound:hello", onhold: "sound:onhold"}
  llm: {prompt_template: "{transcript}", intent_categories: [yes, no, unknown], fallback_tokens: {yes: ["yes"], no: ["no"]}}
  flow:
    - {step: start, type: entry, next: hello}
    - {step: hello, type: play_prompt, prompt: hello, next: connect}
    - {step: connect, type: transfer_to_operator, agent_type: outbound, on_success: connected, on_failure: sorry}
    - {step: connected, type: set_result, result: connected_to_operator, next: talk}
    - {step: talk, type: wait}
    - {step: sorry, type: set_result, result: disconnected, next: end}
    - {step: end, type: hangup}
"""


def everybody(rng: Random) -> People:
    """Most customers answer soon, and talk with an operator for a while; operators answer at once and stay."""
    instead = (None, None, None, None, Instead.BUSY, Instead.NO_ANSWER, Instead.POWER_OFF)
    customers = {
        number: Persona(
            answers_after=round(rng.uniform(0.2, 2.0), 3),
            instead=rng.choice(instead),
            hangs_up=HangUp(Moment.BRIDGE, seconds=round(rng.uniform(0.5, 3.0), 3)),
        )
        for number in NUMBERS
    }
    return People({**customers, **dict.fromkeys(OPERATORS, Persona(answers_after=0.4))})
