"""Rules F1xx: whatever a scenario refers to exists, and once."""

import re
from collections.abc import Iterator

from callengine.fsm import codes
from callengine.fsm.findings import Finding, quoted
from callengine.fsm.nodes import key_position
from callengine.fsm.placeholders import is_broken, names_in
from callengine.fsm.places import at_step, finding_at
from callengine.fsm.scenario import Scenario, Section
from callengine.fsm.spelling import Names
from callengine.fsm.step import Step
from callengine.fsm.steps import Entry, RouteByIntent
from callengine.fsm.uses import texts_of

MEDIA_SCHEMES = ("sound", "recording", "number", "digits", "characters", "tone")
"""What Asterisk can play on a channel."""

_WORD = re.compile(r"\w[\w-]*")
"""Braces around anything else, as in `{"intent": 1}`, were hardly meant to be filled."""


def unknown_steps(scenario: Scenario) -> Iterator[Finding]:
    for section in scenario.sections:
        ids = {step.id for step in section.steps}
        names: Names | None = None
        for index, step in enumerate(section.steps):
            for outcome, target in step.targets().items():
                if target is not None and target not in ids:
                    names = names or Names(step.id for step in section.steps)
                    hint = names.hint(target) or "; add it or name another"
                    message = f"`{outcome}` leads to {quoted(target)}, but `{section.name}` has no such step{hint}"
                    yield at_step(codes.UNKNOWN_STEP, message, scenario, section, index, *step.key_path(outcome))


def unknown_prompts(scenario: Scenario) -> Iterator[Finding]:
    names = Names(scenario.prompts)
    for section, index, step in _steps(scenario):
        for key, prompt in step.prompts().items():
            if prompt not in scenario.prompts:
                hint = names.hint(prompt) or "; add it to `prompts`"
                message = f"`{key}` names {quoted(prompt)}, but the scenario has no such prompt{hint}"
                yield at_step(codes.UNKNOWN_PROMPT, message, scenario, section, index, key)


def unknown_intents(scenario: Scenario) -> Iterator[Finding]:
    intents = dict.fromkeys(scenario.llm.intents)
    names = Names(intents)
    for section, index, step in _steps(scenario):
        for intent in step.routes if isinstance(step, RouteByIntent) else ():
            if intent not in intents:
                hint = names.hint(intent) or "; add it to `llm.intent_categories`"
                message = f"`routes` has {quoted(intent)}, which is not a declared intent{hint}"
                place = key_position(scenario.source, ("scenario", *section.keys, index, "routes"), intent)
                yield finding_at(codes.UNKNOWN_INTENT, message, scenario, place, section, step.id)


def unused_tokens(scenario: Scenario) -> Iterator[Finding]:
    intents = dict.fromkeys(scenario.llm.intents)
    names = Names(intents)
    for intent in scenario.llm.fallback_tokens:
        if intent not in intents:
            hint = names.hint(intent) or "; add it to `llm.intent_categories` or take its tokens out"
            message = f"`llm.fallback_tokens` has {quoted(intent)}, which is not a declared intent{hint}"
            place = key_position(scenario.source, ("scenario", "llm", "fallback_tokens"), intent)
            yield finding_at(codes.UNUSED_TOKENS, message, scenario, place)


def unknown_placeholders(scenario: Scenario) -> Iterator[Finding]:
    known = dict.fromkeys(("transcript", "intent_categories", *(f"{intent}_examples" for intent in scenario.llm.intents)))
    names = Names(known)
    place = scenario.position("llm", "prompt_template")
    for word in dict.fromkeys(names_in(scenario.llm.prompt_template)):
        if word not in known and _WORD.fullmatch(word):
            hint = names.hint(word) or "; take it out, or double its braces if they are meant as they stand"
            message = f"`llm.prompt_template` has the placeholder {quoted('{' + word + '}')}, which nothing fills{hint}"
            yield finding_at(codes.UNKNOWN_PLACEHOLDER, message, scenario, place)


def broken_placeholders(scenario: Scenario) -> Iterator[Finding]:
    for section, index, step in _steps(scenario):
        for key, text in texts_of(step):
            if is_broken(text):
                message = f"{quoted(text)} has a brace that fills nothing; write `{{name}}`, or double one that is meant"
                yield at_step(codes.UNKNOWN_PLACEHOLDER, message, scenario, section, index, *key)


def unknown_media(scenario: Scenario) -> Iterator[Finding]:
    schemes = ", ".join(f"{scheme}:" for scheme in MEDIA_SCHEMES)
    for key, uri in scenario.prompts.items():
        scheme, colon, what = uri.partition(":")
        if scheme not in MEDIA_SCHEMES or not colon or not what.strip():
            message = f"prompt {quoted(key)} is {quoted(uri)}, which is no media URI; write one of {schemes} and what to play"
            place = scenario.position("prompts", key)
            yield finding_at(codes.UNKNOWN_MEDIA, message, scenario, place)


def duplicate_steps(scenario: Scenario) -> Iterator[Finding]:
    for section in scenario.sections:
        seen: dict[str, int] = {}
        for index, step in enumerate(section.steps):
            first = seen.setdefault(step.id, index)
            if first != index:
                line = scenario.position(*section.keys, first, "step").line
                message = f"has the same id as the step on line {line}; rename one of them"
                yield at_step(codes.DUPLICATE_STEP, message, scenario, section, index, "step")


def entries(scenario: Scenario) -> Iterator[Finding]:
    for section in scenario.sections:
        found = [(index, step) for index, step in enumerate(section.steps) if isinstance(step, Entry)]
        if not found:
            place = key_position(scenario.source, ("scenario", *section.keys[:-1]), section.keys[-1])
            message = f"`{section.name}` has no entry; add a step of type entry that leads to its first step"
            yield finding_at(codes.NO_ENTRY, message, scenario, place, section)
        for index, _ in found[1:]:
            message = f"is another entry besides {quoted(found[0][1].id)}; keep one of them"
            yield at_step(codes.SEVERAL_ENTRIES, message, scenario, section, index, "type")


def _steps(scenario: Scenario) -> Iterator[tuple[Section, int, Step]]:
    for section in scenario.sections:
        for index, step in enumerate(section.steps):
            yield section, index, step
