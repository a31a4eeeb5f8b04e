"""The scenarios of a folder, version by version: a file that cannot run never replaces one that can."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from hashlib import sha256
from pathlib import Path

import structlog
from attrs import define, field, frozen

from callengine.errors import CallEngineError, ConfigError
from callengine.fsm import Finding, Scenario, cannot_run, check, load
from callengine.scenarios.files import Look, look_at, read, reason, scenario_files

log = structlog.get_logger()


@frozen
class Refusal:
    """A file that was not taken up.

    Attributes:
        path: of the file, or of the folder where it cannot be read at all.
        reasons: findings as lint writes them, or what else is wrong.
        kept: the scenario of the file whose earlier version stays; empty if it had none.
    """

    path: str
    reasons: tuple[str, ...]
    kept: str = ""


@frozen
class Version:
    """What a file held when it was read: the hash of its bytes, and the scenario in them."""

    content: str
    scenario: Scenario


@frozen
class Reading:
    """What a folder holds now, compared with what was taken up before.

    Attributes:
        scenarios: all that are to run, in the order of their files.
        loaded: names of those that are new or have changed.
        kept: names of those that stay as they were, because their files have not changed or were refused.
        removed: names of those that are gone.
        refused: files that were not taken up.
        versions: by file, for who takes them up.
        look: at the files before they were read.
    """

    scenarios: tuple[Scenario, ...]
    loaded: tuple[str, ...]
    kept: tuple[str, ...]
    removed: tuple[str, ...]
    refused: tuple[Refusal, ...]
    versions: Mapping[Path, Version] = field(repr=False)
    look: Look = field(repr=False)


def _warn(finding: Finding) -> None:
    log.warning(str(finding))


def _any_will_do(_: Scenario) -> None:
    pass


@define(eq=False)
class ScenarioFolder:
    """A folder of scenario files, or a single file. Its methods block: run them in a thread beside running calls.

    Args:
        company: files of another company are left out.
        strict: any finding keeps a file out, not only what makes it impossible to run it.
        tell: is given every finding of a file that is read; it logs them unless something else is asked for.
    """

    path: Path
    company: str = field(default="", kw_only=True)
    strict: bool = field(default=False, kw_only=True)
    tell: Callable[[Finding], None] = field(default=_warn, kw_only=True)
    _versions: Mapping[Path, Version] = field(factory=dict, init=False)
    _look: Look = field(default=(), init=False)

    @property
    def scenarios(self) -> tuple[Scenario, ...]:
        """Those taken up last, in the order of their files."""
        return self._ours(self._versions)

    @property
    def look_when_read(self) -> Look:
        """What could be seen of the files when they were taken up last."""
        return self._look

    def look(self) -> Look:
        """What can be seen of the files now."""
        return look_at(self.path)

    def load(self) -> tuple[Scenario, ...]:
        """Read and take up the folder for the first time; what cannot run is logged and left out.

        Raises:
            ConfigError: there is no such path, it holds no usable file, or two scenarios bear the same name.
        """
        look = self.look()
        try:
            versions, _ = self._read(_any_will_do)
        except OSError as error:
            raise ConfigError(f"{self.path} cannot be read ({reason(error)}): create it, or name another") from error
        if not self._ours(versions):
            raise ConfigError(f"{self.path} holds no usable scenario; `callengine lint {self.path}` says why")
        for later, earlier in _twins(self._ours(versions)):
            raise ConfigError(_told(later, earlier))
        self._versions, self._look = versions, look
        return self.scenarios

    def reread(self, usable: Callable[[Scenario], None] = _any_will_do) -> Reading:
        """Read the folder again, and compare. Nothing is taken up yet.

        Args:
            usable: asked about every scenario that is new or has changed; what it raises refuses the file.
        """
        look = self.look()
        try:
            versions, refused = self._read(usable)
        except OSError as error:
            log.error(f"{self.path} cannot be read ({reason(error)}): all scenarios stay as they are")
            versions, refused = dict(self._versions), [Refusal(str(self.path), (reason(error),))]
        refused += self._refuse_twins(versions)
        scenarios = self._ours(versions)
        before = {id(scenario) for scenario in self.scenarios}
        names = {scenario.name for scenario in scenarios}
        return Reading(
            scenarios=scenarios,
            loaded=tuple(scenario.name for scenario in scenarios if id(scenario) not in before),
            kept=tuple(scenario.name for scenario in scenarios if id(scenario) in before),
            removed=tuple(scenario.name for scenario in self.scenarios if scenario.name not in names),
            refused=tuple(refused),
            versions=versions,
            look=look,
        )

    def take_up(self, reading: Reading) -> None:
        """Compare with this reading from now on."""
        self._versions, self._look = reading.versions, reading.look

    def _ours(self, versions: Mapping[Path, Version]) -> tuple[Scenario, ...]:
        scenarios = (version.scenario for version in versions.values())
        return tuple(each for each in scenarios if not self.company or each.company in ("", self.company))

    def _read(self, usable: Callable[[Scenario], None]) -> tuple[dict[Path, Version], list[Refusal]]:
        versions: dict[Path, Version] = {}
        refused: list[Refusal] = []
        for file in scenario_files(self.path):
            old = self._versions.get(file)
            found = self._version(file, old, usable)
            if isinstance(found, Refusal):
                refused.append(found)
            stays = old if isinstance(found, Refusal) else found
            if stays is not None:
                versions[file] = stays
        return versions, refused

    def _version(self, file: Path, old: Version | None, usable: Callable[[Scenario], None]) -> Version | Refusal:
        """What a file holds: the version it had, if nobody has written it anew."""
        try:
            content = read(file)
        except OSError as error:
            return _refuse(file, [reason(error)], old, reason(error))
        fingerprint = sha256(content).hexdigest()
        if old is not None and old.content == fingerprint:
            return old
        scenario, findings = _checked(content, file)
        for finding in findings:
            self.tell(finding)
        if scenario is None or cannot_run(findings) or (self.strict and findings):
            return _refuse(file, map(str, findings), old, f"{len(findings)} findings")
        try:
            usable(scenario)
        except CallEngineError as error:
            return _refuse(file, [str(error)], old, str(error))
        _tell_loaded(scenario, file)
        return Version(fingerprint, scenario)

    def _refuse_twins(self, versions: dict[Path, Version]) -> Iterator[Refusal]:
        """Let each name stand once: who has it keeps it. A twin that is refused falls back to its earlier version."""
        had = {path: version.scenario.name for path, version in self._versions.items()}
        while True:
            paths = {id(version.scenario): path for path, version in versions.items()}
            ours = sorted(self._ours(versions), key=lambda each: had.get(paths[id(each)]) != each.name)
            twins = next(_twins(ours), None)
            if twins is None:
                return
            file = paths[id(twins[0])]
            old = self._versions.get(file)
            if old is None or old.scenario is twins[0]:
                del versions[file]
            else:
                versions[file] = old
            yield _refuse(file, [_told(*twins)], versions.get(file), _told(*twins))


def _checked(content: bytes, file: Path) -> tuple[Scenario | None, tuple[Finding, ...]]:
    loading = load(content, str(file))
    found = () if loading.scenario is None else check(loading.scenario)
    return loading.scenario, (*loading.findings, *found)


def _refuse(file: Path, reasons: Iterable[str], kept: Version | None, why: str) -> Refusal:
    name = "" if kept is None else kept.scenario.name
    log.error(f"Failed to load scenario {file.name}: {why}" + (f"; '{name}' stays as it was loaded before" if name else ""))
    return Refusal(str(file), tuple(reasons), name)


def _tell_loaded(scenario: Scenario, file: Path) -> None:
    inbound = len(scenario.inbound_flow.steps) if scenario.inbound_flow else 0
    steps = f"{len(scenario.flow.steps)} outbound steps, {inbound} inbound steps"
    log.info(f"Loaded scenario '{scenario.name}' from {file.name} ({steps})")


def _twins(scenarios: Iterable[Scenario]) -> Iterator[tuple[Scenario, Scenario]]:
    """Scenarios whose name stood before, each with the first that bears it."""
    first: dict[str, Scenario] = {}
    for scenario in scenarios:
        twin = first.setdefault(scenario.name, scenario)
        if twin is not scenario:
            yield scenario, twin


def _told(later: Scenario, earlier: Scenario) -> str:
    also = f"scenario '{later.name}' stands in {earlier.path} too"
    return f"{later.path}: {also}: rename one of them, or set COMPANY"


def load_scenarios(
    path: Path, *, company: str = "", strict: bool = False, tell: Callable[[Finding], None] = _warn
) -> tuple[Scenario, ...]:
    """Load a scenario file, or those of a folder, once. Arguments and errors are those of `ScenarioFolder`."""
    return ScenarioFolder(path, company=company, strict=strict, tell=tell).load()
