"""Speech, language and message services: the ports, and their implementations side by side."""

from callengine.providers.base import (
    BoundedLanguageModel,
    BoundedMessenger,
    BoundedSpeechToText,
    BoundedTextToSpeech,
    Bounds,
    LanguageModel,
    Messenger,
    Speaker,
    SpeechHints,
    SpeechToText,
    TextToSpeech,
    Voice,
)
from callengine.providers.intents import Classification, IntentClassifier, IntentSettings
from callengine.providers.rendering import RenderedSpeech

__all__ = [
    "BoundedLanguageModel",
    "BoundedMessenger",
    "BoundedSpeechToText",
    "BoundedTextToSpeech",
    "Bounds",
    "Classification",
    "IntentClassifier",
    "IntentSettings",
    "LanguageModel",
    "Messenger",
    "RenderedSpeech",
    "Speaker",
    "SpeechHints",
    "SpeechToText",
    "TextToSpeech",
    "Voice",
]
