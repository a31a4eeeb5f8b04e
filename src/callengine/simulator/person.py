"""A person on the phone: a persona, and how far they have got with it."""

from collections import Counter

from attrs import define, field

from callengine.simulator.people import HangUp, Moment, Persona


@define(eq=False)
class Person:
    """Remembers what has happened to them, to know what they do next."""

    persona: Persona
    _happened: Counter[Moment] = field(factory=Counter)
    _replies: int = 0
    _prompts: int = 0

    def leaves(self, moment: Moment) -> HangUp | None:
        """Told of a moment: whether this is the one they hang up after."""
        self._happened[moment] += 1
        plan = self.persona.hangs_up
        if plan is not None and plan.after is moment and plan.nth == self._happened[moment]:
            return plan
        return None

    def next_keys(self) -> tuple[str, float]:
        """What they press at the next prompt, and the seconds they think before it."""
        keys = self.persona.keys
        pressed = keys[self._prompts] if self._prompts < len(keys) else ""
        self._prompts += 1
        return pressed, self.persona.thinks

    def next_words(self) -> tuple[str, float]:
        """What they say into the next recording, and the seconds they think before it."""
        says = self.persona.says
        words = says[self._replies] if self._replies < len(says) else ""
        self._replies += 1
        return words, self.persona.thinks
