"""The scenario files on disk: found, read, loaded."""

import errno
import os
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

import structlog

from callengine.errors import ConfigError
from callengine.fsm import MOST_BYTES, Finding, OperatorRosters, RateLimits, Scenario, check, has_errors, load

SUFFIXES = (".yaml", ".yml")
TEST_SUFFIXES = (".test.yaml", ".test.yml")

NOT_IN_FORCE: Mapping[str, object] = {
    "weight": 1.0,
    "conditions": (),
    "rate_limits": RateLimits(),
    "operators": OperatorRosters(),
}
"""Keys that are read and checked but change nothing yet, with the values that stand for their absence."""

log = structlog.get_logger()


def read(path: Path) -> bytes:
    """The bytes of a scenario file, though never more than are needed to see that it is too large.

    Raises:
        OSError: it cannot be read, or is no file: a pipe would keep us waiting.
    """
    if not stat.S_ISREG(path.stat().st_mode):
        raise OSError(errno.EINVAL, "not a regular file", str(path))
    with path.open("rb") as file:
        return file.read(MOST_BYTES + 1)


def scenario_files(path: Path) -> Iterator[Path]:
    """The file itself, or the scenario files in a folder and the folders below, in the order of their names.

    Files named `*.test.yaml` are flow tests and left out, so that `flows/*.yaml` may be given too.

    Raises:
        OSError: there is no such path, or a folder cannot be read.
    """
    if not path.is_dir():
        path.stat()
        if not path.name.endswith(TEST_SUFFIXES):
            yield path
        return
    for folder, folders, names in os.walk(path, onerror=_raise):
        folders.sort()
        for name in sorted(names):
            if name.endswith(SUFFIXES) and not name.endswith(TEST_SUFFIXES):
                yield Path(folder, name)


def _raise(error: OSError) -> None:
    raise error


def reason(error: OSError) -> str:
    """Why a path cannot be read, for people."""
    return error.strerror or str(error)


def _warn(finding: Finding) -> None:
    log.warning(str(finding))


def load_scenarios(
    path: Path, *, company: str = "", strict: bool = False, tell: Callable[[Finding], None] = _warn
) -> tuple[Scenario, ...]:
    """Load a scenario file, or those of a folder; what cannot run is logged and left out.

    Args:
        company: files of another company are left out.
        strict: any finding keeps a file out, not errors alone.
        tell: is given every finding; it logs them unless something else is asked for.

    Raises:
        ConfigError: there is no such path, it holds no usable file, or two scenarios bear the same name.
    """
    try:
        files = tuple(scenario_files(path))
    except OSError as error:
        raise ConfigError(f"{path} cannot be read ({reason(error)}): create it, or name another") from error
    loaded = [scenario for file in files if (scenario := _load(file, strict=strict, tell=tell)) is not None]
    scenarios = tuple(each for each in loaded if not company or each.company in ("", company))
    if not scenarios:
        raise ConfigError(f"{path} holds no usable scenario; `callengine lint {path}` says why")
    _refuse_twins(scenarios)
    return scenarios


def _load(path: Path, *, strict: bool, tell: Callable[[Finding], None]) -> Scenario | None:
    try:
        loading = load(read(path), str(path))
    except OSError as error:
        log.error(f"Failed to load scenario {path.name}: {reason(error)}")
        return None
    scenario = loading.scenario
    findings = loading.findings if scenario is None else (*loading.findings, *check(scenario))
    for finding in findings:
        tell(finding)
    if scenario is None or has_errors(findings) or (strict and findings):
        log.error(f"Failed to load scenario {path.name}: {len(findings)} findings")
        return None
    inbound = len(scenario.inbound_flow.steps) if scenario.inbound_flow else 0
    steps = f"{len(scenario.flow.steps)} outbound steps, {inbound} inbound steps"
    log.info(f"Loaded scenario '{scenario.name}' from {path.name} ({steps})")
    idle = [key for key, absent in NOT_IN_FORCE.items() if getattr(scenario, key) != absent]
    if idle:
        log.warning(f"{path}: not in force yet: {', '.join(idle)}")
    return scenario


def _refuse_twins(scenarios: Iterable[Scenario]) -> None:
    first: dict[str, Scenario] = {}
    for scenario in scenarios:
        twin = first.setdefault(scenario.name, scenario)
        if twin is not scenario:
            raise ConfigError(
                f"{scenario.path}: scenario '{scenario.name}' stands in {twin.path} too: rename one of them, or set COMPANY"
            )
