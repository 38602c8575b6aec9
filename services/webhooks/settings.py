"""The settings of webhooks."""

from shared.settings import KafkaSettings, ServiceSettings, WebhookSettings


class WebhooksSettings(ServiceSettings):
    """All of webhooks' settings."""

    kafka: KafkaSettings = KafkaSettings()
    webhooks: WebhookSettings = WebhookSettings()
