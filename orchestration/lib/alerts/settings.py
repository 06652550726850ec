"""Where alerts go, from the environment."""

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class AlertSettings(BaseSettings):
    """Field names in capitals are the environment variables."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True)

    # Apprise's URLs, separated by blanks: jsons://host/path (webhook), mailtos://user:password@host?to=…, slack://…
    throughline_alerts: SecretStr = SecretStr("")
    # The address of Dagster's pages, which stands at the end of each message.
    throughline_alerts_pages: str = ""
