"""Who can be called, on which lines, with which flow: the world of an engine that is killed."""

from collections.abc import Mapping, Sequence

from callengine.model import LineLimits
from callengine.simulator import Persona

NUMBERS = tuple(f"0912{number:07}" for number in range(30))
BLOCKED = NUMBERS[7]
LINES = ("02191302001", "02191302002")
LIMITS = LineLimits(concurrent=3, per_minute=20, per_day=40, per_second=2)
OVERALL = 3
OPERATORS = ("09350000001", "09350000002")
PHRASES = ("yes", "no")

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


def operators(numbers: Sequence[str]) -> Mapping[str, Persona]:
    """They answer soon, and talk for a while."""
    return dict.fromkeys(numbers, Persona(answers_after=0.4))
