"""A scenario as its file gives it: frozen classes that mirror the YAML, key by key."""

from collections.abc import Mapping
from typing import Literal

from attrs import field, frozen

from callengine.fsm.kinds import Count, Name, Seconds, Share, Verbatim, Weight
from callengine.fsm.nodes import MappingNode, Path, Position, node_at
from callengine.fsm.step import Step
from callengine.fsm.steps import UNKNOWN
from callengine.model import Intent

FlowName = Literal["flow", "inbound_flow"]
FieldType = Literal["text", "number"]


@frozen(kw_only=True)
class SttSettings:
    """How the caller is listened to.

    Attributes:
        hotwords: words the recogniser should expect.
        max_duration: seconds a recording lasts at most.
        max_silence: seconds of silence that end it.
    """

    hotwords: tuple[str, ...] = ()
    max_duration: Seconds = 10.0
    max_silence: Seconds = 2.0


@frozen(kw_only=True)
class LlmSettings:
    """How the caller's words become an intent.

    Attributes:
        prompt_template: what the language model is asked, with placeholders.
        intent_categories: the declared intents; no other answer is accepted.
        fallback_tokens: words that tell an intent when no model can be asked.
        model: the service's name for the language model; the one of the settings where it is empty.
        min_confidence: how sure the model must be, 0 to 1, where it says how sure it is; below it `fallback_tokens` tell.
    """

    prompt_template: str = ""
    intent_categories: tuple[Intent, ...] = ()
    fallback_tokens: Mapping[Intent, tuple[str, ...]] = field(factory=dict)
    model: str = ""
    min_confidence: Share = 0.0

    @property
    def intents(self) -> tuple[Intent, ...]:
        """The declared intents, and `unknown`, which is declared everywhere."""
        return tuple(dict.fromkeys((*self.intent_categories, UNKNOWN)))


@frozen(kw_only=True)
class Condition:
    """One test of a contact's field; a scenario is given only to contacts that pass all of its tests.

    Exactly one of `contains`, `equals` and `one_of` (written `in`) is set.

    Attributes:
        field: of the contact.
        contains: a word that the field contains.
        equals: what the field is.
        one_of: what the field may be.
    """

    field: Name
    contains: Verbatim | None = None
    equals: Verbatim | None = None
    one_of: tuple[Verbatim, ...] | None = None

    def __attrs_post_init__(self) -> None:
        if [self.contains, self.equals, self.one_of].count(None) != 2:
            raise ValueError("needs exactly one of the keys `contains`, `equals` and `in`; keep the one that is meant")

    def holds(self, fields: Mapping[str, str]) -> bool:
        """Whether a contact with these fields passes. Text is compared as it is written; a field that is not there fails."""
        text = fields.get(self.field)
        if text is None:
            return False
        if self.contains is not None:
            return self.contains in text
        return text in (self.one_of or ()) or text == self.equals


@frozen(kw_only=True)
class RateLimits:
    """Calls of one scenario; None means no limit of that kind.

    Attributes:
        max_calls_per_minute: calls begun within any minute.
        max_calls_per_day: calls begun within a day.
    """

    max_calls_per_minute: Count | None = None
    max_calls_per_day: Count | None = None


@frozen(kw_only=True)
class OperatorRosters:
    """Numbers or names of operators for this scenario alone, in the order they are tried.

    Attributes:
        inbound: for callers who rang us.
        outbound: for people whom we called.
    """

    inbound: tuple[Verbatim, ...] = ()
    outbound: tuple[Verbatim, ...] = ()


@frozen
class Flow:
    """The steps of one direction, in the order of the file."""

    name: FlowName
    steps: tuple[Step, ...]


@frozen
class Section:
    """Steps that stand together in the file: those of a flow, or of a subflow.

    Attributes:
        keys: under which they stand in the scenario.
        steps: in the order of the file.
    """

    keys: tuple[str, ...]
    steps: tuple[Step, ...]

    @property
    def name(self) -> str:
        """As findings name it, such as `subflows.ask`."""
        return ".".join(self.keys)


@frozen(kw_only=True)
class Scenario:
    """One scenario file.

    Attributes:
        name: unique within a company.
        display_name: how people know it.
        company: loaded only by engines of this company.
        prompts: ARI media URIs by key; `onhold` is the hold audio.
        flow: what happens on a call we place.
        stt: how the caller is listened to.
        llm: how the caller's words become an intent.
        inbound_flow: what happens on a call we receive; left out where the scenario takes none.
        weight: its share among the active scenarios.
        conditions: tests that a contact must pass, all of them.
        rate_limits: at most so many calls of this scenario.
        contact_fields: what is known of contacts, by name: `text` or `number`; where none is named, any may be read.
        operators: rosters of its own.
        subflows: steps that are written once and used by steps of type `subflow`, under names.
        path: of the file, as findings name it.
        source: the file's nodes, for the places of findings.
        content: the bytes of the file: whoever loads them again has the same scenario.
    """

    name: Name
    flow: Flow
    display_name: str = ""
    company: str = ""
    prompts: Mapping[Name, str] = field(factory=dict)
    stt: SttSettings = field(factory=SttSettings)
    llm: LlmSettings = field(factory=LlmSettings)
    inbound_flow: Flow | None = None
    weight: Weight = 1.0
    conditions: tuple[Condition, ...] = ()
    rate_limits: RateLimits = field(factory=RateLimits)
    contact_fields: Mapping[Name, FieldType] = field(factory=dict)
    operators: OperatorRosters = field(factory=OperatorRosters)
    subflows: Mapping[Name, tuple[Step, ...]] = field(factory=dict)
    path: str = ""
    source: MappingNode = field(factory=MappingNode, eq=False, repr=False)
    content: bytes = field(default=b"", eq=False, repr=False)

    @property
    def flows(self) -> tuple[Flow, ...]:
        """The one flow, or both, as they are written; `subflows.expand` puts the steps of subflows into them."""
        return (self.flow,) if self.inbound_flow is None else (self.flow, self.inbound_flow)

    @property
    def sections(self) -> tuple[Section, ...]:
        """All steps of the file, as they are written."""
        flows = (Section((flow.name,), flow.steps) for flow in self.flows)
        return (*flows, *(Section(("subflows", name), steps) for name, steps in self.subflows.items()))

    def position(self, *path: str | int) -> Position:
        """Where a value of this scenario stands in its file, such as `position("flow", 3, "next")`."""
        whole: Path = ("scenario", *path)
        return node_at(self.source, whole).position
