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
from callengine.providers.greeting import Answerer, GreetingRules, Judgement
from callengine.providers.hearing import GreetingEar, GreetingJudge
from callengine.providers.instructing import IntentSettings
from callengine.providers.intents import Classification, IntentClassifier
from callengine.providers.question import Question
from callengine.providers.rendering import RenderedSpeech

__all__ = [
    "ONCE",
    "Answerer",
    "BoundedLanguageModel",
    "BoundedMessenger",
    "BoundedSpeechToText",
    "BoundedTextToSpeech",
    "Bounds",
    "Classification",
    "Complaints",
    "GreetingEar",
    "GreetingJudge",
    "GreetingRules",
    "Heard",
    "IntentClassifier",
    "IntentSettings",
    "Json",
    "Judgement",
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
