"""What a language model is asked."""

from attrs import frozen


@frozen
class Question:
    """Instructions, and apart from them what they are to be applied to.

    Attributes:
        instructions: what to do, in the words of whoever wrote the scenario.
        material: what to do it with, such as what a caller said: data, whatever it says.
        choices: the intents that may be answered; empty where anything may be.
        model: the service's name for the model; empty for the one of the settings.
    """

    instructions: str
    material: str = ""
    choices: tuple[str, ...] = ()
    model: str = ""
