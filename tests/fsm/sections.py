"""Generated flows that use subflows, and the same flows written out by hand."""

from attrs import field, frozen
from hypothesis import strategies as st

from tests.fsm.files import with_flow

RETURNS = ("a", "b")


@frozen
class Line:
    """A step, as text with a `%s` for each step that it leads to.

    Attributes:
        uses: the subflow that it uses, by its number.
    """

    id: str
    text: str
    targets: tuple[str, ...] = ()
    uses: int | None = None

    def written(self, prefix: str, targets: tuple[str, ...]) -> str:
        pieces = self.text.replace("@", prefix).split("%s")
        ends = (*targets, "")
        return f"step: {prefix}{self.id}, type: " + "".join(f"{piece}{end}" for piece, end in zip(pieces, ends, strict=True))


Lines = tuple[Line, ...]
FIRST = (Line("start", "entry, next: %s", ("first",)),)


@frozen
class Sections:
    """A flow, and the subflows of which each uses only earlier ones."""

    flow: Lines
    subflows: tuple[Lines, ...] = field(factory=tuple)

    def file(self) -> bytes:
        used = self._used(self.flow)
        texts = [
            f"s{number}: [{', '.join('{' + line.written('', line.targets) + '}' for line in lines)}]"
            for number, lines in enumerate(self.subflows)
            if number in used
        ]
        steps = [line.written("", line.targets) for line in self.flow]
        return _file(steps, subflows="{" + ", ".join(texts) + "}")

    def file_by_hand(self) -> bytes:
        return _file(self._put(self.flow, "", {}))

    def _used(self, lines: Lines) -> set[int]:
        found = {line.uses for line in lines if line.uses is not None}
        return found.union(*(self._used(self.subflows[number]) for number in found))

    def _put(self, lines: Lines, prefix: str, returns: dict[str, str]) -> list[str]:
        by_id = {line.id: line for line in lines}

        def whither(target: str) -> str:
            line = by_id[target]
            if line.text.startswith("return"):
                return returns[line.text[-1]]
            if line.uses is not None:
                return f"{prefix}{target}.first"
            return f"{prefix}first" if target == "start" and prefix else prefix + target

        written = []
        for line in lines:
            targets = tuple(map(whither, line.targets))
            if line.uses is not None:
                then = dict(zip(RETURNS, targets, strict=True))
                written += self._put(self.subflows[line.uses], f"{prefix}{line.id}.", then)
            elif not line.text.startswith("return") and not (prefix and line.text.startswith("entry")):
                written.append(line.written(prefix, targets))
        return written


def _file(steps: list[str], **parts: str) -> bytes:
    return with_flow(*steps, prompts="{hello: 'sound:hello'}", **parts)


@st.composite
def _lines(draw: st.DrawFn, number: int, inner: bool) -> Lines:
    count = draw(st.integers(1, 4))
    ids: list[str] = ["first", *(f"x{each}" for each in range(count)), *(("r0", "r1") if inner else ("end",))]

    def target() -> str:
        return draw(st.sampled_from([*ids, "start"]))

    def line(name: str) -> Line:
        kinds = ["play", "record", "optional", "count", "result", "end", *(["subflow"] * 4 if number else [])]
        match draw(st.sampled_from(kinds)):
            case "record":
                return Line(name, "record, next: %s, on_empty: %s, on_failure: %s", (target(), target(), target()))
            case "optional":
                return Line(name, "record, next: %s, on_empty: %s", (target(), target()))
            case "count":
                counter, most = draw(st.sampled_from("cd")), draw(st.integers(0, 2))
                text = f"check_retry_limit, counter: @{counter}, max_count: {most}, within_limit: %s, exceeded: %s"
                return Line(name, text, (target(), target()))
            case "result":
                return Line(name, "set_result, result: unknown, next: %s", (target(),))
            case "end":
                return Line(name, "hangup")
            case "subflow":
                uses = draw(st.integers(0, number - 1))
                return Line(name, f"subflow, flow: s{uses}, returns: {{a: %s, b: %s}}", (target(), target()), uses)
            case _:
                return Line(name, "play_prompt, prompt: hello, next: %s", (target(),))

    first = Line("first", "play_prompt, prompt: hello, next: %s", (target(),))
    ends = [Line(f"r{place}", f"return, outcome: {outcome}") for place, outcome in enumerate(RETURNS)]
    last = ends if inner else [Line("end", "hangup")]
    return (*FIRST, first, *(line(f"x{each}") for each in range(count)), *last)


@st.composite
def sections(draw: st.DrawFn) -> Sections:
    count = draw(st.integers(1, 3))
    return Sections(draw(_lines(count, inner=False)), tuple(draw(_lines(number, inner=True)) for number in range(count)))
