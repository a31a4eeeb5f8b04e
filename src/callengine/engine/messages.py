"""Which service sends short messages, by the settings."""

from contextlib import AsyncExitStack

from callengine.providers import Messenger
from callengine.providers.melipayamak import MeliPayamakConfig, open_messenger
from callengine.providers.webhook import WebhookConfig, open_webhook
from callengine.settings import Settings


async def messenger_of(settings: Settings, stack: AsyncExitStack) -> Messenger | None:
    """The service of these settings, not yet held to any bounds, open for as long as the stack; None where nobody sends.

    Raises:
        ConfigError: it is asked for without what it needs; the message names the setting.
    """
    sms, timeout = settings.sms, settings.http.timeout
    match sms.chosen:
        case "melipayamak":
            melipayamak = MeliPayamakConfig(sms.api_key.get_secret_value(), sms.sender, timeout)
            return await stack.enter_async_context(open_messenger(melipayamak))
        case "webhook":
            webhook = WebhookConfig(sms.webhook_url, sms.webhook_token.get_secret_value(), sms.sender, timeout)
            return await stack.enter_async_context(open_webhook(webhook))
    return None
