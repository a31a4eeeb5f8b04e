"""Generated flows, as bytes: what an author could write, sensible or not, that has no F0xx or F1xx error."""

from hypothesis import strategies as st

from tests.fsm.files import with_flow

INTENTS = ("yes", "no", "hung_up", "send it")


def step_text(number: int, count: int, draw: st.DrawFn) -> str:
    def target() -> str:
        return f"id {draw(st.integers(0, count - 1))}"

    def maybe(key: str) -> str:
        return f", {key}: {target()}" if draw(st.booleans()) else ""

    kind = draw(st.integers(0, 7))
    whisper = draw(st.sampled_from(["", ", whisper: hello", ", whisper_text: 'Call of {number}', accept_key: 1"]))
    prompt = draw(st.sampled_from(["", ", prompt: hello"]))
    counter, most = draw(st.sampled_from("cd")), draw(st.integers(0, 3))
    routes = draw(st.lists(st.sampled_from((*INTENTS, "unknown")), unique=True))
    return f"step: id {number}, type: " + [
        f"play_prompt, prompt: hello, next: {target()}",
        f"record, next: {target()}{maybe('on_empty')}{maybe('on_failure')}",
        f"classify_intent, next: {target()}{maybe('on_failure')}{prompt}",
        f"route_by_intent, routes: {{{', '.join(f'{intent}: {target()}' for intent in routes)}}}",
        f"check_retry_limit, counter: {counter}, max_count: {most}, within_limit: {target()}, exceeded: {target()}",
        f"set_result, result: unknown, next: {target()}",
        f"transfer_to_operator, agent_type: outbound, on_success: {target()}, on_failure: {target()}{whisper}",
        draw(st.sampled_from(["disconnect", "hangup", "wait"])),
    ][kind]  # fmt: skip


@st.composite
def scenario_files(draw: st.DrawFn) -> bytes:
    count = draw(st.integers(1, 6))
    steps = [step_text(number, count, draw) for number in range(count)]
    place = draw(st.integers(0, count))
    steps.insert(place, "step: model, type: entry, next: id 0")
    return with_flow(*steps, prompts="{hello: 'sound:hello'}", llm=f"{{intent_categories: [{', '.join(INTENTS)}]}}")
