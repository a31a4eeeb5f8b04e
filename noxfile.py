"""Sessions: `nox -s test`, `nox -s lint`, `nox -s e2e`, `nox -s bench`."""

import nox

nox.options.sessions = ["lint", "test"]
nox.options.reuse_existing_virtualenvs = True


@nox.session
def test(session: nox.Session) -> None:
    """Everything that needs no PBX but the simulated one."""
    session.install("-e", ".[dev,local,vad]")
    session.run("pytest", "--ignore=tests/e2e", "-n", "auto", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Style and types."""
    session.install("-e", ".[dev,local,vad]")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("mypy")


@nox.session
def e2e(session: nox.Session) -> None:
    """A real Asterisk and phones that speak, on loopback; builds both where they are missing (as root, on Debian)."""
    session.install("-e", ".[dev,local,vad]")
    session.run("pytest", "tests/e2e", "-v", *session.posargs)


@nox.session
def bench(session: nox.Session) -> None:
    """Prints tables of figures; passes whatever they are."""
    session.install("-e", ".[dev,local,vad]")
    session.run("python", "-m", "benchmarks", *session.posargs)
