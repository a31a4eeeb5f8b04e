"""Speech, language and message services: the ports, and their implementations side by side."""

from callengine.providers.base import (
    BoundedLanguageModel,
    BoundedMessenger,
    BoundedSpeechToText,
    BoundedTextToSpeech,
    Bounds,
    Complaints,
    Json,
    LanguageModel,
    Messenger,
    Speaker,
    SpeechHints,
    SpeechToText,
    TextToSpeech,
    Voice,
    WebRequest,
    WebService,
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
    "Complaints",
    "IntentClassifier",
    "IntentSettings",
    "Json",
    "LanguageModel",
    "Messenger",
    "RenderedSpeech",
    "Speaker",
    "SpeechHints",
    "SpeechToText",
    "TextToSpeech",
    "Voice",
    "WebRequest",
    "WebService",
]
