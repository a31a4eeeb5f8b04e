"""What each step does in a call, in every situation it can meet."""

import attrs
import pytest
import trio
from trio.testing import MockClock

from callengine.calls import LONGEST_REMEMBERED, CallRules, Understood
from callengine.errors import BalanceExhausted, NothingHeard, ProviderError, ProviderUnavailable
from callengine.fsm import CHART_TYPES, STEP_TYPES
from callengine.fsm.steps import LONGEST_PROMPT, LONGEST_THOUGHT
from callengine.model import Cause, Intent, MomentKind, StepId
from callengine.providers import LanguageModel, SpeechToText
from callengine.providers.scripted import Script, ScriptedModel, ScriptedSpeechToText
from callengine.simulator import Fault, HangUp, Kind, Moment, PbxConfig, Persona
from tests.calls.stage import PROMPTS, Cast, chart, desk, stage

ENTRY = "step: start, type: entry, next: listen"
END = "step: end, type: hangup"
VERDICTS = (
    "step: heard, type: set_result, result: unknown, next: end",
    "step: empty, type: set_result, result: missed, next: end",
    "step: failed, type: set_result, result: banned, next: end",
    END,
)
LISTEN = chart(ENTRY, "step: listen, type: record, next: heard, on_empty: empty, on_failure: failed", *VERDICTS)

TALKATIVE = Persona(says=("yes please", "no thanks", "hm"))
DESK = (desk("200"),)


def heard(*turns: str | ProviderError, seconds: float = 0.0) -> ScriptedSpeechToText:
    return ScriptedSpeechToText(Script(turns, seconds))


def thought(*turns: str | ProviderError, seconds: float = 0.0) -> ScriptedModel:
    return ScriptedModel(Script(turns, seconds))


def test_every_step_type_is_performed_here() -> None:
    """Whoever adds a step type adds its case below."""
    assert {step_type.type for step_type in CHART_TYPES} == set(STEP_TYPES)
    assert set(STEP_TYPES) == {
        "entry",
        "play_prompt",
        "say",  # test_choosing.py
        "record",
        "menu",  # test_choosing.py
        "collect_digits",  # test_choosing.py
        "detect_machine",  # test_greeting.py
        "leave_message",
        "classify_intent",
        "route_by_intent",
        "check_retry_limit",
        "set_result",
        "transfer_to_operator",  # test_transfer.py
        "request",  # test_requesting.py
        "send_sms",  # test_doing.py
        "opt_out",
        "schedule_callback",
        "queue",  # test_queue.py
        "disconnect",
        "hangup",
        "wait",
        "subflow",
        "return",
        "branch",
        "set",
    }


class TestPlayPrompt:
    FLOW = chart("step: start, type: entry, next: say", "step: say, type: play_prompt, prompt: hello, next: heard", *VERDICTS)

    async def test_it_goes_on_when_the_prompt_is_over(self, autojump_clock: MockClock) -> None:
        async with stage(Cast()) as here:
            await here.plays(self.FLOW)
            [began], [ended] = here.records(Kind.PLAYBACK), here.records(Kind.PLAYBACK_ENDED)
            over = next(
                moment.at for moment in here.notes.moments if moment.kind is MomentKind.OUTCOME and moment.detail == "say"
            )
        assert ended.at - began.at == pytest.approx(PROMPTS["sound:hello"])
        assert 0 <= over - ended.at < 0.05

    @pytest.mark.parametrize("config", [PbxConfig(missing=("sound:hello",)), PbxConfig()])
    async def test_one_that_cannot_be_played_is_passed_over(self, config: PbxConfig, autojump_clock: MockClock) -> None:
        async with stage(Cast(pbx=config)) as here:
            if not config.missing:
                here.pbx.faults.append(Fault("POST /channels/*/play/*", status=500))
            result = await here.plays(self.FLOW)
        assert (result.result, result.cause) == ("unknown", Cause.FLOW_ENDED)

    async def test_one_that_never_ends_is_given_up(self, autojump_clock: MockClock) -> None:
        endless = PbxConfig(prompt_seconds={"sound:hello": 10_000.0})
        async with stage(Cast(pbx=endless)) as here:
            result = await here.plays(self.FLOW)
            [ended] = here.records(Kind.PLAYBACK_ENDED)
        assert result.cause is Cause.FLOW_ENDED
        assert ended.detail["state"] == "done", "it is stopped, so that what follows can be heard"
        assert result.seconds == pytest.approx(LONGEST_PROMPT, abs=1)


class TestRecord:
    @pytest.mark.parametrize(
        ("says", "ears", "outcome"),
        [
            ("yes please", heard("yes please"), "next"),
            ("", heard("never asked"), "on_empty"),
            ("yes please", heard(""), "on_empty"),
            ("yes please", heard(NothingHeard("no speech in it")), "on_empty"),
            ("yes please", None, "on_empty"),
            ("yes please", heard(ProviderUnavailable("down")), "on_failure"),
            ("yes please", heard(BalanceExhausted("pay")), "on_failure"),
            ("yes please", heard("too late", seconds=LONGEST_THOUGHT + 1), "on_failure"),
        ],
    )
    async def test_what_was_said_decides(
        self, says: str, ears: SpeechToText | None, outcome: str, autojump_clock: MockClock
    ) -> None:
        async with stage(Cast(Persona(says=(says,)), ears=ears)) as here:
            await here.plays(LISTEN)
            assert here.notes.outcomes[1] == outcome

    @pytest.mark.parametrize(
        "fault",
        [
            Fault("POST /channels/*/record", status=500),
            Fault("GET /recordings/stored/*/file", status=404),
            Fault("GET /recordings/stored/*/file", status=500),
        ],
    )
    async def test_a_recording_that_cannot_be_had_is_a_failure(self, fault: Fault, autojump_clock: MockClock) -> None:
        async with stage(Cast(TALKATIVE)) as here:
            here.pbx.faults.append(fault)
            await here.plays(LISTEN)
            assert here.notes.outcomes[1] == "on_failure"

    async def test_in_a_bridge_it_fails_at_once(self, autojump_clock: MockClock) -> None:
        flow = chart(
            "step: start, type: entry, next: connect",
            "step: connect, type: transfer_to_operator, agent_type: outbound, on_success: listen, on_failure: end",
            "step: listen, type: record, next: heard, on_empty: empty, on_failure: failed",
            *VERDICTS,
        )
        async with stage(Cast(TALKATIVE, operators=DESK)) as here:
            assert (await here.plays(flow)).result == "banned"

    @pytest.mark.parametrize(
        ("says", "ears", "result"), [("", None, "hangup"), ("yes please", heard(ProviderUnavailable("down")), "failed:record")]
    )
    async def test_without_a_route_the_call_ends_with_the_default_result(
        self, says: str, ears: SpeechToText | None, result: str, autojump_clock: MockClock
    ) -> None:
        flow = chart(ENTRY, "step: listen, type: record, next: end", END)
        async with stage(Cast(Persona(says=(says,)), ears=ears)) as here:
            ended = await here.plays(flow)
        assert (ended.result, ended.cause) == (result, Cause.FLOW_ENDED)

    async def test_ears_are_told_what_to_expect(self, autojump_clock: MockClock) -> None:
        ears = heard("yes please")
        async with stage(Cast(TALKATIVE, ears=ears)) as here:
            result = await here.plays(LISTEN)
        [(_, hints)] = ears.asked
        assert hints.phrases == ("yes please", "no thanks")
        assert result.transcript == "yes please"

    async def test_who_keeps_copies_knows_what_each_recording_is_called(self, autojump_clock: MockClock) -> None:
        ears = heard("yes")
        async with stage(Cast(TALKATIVE, ears=ears)) as here:
            await here.plays(LISTEN)
            [deleted] = here.records(Kind.RECORDING_DELETED)
        assert [hints.recording for _, hints in ears.asked] == [deleted.id]

    async def test_no_copy_stays_on_the_pbx_while_the_call_goes_on(self, autojump_clock: MockClock) -> None:
        async with stage(Cast(TALKATIVE)) as here:
            await here.plays(LISTEN)
            [deleted], [destroyed] = here.records(Kind.RECORDING_DELETED), here.records(Kind.DESTROYED)
        assert deleted.at < destroyed.at


class TestClassifyIntent:
    FLOW = (
        ENTRY,
        "step: listen, type: record, next: think",
        "step: think, type: classify_intent, prompt: moment, next: heard, on_failure: failed",
        *VERDICTS,
    )

    @pytest.mark.parametrize(
        ("says", "model", "source", "intent"),
        [
            ("yes please", None, "intent by keywords", "yes"),
            ("whatever", None, "intent by keywords", "unknown"),
            ("whatever", thought("no"), "intent by model", "no"),
            ("whatever", thought('{"intent": "no", "confidence": 0.9}'), "intent by model, confidence 0.90", "no"),
            ("yes please", thought(ProviderUnavailable("down")), "intent by keywords", "yes"),
            ("no thanks", thought("DROP TABLE calls"), "intent by keywords", "no"),
        ],
    )
    async def test_the_model_decides_and_keywords_stand_in(
        self, says: str, model: LanguageModel | None, source: str, intent: str, autojump_clock: MockClock
    ) -> None:
        async with stage(Cast(Persona(says=(says,)), model=model)) as here:
            await here.plays(chart(*self.FLOW))
            found = [(moment.name, moment.detail) for moment in here.notes.moments if moment.kind is MomentKind.PROVIDER]
        assert found[-1] == (source, intent)

    @pytest.mark.parametrize(("model", "intent", "source"), [(None, "yes", "keywords"), (thought("no"), "no", "model")])
    async def test_what_was_understood_is_told(
        self, model: LanguageModel | None, intent: str, source: str, autojump_clock: MockClock
    ) -> None:
        told: list[Understood] = []
        async with stage(Cast(Persona(says=("yes please",)), model=model)) as here:
            here.services = attrs.evolve(here.services, understood=told.append)
            await here.plays(chart(*self.FLOW))
            [(call, _)] = here.calls
        assert told == [Understood(call.id, "test", StepId("think"), "yes please", Intent(intent), source)]

    async def test_the_prompt_plays_while_the_model_thinks(self, autojump_clock: MockClock) -> None:
        async with stage(Cast(TALKATIVE, model=thought("yes", seconds=1.0))) as here:
            await here.plays(chart(*self.FLOW))
            spent = [moment.at for moment in here.notes.moments if "think" in (moment.name, moment.detail)]
        assert spent[1] - spent[0] == pytest.approx(PROMPTS["sound:moment"], abs=0.05), "the longer of both, not their sum"

    async def test_the_caller_hears_the_prompt_to_its_end(self, autojump_clock: MockClock) -> None:
        async with stage(Cast(TALKATIVE)) as here:
            await here.plays(chart(*self.FLOW))
            [ended] = here.records(Kind.PLAYBACK_ENDED)
        assert ended.detail["state"] == "done"

    async def test_a_model_that_never_answers_is_a_failure(self, autojump_clock: MockClock) -> None:
        async with stage(Cast(TALKATIVE, model=thought("yes", seconds=10_000.0))) as here:
            assert (await here.plays(chart(*self.FLOW))).result == "banned"

    async def test_an_answer_that_fits_nothing_is_unknown_declared_or_not(self, autojump_clock: MockClock) -> None:
        async with stage(Cast(Persona(says=("whatever",)))) as here:
            await here.plays(chart(*self.FLOW, intents="yes, no"))
            found = [moment.detail for moment in here.notes.moments if moment.name == "intent by keywords"]
        assert found == ["unknown"]

    async def test_a_provider_that_fails_is_a_failure_where_no_keyword_was_said(self, autojump_clock: MockClock) -> None:
        async with stage(Cast(Persona(says=("whatever",)), model=thought(ProviderUnavailable("down")))) as here:
            assert (await here.plays(chart(*self.FLOW))).result == "banned"

    async def test_without_a_route_the_call_ends_with_the_default_result(self, autojump_clock: MockClock) -> None:
        steps = (ENTRY, "step: listen, type: record, next: think", "step: think, type: classify_intent, next: end", END)
        async with stage(Cast(Persona(says=("whatever",)), model=thought(ProviderUnavailable("down")))) as here:
            assert (await here.plays(chart(*steps))).result == "failed:classify_intent"


class TestRouteByIntent:
    @pytest.mark.parametrize(("says", "there"), [("yes please", "heard"), ("no thanks", "other"), ("whatever", "other")])
    async def test_an_intent_without_a_route_takes_that_of_unknown(
        self, says: str, there: str, autojump_clock: MockClock
    ) -> None:
        flow = chart(
            ENTRY,
            "step: listen, type: record, next: think",
            "step: think, type: classify_intent, next: route",
            "step: route, type: route_by_intent, routes: {yes: heard, unknown: other}",
            "step: other, type: set_result, result: busy, next: end",
            *VERDICTS,
        )
        async with stage(Cast(Persona(says=(says,)))) as here:
            await here.plays(flow)
            assert here.notes.steps[-2:] == [there, "end"]


class TestCheckRetryLimit:
    @pytest.mark.parametrize("most", [0, 1, 3])
    async def test_it_lets_through_as_often_as_it_says(self, most: int, autojump_clock: MockClock) -> None:
        flow = chart(
            "step: start, type: entry, next: count",
            f"step: count, type: check_retry_limit, counter: asked, max_count: {most}, within_limit: other, exceeded: end",
            "step: other, type: check_retry_limit, counter: others, max_count: 100, within_limit: count, exceeded: end",
            END,
        )
        async with stage(Cast()) as here:
            await here.plays(flow)
            assert here.notes.steps == ["start", *["count", "other"] * most, "count", "end"]


class TestSetResult:
    async def test_the_last_one_counts(self, autojump_clock: MockClock) -> None:
        flow = chart(
            "step: start, type: entry, next: first",
            "step: first, type: set_result, result: unknown, next: second",
            "step: second, type: set_result, result: not_interested, next: end",
            END,
        )
        async with stage(Cast()) as here:
            assert (await here.plays(flow)).result == "not_interested"

    async def test_it_stands_when_the_caller_leaves_afterwards(self, autojump_clock: MockClock) -> None:
        flow = chart(
            "step: start, type: entry, next: first",
            "step: first, type: set_result, result: not_interested, next: say",
            "step: say, type: play_prompt, prompt: bye, next: end",
            END,
        )
        async with stage(Cast(Persona(hangs_up=HangUp(Moment.PROMPT, seconds=0.2)))) as here:
            result = await here.plays(flow)
        assert (result.result, result.cause) == ("not_interested", Cause.CUSTOMER_GONE)


class TestSubflow:
    FLOW = chart(
        "step: start, type: entry, next: one",
        "step: one, type: subflow, flow: ask, returns: {done: two, silent: empty}",
        "step: two, type: subflow, flow: ask, returns: {done: heard, silent: empty}",
        *VERDICTS,
        subflow=(
            "step: start, type: entry, next: listen",
            "step: listen, type: record, next: got, on_empty: count, on_failure: count",
            "step: count, type: check_retry_limit, counter: tries, max_count: 1, within_limit: listen, exceeded: gave_up",
            "step: got, type: return",
            "step: gave_up, type: return, outcome: silent",
        ),
    )

    @pytest.mark.parametrize(
        ("turns", "result", "walk"),
        [
            (("a", "b"), "unknown", "one listen got two listen got"),
            # Each use has a second try of its own.
            (
                (NothingHeard("."), "a", NothingHeard("."), "b"),
                "unknown",
                "one listen count listen got two listen count listen got",
            ),
            (("a", *[NothingHeard(".")] * 2), "missed", "one listen got two listen count listen count gave_up"),
        ],
    )
    async def test_it_goes_through_the_steps_and_on_by_their_outcome(
        self, turns: tuple[str | ProviderError, ...], result: str, walk: str, autojump_clock: MockClock
    ) -> None:
        async with stage(Cast(Persona(says=("a", "b", "c", "d")), ears=heard(*turns))) as here:
            played = await here.plays(self.FLOW)
        assert played.result == result
        assert [step.split(".")[-1] for step in here.notes.steps] == ["start", *walk.split(), here.notes.steps[-2], "end"]
        assert "two.listen" in here.notes.steps
        assert "done" in here.notes.outcomes


class TestBranch:
    FLOW = (
        "step: start, type: entry, next: which",
        "step: which, type: branch, otherwise: heard, cases: ["
        "{when: [{name: city, equals: Tehran}, {name: debt, at_least: 100}], next: empty}, "
        "{when: [{name: city, equals: Tehran}], next: failed}, "
        "{when: [{time: {from: '09:01', to: '10:00'}}], next: late}]",
        "step: late, type: set_result, result: busy, next: end",
        *VERDICTS,
    )

    @pytest.mark.parametrize(
        ("fields", "result"),
        [
            ({"city": "Tehran", "debt": "100"}, "missed"),
            ({"city": "Tehran", "debt": "99"}, "banned"),
            ({"city": "Shiraz", "debt": "100"}, "unknown"),
            ({}, "unknown"),
        ],
    )
    async def test_the_first_case_whose_tests_all_hold_is_taken(
        self, fields: dict[str, str], result: str, autojump_clock: MockClock
    ) -> None:
        async with stage(Cast()) as here:
            ended = await here.call(chart(*self.FLOW), fields=fields).run()
            await here.is_swept()
        assert ended.result == result

    async def test_the_time_is_that_of_the_step(self, autojump_clock: MockClock) -> None:
        async with stage(Cast()) as here:
            await trio.sleep(120)
            assert (await here.plays(chart(*self.FLOW))).result == "busy"


class TestSet:
    async def test_texts_are_filled_in_order_and_counters_added_to(self, autojump_clock: MockClock) -> None:
        flow = chart(
            "step: start, type: entry, next: first",
            "step: first, type: set, values: {who: '{name} of {city}', whom: 'for {who}'}, add: {score: 2}, next: second",
            "step: second, type: set, add: {score: -3}, next: which",
            "step: which, type: branch, otherwise: heard, cases: ["
            "{when: [{name: whom, equals: 'for Sara of '}, {name: score, at_least: -1, at_most: -1}], next: failed}]",
            *VERDICTS,
        )
        async with stage(Cast()) as here:
            ended = await here.call(flow, fields={"name": "Sara"}).run()
            await here.is_swept()
        assert ended.result == "banned"

    async def test_texts_do_not_grow_without_end(self, autojump_clock: MockClock) -> None:
        """Nine times a hundredfold, from the longest field a stranger may choose."""
        names = "abcdefghij"
        sets = (
            f"step: set_{new}, type: set, values: {{{new}: '{f'{{{old}}}' * 100}'}}, next: set_{after}"
            for old, new, after in zip(names, names[1:], (*names[2:], "z"), strict=False)
        )
        flow = chart("step: start, type: entry, next: set_b", *sets, "step: set_z, type: hangup")
        async with stage(Cast()) as here:
            call = here.call(flow, fields={"a": "x" * 100_000})
            await call.run()
            await here.is_swept()
        assert {name: len(text) for name, text in call.memory.variables.items()} == dict.fromkeys(
            "bcdefghij", LONGEST_REMEMBERED
        )


class TestTheEnd:
    @pytest.mark.parametrize("how", ["hangup", "disconnect"])
    async def test_we_hang_up(self, how: str, autojump_clock: MockClock) -> None:
        async with stage(Cast()) as here:
            result = await here.plays(chart("step: start, type: entry, next: end", f"step: end, type: {how}"))
            [hangup] = here.records(Kind.HANGUP)
        assert (result.result, result.cause) == ("unknown", Cause.FLOW_ENDED)
        assert hangup.detail["by"] == "app"

    async def test_wait_leaves_it_to_the_caller(self, autojump_clock: MockClock) -> None:
        flow = chart("step: start, type: entry, next: end", "step: end, type: wait")
        async with stage(Cast(Persona(hangs_up=HangUp(Moment.ANSWER, seconds=123.0)))) as here:
            result = await here.plays(flow)
        assert result.cause is Cause.CUSTOMER_GONE
        assert result.seconds == pytest.approx(123.0, abs=0.1)

    async def test_wait_ends_with_the_longest_permitted_call(self, autojump_clock: MockClock) -> None:
        flow = chart("step: start, type: entry, next: end", "step: end, type: wait")
        async with stage(Cast(rules=CallRules(longest_call=60.0))) as here:
            result = await here.plays(flow)
        assert (result.result, result.cause) == ("failed:budget", Cause.BUDGET)
        assert result.seconds == pytest.approx(60.0)

    async def test_a_flow_that_loops_runs_out_of_steps(self, autojump_clock: MockClock) -> None:
        flow = chart("step: start, type: entry, next: end", "step: end, type: set_result, result: busy, next: start")
        async with stage(Cast(rules=CallRules(most_steps=50))) as here:
            with trio.fail_after(60):
                result = await here.plays(flow)
            assert len(here.notes.steps) == 50
        assert result.cause is Cause.BUDGET
