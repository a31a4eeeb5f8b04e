"""Who may be rung for whom: the rosters of the settings and those of the scenarios."""

from collections.abc import Iterable, Iterator

from attrs import define, field

from callengine.errors import ConfigError
from callengine.fsm import Scenario
from callengine.fsm.findings import quoted
from callengine.fsm.spelling import Names
from callengine.model import Direction, Operator, OperatorId, Rosters
from callengine.settings import RosterEntry, Settings, endpoint_of, fallback, operator_target, over_trunk


def rosters_of(settings: Settings, scenarios: Iterable[Scenario]) -> Rosters:
    """All rosters, in the order in which they are written.

    A telephone is one operator, in however many rosters and spellings it stands; otherwise somebody who is talking would be
    rung again under another name. The first name that a roster of the settings gives counts everywhere; a telephone without a
    name goes by its number or endpoint as it is written first.

    Raises:
        ConfigError: a scenario names an operator whom nobody knows.
    """
    directory = _Directory(settings)
    return Rosters(
        inbound=directory.roster(settings.operators.inbound),
        outbound=directory.roster(settings.operators.outbound),
        fallback=directory.roster(fallback(settings)),
        of_scenarios={
            (scenario.name, direction): directory.roster(directory.entries_of(scenario, direction, written))
            for scenario in scenarios
            for direction, written in _written(scenario)
        },
    )


def _written(scenario: Scenario) -> Iterator[tuple[Direction, tuple[str, ...]]]:
    yield "inbound", scenario.operators.inbound
    yield "outbound", scenario.operators.outbound


@define
class _Directory:
    """Every operator there is: by telephone, and by the names of the settings."""

    settings: Settings
    _by_endpoint: dict[str, Operator] = field(factory=dict, init=False)
    _by_name: dict[str, RosterEntry] = field(factory=dict, init=False)

    def __attrs_post_init__(self) -> None:
        written = (*self.settings.operators.inbound, *self.settings.operators.outbound)
        self._by_name = {entry.name: entry for entry in written}
        named = (entry for entry in written if entry.name != entry.target)
        self.roster(named)

    def roster(self, entries: Iterable[RosterEntry]) -> tuple[Operator, ...]:
        """The operators of these entries, each once."""
        return tuple(dict.fromkeys(map(self._operator, entries)))

    def entries_of(self, scenario: Scenario, direction: Direction, written: Iterable[str]) -> Iterator[RosterEntry]:
        """What a scenario's own roster means.

        Raises:
            ConfigError: an entry is neither an operator's name nor a telephone.
        """
        for number, word in enumerate(written):
            known = self._by_name.get(word.strip())
            yield known or self._telephone(scenario, direction, number, word)

    def _telephone(self, scenario: Scenario, direction: Direction, number: int, word: str) -> RosterEntry:
        try:
            target = operator_target(word)
        except ValueError as error:
            place = scenario.position("operators", direction, number)
            advice = Names(self._by_name).hint(word) or f"; {error}, or a name from INBOUND_OPERATORS or OUTBOUND_OPERATORS"
            message = f"`operators.{direction}` has {quoted(word)}, who is no operator{advice}"
            raise ConfigError(f"{scenario.path}:{place.line}:{place.column}: {message}") from None
        return RosterEntry(target, target)

    def _operator(self, entry: RosterEntry) -> Operator:
        """Whose telephone it is; they are made at its first mention."""
        endpoint = endpoint_of(entry.target, self.settings)
        return self._by_endpoint.setdefault(
            endpoint,
            Operator(
                id=OperatorId(entry.name),
                endpoint=endpoint,
                over_trunk=over_trunk(entry.target, self.settings),
                phone_number="" if "/" in entry.target else entry.target,
            ),
        )
