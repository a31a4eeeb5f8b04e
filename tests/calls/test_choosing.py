"""What callers choose and key in: by which key or word, and when a key counts."""

import pytest
import trio
from attrs import frozen
from trio.testing import MockClock

from callengine.errors import NothingHeard, ProviderError, ProviderUnavailable
from callengine.fsm import Chart
from callengine.fsm.steps import LONGEST_SYNTHESIS, LONGEST_THOUGHT
from callengine.model import Cause
from callengine.providers import SpeechToText
from callengine.providers.scripted import HeardInRecording, Script, ScriptedSpeaker, ScriptedSpeechToText
from callengine.simulator import Fault, HangUp, KeyPress, Kind, Moment, PbxConfig, Persona
from tests.calls.stage import PROMPTS, Cast, Stage, chart, desk, stage
from tests.calls.transfers import Passing

HELLO = PROMPTS["sound:hello"]
SILENCE = 2.0
"""Seconds that end a recording."""
END = "step: end, type: hangup"
OTHERWISE = "on_no_input: end, on_no_match: end"


def menu(options: str, more: str = "prompt: hello") -> Chart:
    """A flow that asks once and then repeats what was chosen."""
    return chart(
        "step: start, type: entry, next: choose",
        f"step: choose, type: menu, options: [{options}], {OTHERWISE}, variable: chosen, {more}",
        'step: repeat, type: say, text: "You chose {chosen}", next: end',
        END,
    )


KEYS = "{key: 1, next: repeat}, {key: '#', next: repeat}"
WORDS = "{key: 1, words: [yes, yes of course], next: repeat}, {words: [no, of course], next: repeat}"
BY_KEY = menu(KEYS)
PATIENT = menu(KEYS, "prompt: hello, barge_in: false, wait: 3")
BY_WORD = menu(WORDS)


def presses(*keys: tuple[str, float], says: str = "", hangs_up: HangUp | None = None) -> Persona:
    """Somebody who presses keys, each so many seconds after the answer."""
    return Persona(says=(says,), presses=tuple(KeyPress(*key) for key in keys), hangs_up=hangs_up)


@frozen
class Asked:
    """What came of asking.

    Attributes:
        outcome: of the step.
        said: what was spoken afterwards; None for nothing.
        seconds: from the answer to the outcome.
    """

    outcome: str
    said: str | None
    seconds: float
    here: Stage


async def asked(
    flow: Chart,
    customer: Persona,
    ears: SpeechToText | None = None,
    fault: Fault | None = None,
    config: PbxConfig | None = None,
) -> Asked:
    """Play a flow whose second step asks; nothing may be left of it."""
    speaker = ScriptedSpeaker()
    pbx = config or PbxConfig(prompt_seconds=PROMPTS)
    async with stage(Cast(customer, ears=ears or HeardInRecording(), speaker=speaker, pbx=pbx)) as here:
        if fault is not None:
            here.pbx.faults.append(fault)
        await here.plays(flow)
    answered = here.records(Kind.ANSWERED)[0].at
    at, outcome = next((moment.at, moment.name) for moment in here.notes.moments if moment.detail == "choose")
    return Asked(outcome, speaker.said[-1] if speaker.said else None, at - answered, here)


class TestByKey:
    @pytest.mark.parametrize("flow", [BY_KEY, BY_WORD], ids=["keys", "words too"])
    @pytest.mark.parametrize("after", [0.0, 0.001, 0.01, 1.0, HELLO - 0.01, HELLO, HELLO + 0.01, HELLO + SILENCE - 0.1])
    async def test_a_key_counts_at_once(self, flow: Chart, after: float, autojump_clock: MockClock) -> None:
        came = await asked(flow, presses(("1", after)))
        assert (came.outcome, came.said) == ("1", "You chose 1")
        assert came.seconds == pytest.approx(after, abs=0.1)

    async def test_what_is_left_of_the_prompt_is_not_heard(self, autojump_clock: MockClock) -> None:
        came = await asked(BY_KEY, presses(("#", 0.5)))
        heard = came.here.records(Kind.PLAYBACK_ENDED)[0].at - came.here.records(Kind.PLAYBACK)[0].at
        assert came.outcome == "#"
        assert heard == pytest.approx(0.5, abs=0.1)

    async def test_without_barge_in_what_is_pressed_before_the_end_counts_for_nothing(self, autojump_clock: MockClock) -> None:
        came = await asked(PATIENT, presses(("1", 0.5), ("1", HELLO - 0.1), ("#", HELLO + 2.8)))
        assert came.outcome == "#"

    async def test_hundreds_of_such_keys_do_no_harm(self, autojump_clock: MockClock) -> None:
        keys = [("1", 0.001 * each) for each in range(1000)]
        assert (await asked(PATIENT, presses(*keys, ("#", HELLO + 1)))).outcome == "#"

    @pytest.mark.parametrize(("flow", "wait"), [(BY_KEY, 5.0), (PATIENT, 3.0)])
    async def test_nothing_pressed_in_time_is_no_input(self, flow: Chart, wait: float, autojump_clock: MockClock) -> None:
        came = await asked(flow, presses(("1", HELLO + wait + 0.1)))
        assert (came.outcome, came.said) == ("on_no_input", None)
        assert came.seconds == pytest.approx(HELLO + wait, abs=0.1)

    @pytest.mark.parametrize("flow", [BY_KEY, BY_WORD], ids=["keys", "words too"])
    @pytest.mark.parametrize("after", [0.5, HELLO + 1.0])
    async def test_a_key_of_no_option_is_no_match(self, flow: Chart, after: float, autojump_clock: MockClock) -> None:
        came = await asked(flow, presses(("9", after), ("1", after)))
        assert (came.outcome, came.said) == ("on_no_match", None)

    async def test_a_key_of_before_the_step_never_counts(self, autojump_clock: MockClock) -> None:
        flow = chart(
            "step: start, type: entry, next: first",
            "step: first, type: play_prompt, prompt: moment, next: choose",
            f"step: choose, type: menu, prompt: hello, options: [{{key: 1, next: end}}], {OTHERWISE}",
            END,
        )
        assert (await asked(flow, presses(("1", 1.0)))).outcome == "on_no_input"

    async def test_a_prompt_that_cannot_be_played_is_passed_over(self, autojump_clock: MockClock) -> None:
        came = await asked(BY_KEY, presses(("1", 3.0)), config=PbxConfig(missing=("sound:hello",)))
        assert came.outcome == "1"

    async def test_keys_are_heard_in_a_bridge(self, autojump_clock: MockClock) -> None:
        flow = chart(
            "step: start, type: entry, next: connect",
            "step: connect, type: transfer_to_operator, agent_type: outbound, on_success: choose, on_failure: end",
            f"step: choose, type: menu, prompt: hello, options: [{{key: 1, next: end}}], {OTHERWISE}",
            END,
        )
        async with stage(Cast(presses(("1", 8.0)), operators=(desk("200"),))) as here:
            await here.plays(flow)
            assert here.notes.outcomes[-1] == "1"


class TestByWord:
    @pytest.mark.parametrize(
        ("says", "outcome"),
        [
            ("Yes!", "1"),
            ("yes of course", "1"),
            ("well, of course!", "no"),
            ("of course not", "on_no_match"),
            ("no", "no"),
            ("I know", "on_no_match"),
            ("", "on_no_input"),
        ],
    )
    async def test_the_longest_word_said_decides(self, says: str, outcome: str, autojump_clock: MockClock) -> None:
        came = await asked(BY_WORD, Persona(says=(says,)))
        assert (came.outcome, came.said) == (outcome, None if outcome.startswith("on_") else f"You chose {outcome}")

    async def test_who_says_two_alike_has_chosen_none(self, autojump_clock: MockClock) -> None:
        flow = menu("{words: [red], next: repeat}, {words: [two, one], next: repeat}")
        assert (await asked(flow, Persona(says=("red, or two",)))).outcome == "on_no_match"
        assert (await asked(flow, Persona(says=("one, or two",)))).outcome == "two"

    @pytest.mark.parametrize(
        ("answer", "outcome"),
        [
            ("", "on_no_input"),
            (NothingHeard("no speech in it"), "on_no_input"),
            (ProviderUnavailable("down"), "on_failure"),
            ("sure", "on_no_match"),
        ],
    )
    async def test_what_the_ears_make_of_it(self, answer: str | ProviderError, outcome: str, autojump_clock: MockClock) -> None:
        ears = ScriptedSpeechToText(Script((answer,)))
        assert (await asked(BY_WORD, Persona(says=("yes",)), ears)).outcome == outcome
        [(_, hints)] = ears.asked
        assert hints.phrases == ("yes", "yes of course", "no", "of course")

    async def test_ears_that_take_too_long_are_a_failure(self, autojump_clock: MockClock) -> None:
        ears = ScriptedSpeechToText(Script(("yes",), LONGEST_THOUGHT + 1))
        assert (await asked(BY_WORD, Persona(says=("yes",)), ears)).outcome == "on_failure"

    async def test_a_key_is_surer_than_words_not_yet_understood(self, autojump_clock: MockClock) -> None:
        ears = ScriptedSpeechToText(Script(("no",), 10.0))
        came = await asked(BY_WORD, presses(("1", 9.0), says="no"), ears)
        assert came.outcome == "1"
        assert came.seconds == pytest.approx(9.0, abs=0.1)

    async def test_the_transcript_stays_what_was_recorded_before(self, autojump_clock: MockClock) -> None:
        async with stage(Cast(Persona(says=("yes",)), speaker=ScriptedSpeaker())) as here:
            assert (await here.plays(BY_WORD)).transcript == ""

    @pytest.mark.parametrize("after", [HELLO + 0.001, HELLO + 0.003, HELLO + 0.5, HELLO + SILENCE - 0.001, HELLO + SILENCE])
    async def test_a_key_throws_the_recording_away(self, after: float, autojump_clock: MockClock) -> None:
        came = await asked(BY_WORD, presses(("1", after)))
        assert came.outcome == "1"
        outcome = next(moment.at for moment in came.here.notes.moments if moment.detail == "choose")
        deleted = [record.at for record in came.here.records(Kind.RECORDING_DELETED)]
        assert len(deleted) == len(came.here.records(Kind.RECORDING_STORED)), "a copy would stay until the call is over"
        assert all(record.at <= outcome for record in came.here.records(Kind.RECORDING_ENDED)), "no bridge would take them"
        assert all(at <= outcome for at in deleted)

    @pytest.mark.parametrize("status", [404, 500])
    async def test_a_recording_that_cannot_be_thrown_away_costs_no_call(self, status: int, autojump_clock: MockClock) -> None:
        fault = Passing("DELETE /recordings/live/*", status=status, left=[None])
        assert (await asked(BY_WORD, presses(("1", HELLO + 1)), fault=fault)).outcome == "1"

    async def test_in_a_bridge_nobody_is_recorded(self, autojump_clock: MockClock) -> None:
        flow = chart(
            "step: start, type: entry, next: connect",
            "step: connect, type: transfer_to_operator, agent_type: outbound, on_success: choose, on_failure: end",
            f"step: choose, type: menu, prompt: hello, options: [{{words: [yes], next: end}}], {OTHERWISE}",
            END,
        )
        async with stage(Cast(operators=(desk("200"),))) as here:
            assert (await here.plays(flow)).result == "failed:menu"


class TestSpokenQuestions:
    FLOW = menu(KEYS, 'text: "Press 1, {name} at {number}."')

    async def test_it_is_spoken(self, autojump_clock: MockClock) -> None:
        speaker = ScriptedSpeaker()
        async with stage(Cast(presses(("1", 3.0)), speaker=speaker)) as here:
            await here.call(self.FLOW, number="09121234567", fields={"name": "Sara"}).run()
            await here.is_swept()
        assert speaker.said == ["Press 1, Sara at 09121234567.", "You chose 1"]

    @pytest.mark.parametrize("speaker", [None, "slow", "failing"])
    async def test_one_that_cannot_be_spoken_is_a_failure(self, speaker: str | None, autojump_clock: MockClock) -> None:
        who = {None: None, "slow": Slow(LONGEST_SYNTHESIS + 1), "failing": Slow(0.0, ProviderUnavailable("down"))}[speaker]
        async with stage(Cast(presses(("1", 30.0)), speaker=who)) as here:
            ended = await here.plays(self.FLOW)
        assert (ended.result, ended.cause) == ("failed:menu", Cause.FLOW_ENDED)
        assert ended.seconds < LONGEST_SYNTHESIS + 0.1

    async def test_a_key_is_heard_while_it_is_made(self, autojump_clock: MockClock) -> None:
        async with stage(Cast(presses(("#", 1.0)), speaker=Slow(5.0))) as here:
            await here.plays(self.FLOW)
            assert here.notes.outcomes[1] == "#"
            at = next(moment.at for moment in here.notes.moments if moment.detail == "choose")
        assert at - here.records(Kind.ANSWERED)[0].at == pytest.approx(1.0, abs=0.1)


@frozen
class Slow:
    """A `Speaker` that takes its time."""

    seconds: float
    failure: ProviderError | None = None

    async def media(self, text: str) -> str:
        await trio.sleep(self.seconds)
        if self.failure is not None:
            raise self.failure
        return "sound:hello"


def digits(more: str = "") -> Chart:
    return chart(
        "step: start, type: entry, next: choose",
        "step: choose, type: collect_digits, prompt: hello, variable: chosen, next: repeat,"
        f" on_no_input: end, on_invalid: end, min_digits: 2, max_digits: 4, wait: 3{more}",
        'step: repeat, type: say, text: "You chose {chosen}", next: end',
        END,
    )


def keyed(keys: str, first: float = 0.5, every: float = 1.0) -> Persona:
    return presses(*((key, first + every * place) for place, key in enumerate(keys)))


class TestCollectDigits:
    @pytest.mark.parametrize(
        ("keys", "outcome", "number"),
        [
            ("12#", "next", "12"),
            ("0123", "next", "0123"),
            ("012345", "next", "0123"),
            ("*1*2", "next", "12"),
            ("*", "on_no_input", None),
            ("#12", "on_no_input", None),
            ("", "on_no_input", None),
            ("1#", "on_invalid", None),
            ("1", "on_invalid", None),
        ],
    )
    @pytest.mark.parametrize("first", [0.0, 0.5, HELLO, HELLO + 2.0])
    async def test_what_is_keyed_in(
        self, keys: str, outcome: str, number: str | None, first: float, autojump_clock: MockClock
    ) -> None:
        came = await asked(digits(), keyed(keys, first))
        assert (came.outcome, came.said) == (outcome, number and f"You chose {number}")

    async def test_another_end_key(self, autojump_clock: MockClock) -> None:
        assert (await asked(digits(', end_key: "*"'), keyed("1#2*"))).said == "You chose 12"

    async def test_each_digit_has_its_time(self, autojump_clock: MockClock) -> None:
        assert (await asked(digits(), keyed("123", every=2.9))).said == "You chose 123"
        assert (await asked(digits(), keyed("123", every=3.1))).outcome == "on_invalid"

    async def test_keys_that_do_not_count_prolong_nothing(self, autojump_clock: MockClock) -> None:
        came = await asked(digits(), keyed("1" + "*" * 100))
        assert came.outcome == "on_invalid"
        assert came.seconds == pytest.approx(0.5 + 3.0, abs=0.1)

    async def test_such_a_key_does_not_end_the_prompt(self, autojump_clock: MockClock) -> None:
        came = await asked(digits(), keyed("*"))
        assert came.seconds == pytest.approx(HELLO + 3.0, abs=0.1)

    async def test_without_barge_in_digits_begin_after_the_prompt(self, autojump_clock: MockClock) -> None:
        came = await asked(digits(", barge_in: false"), presses(("9", 0.5), ("1", HELLO + 1), ("2", HELLO + 2)))
        assert came.said == "You chose 12"

    async def test_what_cannot_be_spoken_is_a_failure(self, autojump_clock: MockClock) -> None:
        flow = chart(
            "step: start, type: entry, next: choose",
            "step: choose, type: collect_digits, text: Number?, variable: it, next: end, on_no_input: end, on_invalid: end",
            END,
        )
        async with stage(Cast(speaker=None)) as here:
            assert (await here.plays(flow)).result == "failed:collect_digits"


class TestSay:
    FLOW = chart(
        "step: start, type: entry, next: choose",
        "step: choose, type: check_retry_limit, counter: times, max_count: 1, within_limit: say, exceeded: end",
        'step: say, type: say, text: "{name}, {number}, {times}{transcript}", next: well, on_failure: badly',
        "step: well, type: set_result, result: unknown, next: end",
        "step: badly, type: set_result, result: busy, next: end",
        END,
    )

    async def test_contact_fields_and_counters_are_filled_in_and_it_is_played_to_its_end(
        self, autojump_clock: MockClock
    ) -> None:
        speaker = ScriptedSpeaker()
        async with stage(Cast(speaker=speaker)) as here:
            ended = await here.call(self.FLOW, fields={"name": "سارا"}).run()
            await here.is_swept()
            [heard] = here.records(Kind.PLAYBACK_ENDED)
        assert speaker.said == ["سارا, 09121234567, 1"]
        assert (ended.result, heard.detail["state"]) == ("unknown", "done")

    @pytest.mark.parametrize("speaker", [None, Slow(LONGEST_SYNTHESIS + 1), Slow(0.0, ProviderUnavailable("down"))])
    async def test_what_cannot_be_spoken_is_a_failure(self, speaker: Slow | None, autojump_clock: MockClock) -> None:
        async with stage(Cast(speaker=speaker)) as here:
            assert (await here.plays(self.FLOW)).result == "busy"

    @pytest.mark.parametrize("fault", [None, Fault("POST /channels/*/play/*", status=500)])
    async def test_what_cannot_be_played_is_one_too(self, fault: Fault | None, autojump_clock: MockClock) -> None:
        async with stage(Cast(speaker=Slow(0.0), pbx=PbxConfig(missing=("sound:hello",)))) as here:
            if fault is not None:
                here.pbx.faults.append(fault)
            assert (await here.plays(self.FLOW)).result == "busy"

    async def test_without_a_way_the_call_ends(self, autojump_clock: MockClock) -> None:
        flow = chart("step: start, type: entry, next: say", "step: say, type: say, text: Hello, next: end", END)
        async with stage(Cast()) as here:
            ended = await here.plays(flow)
        assert (ended.result, ended.cause) == ("failed:say", Cause.FLOW_ENDED)


class TestWhoLeaves:
    SLOWLY = menu(WORDS, 'text: "Yes or no?"')
    MOMENTS = tuple(round(0.02 + 0.1 * each, 3) for each in range(60))

    @pytest.mark.parametrize("flow", [SLOWLY, BY_WORD, digits()], ids=["spoken", "menu", "digits"])
    async def test_at_any_moment_nothing_is_left(self, flow: Chart, autojump_clock: MockClock) -> None:
        for after in self.MOMENTS:
            customer = presses(("*", 2.5), hangs_up=HangUp(Moment.ANSWER, seconds=after))
            async with stage(Cast(customer, speaker=Slow(1.0))) as here:
                ended = await here.plays(flow)
            assert ended.cause in (Cause.CUSTOMER_GONE, Cause.FLOW_ENDED), after

    @pytest.mark.parametrize("key", [0.0, 0.5, 1.0])
    async def test_with_a_key_at_the_same_moment(self, key: float, autojump_clock: MockClock) -> None:
        for aside in range(-4, 5):
            leaves = HangUp(Moment.ANSWER, seconds=HELLO + key + 0.01 + aside / 1000)
            async with stage(Cast(presses(("1", HELLO + key + 0.01), hangs_up=leaves), speaker=Slow(0.0))) as here:
                assert (await here.plays(BY_WORD)).cause is Cause.CUSTOMER_GONE

    @pytest.mark.parametrize("flow", [BY_KEY, BY_WORD, digits()], ids=["keys", "words", "digits"])
    async def test_who_outlives_the_event_socket_is_served(self, flow: Chart, autojump_clock: MockClock) -> None:
        """What was pressed while it was down is not known; the step ends all the same."""
        for cut in (0.5, 1.0, 1.99, 2.0, 2.01, 2.5, 3.0, 3.5):
            customer = presses(("1", cut + 0.01))
            async with stage(Cast(customer, speaker=ScriptedSpeaker())) as here, trio.open_nursery() as nursery:
                call = here.call(flow)

                @nursery.start_soon
                async def drop(until: float = cut) -> None:
                    await call.customer.up.wait()  # noqa: B023 - the block ends before the next call
                    await trio.sleep(until)
                    here.pbx.cut_event_sockets()

                ended = await call.run()
                await here.is_swept()
            assert ended.cause is Cause.FLOW_ENDED, cut
            assert ended.seconds < 15

    @pytest.mark.parametrize("seed", range(30))
    async def test_keys_are_heard_from_a_slow_pbx(self, seed: int, autojump_clock: MockClock) -> None:
        slow = PbxConfig(prompt_seconds=PROMPTS, latency=0.5)
        async with stage(Cast(presses(("1", 0.12 * seed)), speaker=Slow(0.0), pbx=slow, seed=seed)) as here:
            assert (await here.plays(BY_WORD)).cause is Cause.FLOW_ENDED
            assert here.notes.outcomes[1] == "1"

    @pytest.mark.parametrize("pattern", ["DELETE /recordings/live/*", "DELETE /playbacks/*"])
    async def test_an_answer_that_never_comes_costs_no_call(self, pattern: str, autojump_clock: MockClock) -> None:
        for after in (1.0, HELLO + 1.0):
            fault = Passing(pattern, unanswered=True, left=[None])
            assert (await asked(BY_WORD, presses(("1", after)), fault=fault)).outcome == "1"
