"""Greetings of people and of answering machines, spoken by espeak-ng and put on a telephone line: the same ones every time.

Half of them, the even ones, served to set the figures of the judge; the odd ones are what is reported, and share no sentence
with the others.
"""

import random
from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from math import pi, sin

import trio
from attrs import frozen

from callengine.providers import Voice
from callengine.providers.audio import Sound, lowered, read_wav
from callengine.providers.espeak import EspeakTextToSpeech

RATE = 8000
SECONDS = 8.0
"""Each of them, with the silence that follows."""

LOUDNESS = 6000
"""Mean square root of the voice, of 32,767: a voice on an ordinary line."""

NOISES = (0.0, 20.0, 60.0, 200.0)
"""Mean square root of the noise on the line: none, a quiet one, a room, a street."""

BEEP = "*"
BEEP_CHANCE = 0.6
BEEPS = ((1000.0, 0.4), (440.0, 0.8), (1400.0, 0.25), (850.0, 0.5))
"""Hertz and seconds."""


@frozen
class Words:
    """What somebody says.

    Attributes:
        language: of espeak-ng.
        sentences: with pauses between them.
    """

    language: str
    sentences: tuple[str, ...]


@frozen
class Greeting:
    """How a call was answered.

    Attributes:
        name: digits.
        machine: whether a machine did.
        sound: mono, at `RATE`, as the line carried it.
        law: the same in u-law.
    """

    name: str
    machine: bool
    words: Words
    sound: Sound
    law: bytes


def said(*each: tuple[str, str]) -> tuple[Words, ...]:
    return tuple(Words(language, tuple(sentences.split("|"))) for language, sentences in each)


# fmt: off
PEOPLE = said(
    ("en-us", "hello?"), ("en-gb", "yes?"), ("en-us", "hello, hello?"), ("en-gb", "hi, this is Tom"),
    ("fa", "الو"), ("fa", "بله"), ("fa", "الو، بفرمایید"), ("fa", "سلام، بفرمایید"),
    ("de", "Hallo?"), ("de", "Ja bitte?"), ("de", "Schmidt, guten Tag"), ("de", "Müller"),
    ("es", "¿Diga?"), ("es", "¿Sí, dígame?"), ("es", "Hola, ¿quién es?"), ("es-419", "¿Bueno?"),
    ("fr-fr", "Allô?"), ("fr-fr", "Oui, allô?"), ("fr-fr", "Oui, j'écoute"), ("fr-fr", "Bonjour, Claire Dubois"),
    ("it", "Pronto?"), ("it", "Pronto, chi parla?"), ("tr", "Alo?"), ("tr", "Efendim?"),
    ("ar", "ألو"), ("ar", "نعم"), ("ru", "Алло?"), ("ru", "Да, слушаю"),
    ("pt-br", "Alô?"), ("pt-br", "Oi, quem fala?"), ("hi", "हैलो"), ("hi", "जी, बोलिए"),
    ("nl", "Met Jan"), ("nl", "Hallo, met Anna de Vries"), ("pl", "Słucham?"), ("pl", "Halo, kto mówi?"),
    ("sv", "Hallå?"), ("sv", "Ja, det är Lars"), ("en-us", "speaking"), ("en-gb", "good morning, Anna Baker"),
    ("en-us", "who is this?"), ("en-gb", "hello, Doctor Miller's office"), ("en-us", "yeah|hello?"), ("en-gb", "hello?|hello?"),
    ("en-us", "good afternoon, Baker and Sons, Claire speaking, how may I help you?"),
    ("en-gb", "Grand Hotel reception, good evening, what can I do for you?"),
    ("de", "Guten Tag, Praxis Doktor Weber, Sie sprechen mit Frau Klein"),
    ("fa", "سلام وقت بخیر، شرکت پارس، بفرمایید"),
)

MACHINES = said(
    ("en-us", "You have reached the voice mailbox of the Millers.|Please leave a message after the tone."),
    ("en-gb", "The person you are calling is not available.|Please try again later."),
    ("en-us", "Hi, this is Tom.|I can't come to the phone right now, so leave me a message and I will call you back."),
    ("en-gb", "Hello, you're through to Anna Baker.|I am away from my desk.|Please leave your name and number."),
    ("en-us", "Your call has been forwarded to an automatic voice message system.|At the tone, please record your message."),
    ("en-gb", "Thank you for calling Baker and Sons.|Our office is closed.|Our opening hours are nine to five."),
    ("en-us", "Hey, it's Jenny, you know what to do."),
    ("en-gb", "This mailbox is full and cannot take any messages at this time.|Good bye."),
    ("en-us", "Welcome to Acme customer service.|For sales, press one.|For support, press two."),
    ("en-gb", "The number you have dialled has not been recognised, please check and try again."),
    ("fa", "مشترک مورد نظر در دسترس نمی باشد.|لطفا بعدا شماره گیری فرمایید."),
    ("fa", "شما با پیغام گیر منزل رضایی تماس گرفته اید.|لطفا پس از شنیدن صدای بوق پیغام خود را بگذارید."),
    ("fa", "دستگاه مشترک مورد نظر خاموش می باشد."),
    ("fa", "با سلام، به شرکت پارس خوش آمدید.|لطفا شماره داخلی مورد نظر را وارد نمایید."),
    ("de", "Dies ist der Anrufbeantworter der Familie Schmidt.|Bitte sprechen Sie nach dem Signalton."),
    ("de", "Der Teilnehmer ist zur Zeit nicht erreichbar.|Bitte versuchen Sie es später noch einmal."),
    ("es", "Ha llamado al buzón de voz de la familia García.|Deje su mensaje después de la señal."),
    ("es", "El número al que llama está apagado o fuera de cobertura en este momento."),
    ("fr-fr", "Bonjour, vous êtes bien sur la messagerie de Claire.|Laissez-moi un message après le bip."),
    ("fr-fr", "Votre correspondant n'est pas disponible pour le moment."),
    ("it", "Risponde la segreteria telefonica del numero richiesto.|Lasciate un messaggio dopo il segnale."),
    ("it", "Il cliente da lei chiamato non è al momento raggiungibile."),
    ("tr", "Aradığınız kişiye şu anda ulaşılamıyor.|Lütfen daha sonra tekrar deneyiniz."),
    ("ar", "الرقم الذي طلبته غير متاح حاليا.|يرجى المحاولة في وقت لاحق."),
    ("ru", "Абонент временно недоступен.|Пожалуйста, позвоните позднее."),
    ("ru", "Здравствуйте, вы позвонили Ивановым.|Оставьте сообщение после сигнала."),
    ("pt-br", "Você ligou para a caixa postal de Maria.|Deixe o seu recado após o sinal."),
    ("nl", "U bent verbonden met de voicemail van Jan.|Spreek een bericht in na de toon."),
    ("pl", "Abonent jest czasowo niedostępny.|Prosimy zadzwonić później."),
    ("sv", "Du har kommit till Annas telefonsvarare.|Lämna ett meddelande efter tonen."),
    ("en-gb", "Anna Baker.|*"), ("en-us", "Leave a message.|*"), ("de", "Bitte sprechen.|*"), ("fa", "پیغام بگذارید.|*"),
)
# fmt: on
"""The odd ones of each are reported. `|` is a pause; where `*` follows there is always a beep, elsewhere by chance."""

VARIANTS = ("", "+m3", "+f2", "+m7", "+f4", "+m1", "+f5")
"""Speakers of espeak-ng."""

SPEEDS = (120, 140, 155, 170, 185)
"""Words a minute."""


def each_greeting(*, reported: bool) -> Iterator[Greeting]:
    """Greetings of one half. Each is said twice, those of machines three times, by another voice on another line.

    Raises:
        ProviderError: espeak-ng is not there.
    """
    for machine, sayings in ((False, PEOPLE), (True, MACHINES)):
        for place, words in enumerate(sayings):
            if place % 2 == reported:
                for time in range(3 if machine else 2):
                    yield made(machine, place, time, words)


def made(machine: bool, place: int, time: int, words: Words) -> Greeting:
    """One greeting; the same for the same arguments."""
    name = f"{2 if machine else 1}{place:02}{time}"
    rng = random.Random(name)
    voice = Voice(words.language, words.language + rng.choice(VARIANTS), rng.choice(SPEEDS))
    samples = silence(rng.uniform(0.2, 0.8) if machine else rng.uniform(0.2, 2.0))
    beeps = rng.random() < BEEP_CHANCE or words.sentences[-1] == BEEP
    for number, sentence in enumerate(each for each in words.sentences if each != BEEP):
        samples += silence(rng.uniform(0.3, 1.0) if number else 0.0)
        samples += spoken(sentence, voice)
    if machine and beeps:
        samples += silence(rng.uniform(0.2, 0.6)) + beep(*rng.choice(BEEPS))
    samples = samples[: int(SECONDS * RATE)]
    samples += silence(SECONDS - len(samples) / RATE)
    law = bytes(map(in_law, noisy(samples, rng.choice(NOISES), rng)))
    return Greeting(name, machine, words, Sound(RATE, array("h", map(FROM_LAW.__getitem__, law))), law)


def silence(seconds: float) -> "array[int]":
    return array("h", bytes(2 * max(0, int(seconds * RATE))))


def beep(hertz: float, seconds: float) -> "array[int]":
    return array("h", (round(LOUDNESS * sin(2 * pi * hertz * n / RATE)) for n in range(int(seconds * RATE))))


def spoken(sentence: str, voice: Voice) -> "array[int]":
    """A sentence without the silence around it, as loud as `LOUDNESS`."""
    wav = trio.run(EspeakTextToSpeech().synthesise, sentence, voice)
    samples = without_rumble(lowered(read_wav(wav), RATE).samples)
    loud = [place for place, sample in enumerate(samples) if abs(sample) > 300]
    samples = samples[loud[0] : loud[-1] + 1]
    scale = LOUDNESS / (sum(sample * sample for sample in samples) / len(samples)) ** 0.5
    return array("h", (max(-32767, min(32767, round(sample * scale))) for sample in samples))


def without_rumble(samples: Iterable[int]) -> "array[int]":
    """Without what no telephone carries below 200 Hz or so."""
    out, last, kept = array("h"), 0.0, 0.0
    for sample in samples:
        kept = 0.87 * (kept + sample - last)
        last = sample
        out.append(max(-32767, min(32767, int(kept))))
    return out


def noisy(samples: Sequence[int], loudness: float, rng: random.Random) -> Iterator[int]:
    """With the noise of a room: more of it at low frequencies."""
    if not loudness:
        yield from samples
        return
    steps = accumulate((rng.gauss(0, 1) for _ in range(RATE * 2)), lambda last, step: 0.9 * last + step)
    noise = [round(step * loudness * 0.436) for step in steps]
    for place, sample in enumerate(samples):
        yield max(-32767, min(32767, sample + noise[place % len(noise)]))


def in_law(sample: int) -> int:
    """A sample in u-law (G.711)."""
    sign, size = (0x80, -sample) if sample < 0 else (0, sample)
    size = min(size, 32635) + 132
    exponent = size.bit_length() - 8
    return ~(sign | exponent << 4 | (size >> exponent + 3) & 0x0F) & 0xFF


def out_of_law(code: int) -> int:
    code = ~code & 0xFF
    size = (((code & 0x0F) << 3) + 132 << (code >> 4 & 7)) - 132
    return -size if code & 0x80 else size


FROM_LAW = tuple(map(out_of_law, range(256)))
