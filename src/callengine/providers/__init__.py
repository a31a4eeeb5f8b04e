"""Speech, language and message services: the ports, and their implementations side by side."""

from callengine.providers.base import (
    Heard,
    Json,
    LanguageModel,
    Messenger,
    Speaker,
    SpeechHints,
    SpeechStream,
    SpeechToText,
    StreamingSpeechToText,
    TextToSpeech,
    Voice,
    WebRequest,
    WebService,
)
from callengine.providers.bounded import (
    BoundedLanguageModel,
    BoundedMessenger,
    BoundedSpeechToText,
    BoundedTextToSpeech,
)
from callengine.providers.bounds import ONCE, Bounds, Complaints, Patience
from callengine.providers.intents import Classification, IntentClassifier
from callengine.providers.prompts import IntentSettings
from callengine.providers.question import Question
from callengine.providers.rendering import RenderedSpeech

__all__ = [
    "ONCE",
    "BoundedLanguageModel",
    "BoundedMessenger",
    "BoundedSpeechToText",
    "BoundedTextToSpeech",
    "Bounds",
    "Classification",
    "Complaints",
    "Heard",
    "IntentClassifier",
    "IntentSettings",
    "Json",
    "LanguageModel",
    "Messenger",
    "Patience",
    "Question",
    "RenderedSpeech",
    "Speaker",
    "SpeechHints",
    "SpeechStream",
    "SpeechToText",
    "StreamingSpeechToText",
    "TextToSpeech",
    "Voice",
    "WebRequest",
    "WebService",
]
