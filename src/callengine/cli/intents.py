"""`callengine intents`: how well a scenario tells what callers want."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Literal

import trio
from attrs import frozen
from cyclopts import Parameter

from callengine import scenarios
from callengine.cli import confusing
from callengine.cli.bar import bar_over
from callengine.cli.complaint import complain
from callengine.cli.confusion import Confusion, Judged
from callengine.cli.excerpt import harmless
from callengine.cli.verdict import told
from callengine.engine.outfit import language_model_of
from callengine.errors import ConfigError
from callengine.fsm import LlmSettings, Scenario, cannot_run, check, load
from callengine.providers import Classification, IntentClassifier
from callengine.scenarios.phrases import Phrase, read_phrases
from callengine.settings import load_settings

Flag = Annotated[bool, Parameter(negative=())]


async def intents(
    file: Path,
    /,
    *,
    scenario: Path,
    keywords: Flag = False,
    at_least: Annotated[float | None, Parameter(validator=confusing.share)] = None,
    format: Literal["text", "json"] = "text",  # noqa: A002
    config: Path | None = None,
) -> int:
    """Run labelled phrases through a scenario's classifier, and tell which intents it takes for which.

    The exit code is 0 if all phrases were tried, 1 if fewer than `--at-least` were understood, 2 if a file or a setting cannot
    be used.

    Parameters
    ----------
    file
        A CSV file in UTF-8 with the columns `phrase` and `intent`, and `language` if you like.
    scenario
        The scenario file, whose `llm` is tried.
    keywords
        Try `fallback_tokens` alone. Otherwise the language model of the settings is asked, if they have a key for one.
    at_least
        The share of phrases that must be understood, 0 to 1.
    format
        "text" for people: a confusion matrix, precision and recall, and each phrase that was missed. "json" for programs.
    config
        The configuration file, instead of callengine.toml in the working folder.
    """
    with told() as verdict:
        chosen = _scenario(scenario)
        phrases = _phrases(file, chosen.llm)
        async with _mind(chosen.llm, config, keywords=keywords) as mind:
            confusion = Confusion(await _judged(phrases, chosen.llm, mind))
        if format == "json":
            print(confusing.written(confusion, chosen.llm.intents, mind.way))
        else:
            confusing.show(confusion, chosen.llm.intents, f"{scenario} by {mind.way}", file)
        _tell_failures(confusion)
        verdict.code = int(at_least is not None and confusion.accuracy < at_least)
    return verdict.code


@frozen
class _Mind:
    """Who classifies.

    Attributes:
        way: in words.
        at_once: phrases at a time.
    """

    classifier: IntentClassifier
    way: str
    at_once: int = 1


@asynccontextmanager
async def _mind(llm: LlmSettings, config: Path | None, *, keywords: bool) -> AsyncIterator[_Mind]:
    if keywords:
        yield _Mind(IntentClassifier(), "keywords")
        return
    if not llm.prompt_template:
        yield _Mind(IntentClassifier(), "keywords, as the scenario has no llm.prompt_template")
        return
    settings = load_settings(config=config)
    async with language_model_of(settings) as model:
        if model is None:
            yield _Mind(IntentClassifier(), "keywords, as no key is set (GAPGPT_API_KEY, OPENAI_API_KEY)")
        else:
            name = llm.model or settings.llm.model
            yield _Mind(IntentClassifier(model), f"the model {name}", settings.llm.max_parallel)


def _scenario(path: Path) -> Scenario:
    try:
        loading = load(scenarios.read(path), str(path))
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {scenarios.reason(error)}") from error
    findings = loading.findings if loading.scenario is None else check(loading.scenario)
    if loading.scenario is None or cannot_run(findings):
        raise ConfigError("\n".join((f"{path} cannot be used:", *map(str, findings))))
    return loading.scenario


def _phrases(path: Path, llm: LlmSettings) -> tuple[Phrase, ...]:
    try:
        read = read_phrases(path, llm.intents)
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {scenarios.reason(error)}") from error
    if read.faults:
        raise ConfigError(harmless(f"{path} cannot be used") + ":\n" + "\n".join(map(harmless, read.faults)))
    return read.phrases


async def _judged(phrases: Sequence[Phrase], llm: LlmSettings, mind: _Mind) -> list[Judged]:
    """Classify the phrases, several at a time, and return them in their order."""
    found: dict[int, Classification] = {}
    rest = iter(enumerate(phrases))
    with bar_over(len(phrases), "phrases") as bar:

        async def work() -> None:
            for number, phrase in rest:
                found[number] = await mind.classifier.classify(phrase.text, llm)
                bar.advance()
                await trio.lowlevel.checkpoint()

        async with trio.open_nursery() as nursery:
            for _ in range(min(mind.at_once, len(phrases))):
                nursery.start_soon(work)
    return [Judged(phrase, found[number]) for number, phrase in enumerate(phrases)]


def _tell_failures(confusion: Confusion) -> None:
    failures = confusion.failures
    if failures:
        complain(
            f"the language model failed on {len(failures):,} of {len(confusion.judged):,} phrases, so that keywords had to "
            f"tell them; the first time: {harmless(failures[0].detail)}"
        )
