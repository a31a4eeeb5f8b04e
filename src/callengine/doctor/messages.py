"""Whether short messages could be sent. None is."""

from contextlib import AsyncExitStack
from typing import Final
from urllib.parse import urlsplit

from callengine.doctor.asking import Service, asked
from callengine.doctor.finding import Sheet
from callengine.doctor.patient import Patient
from callengine.doctor.reach import reach
from callengine.engine.messages import messenger_of
from callengine.providers import melipayamak
from callengine.providers.melipayamak import MeliPayamakMessenger
from callengine.settings import Settings

WHAT: Final = "short messages"


async def check_messages(patient: Patient, sheet: Sheet) -> None:
    """Ask for the credit where the service tells it; elsewhere see that the service can be reached."""
    settings = patient.settings
    if settings.sms.chosen is None:
        told = "SMS_ADMINS will hear nothing" if settings.sms.admins else "nobody is told when dialling pauses"
        sheet.skip(WHAT, f"No service for short messages is configured (SMS_API_KEY and SMS_FROM, or SMS_WEBHOOK_URL): {told}")
    elif settings.sms.chosen == "melipayamak":
        await _check_credit(settings, sheet)
    else:
        await _check_webhook(settings.sms.webhook_url, sheet)


async def _check_credit(settings: Settings, sheet: Sheet) -> None:
    timeout = ("HTTP_TIMEOUT", settings.http.timeout)
    service = Service(WHAT, "MeliPayamak", "SMS_API_KEY", "SMS_PROVIDER", melipayamak.BASE_URL, "SMS_API_KEY", timeout)

    async def ask() -> str | None:
        async with AsyncExitStack() as stack:
            messenger = await messenger_of(settings, stack)
            assert isinstance(messenger, MeliPayamakMessenger)
            credit = await messenger.credit()
        if credit <= 0:
            sheet.fail(WHAT, "The account at MeliPayamak is empty", "Top up the account of MeliPayamak")
            return None
        return (
            f"MeliPayamak takes the key and tells a credit of {credit:,.0f} rials; nothing was sent, and SMS_FROM was not tried"
        )

    await asked(service, sheet, ask)


async def _check_webhook(url: str, sheet: Sheet) -> None:
    unreached = await reach(url, "SMS_WEBHOOK_URL")
    if unreached is not None:
        sheet.fail(WHAT, unreached.sentence, unreached.remedy)
        return
    host = urlsplit(url).netloc.rpartition("@")[2]
    sheet.ok(WHAT, f"{host} can be reached; whether it takes messages was not tried, because that would send one")
