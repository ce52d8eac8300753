"""Settings, read from the environment only (prefix ``PORTAL_``)."""

import secrets
from functools import cached_property
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

SOURCE_ROOT = Path(__file__).resolve().parent.parent


class InsecureSettings(ValueError):
    """Production was asked for with a setting that is only safe for development."""


class Settings(BaseSettings):
    """Everything that may differ between two installations.

    ``PORTAL_INSTANCE`` is the folder for all local data (database, documents, keys). Durations are in
    seconds, sizes in bytes unless the name says otherwise.
    """

    model_config = SettingsConfigDict(env_prefix="PORTAL_", frozen=True, extra="ignore")

    environment: Literal["development", "production"] = "development"
    instance: Path = SOURCE_ROOT / "instance"
    database_url: str = ""
    secret_key: SecretStr | None = None
    public_address: str = "http://127.0.0.1:8000"
    behind_proxy: bool = False
    rate_limit_storage: str = "memory://"
    queue_url: str = ""
    queue_name: str = Field(default="portal", pattern=r"^[a-z][a-z0-9-]{0,40}$")
    mail_url: str = ""
    mail_sender: str = "portal@localhost"
    mail_key_file: Path | None = None
    mail_chain_file: Path | None = None
    session_idle_seconds: int = Field(default=30 * 60, ge=60)
    session_absolute_seconds: int = Field(default=12 * 3600, ge=300)
    upload_limit: int = Field(default=10 * 1024 * 1024, ge=1024)
    demonstration: bool = False
    timestamp_url: str = ""
    issuer_key: SecretStr = SecretStr("")
    issuer_chain_file: Path | None = None
    seal_key: SecretStr = SecretStr("")
    seal_algorithm: Literal["ES256", "Ed25519"] = "ES256"
    trust_file: Path | None = None
    list_addresses: dict[str, SecretStr] = {}
    log_key: SecretStr = SecretStr("")
    log_former_key: SecretStr = SecretStr("")
    log_second_key_file: Path | None = None
    log_witness_file: Path | None = None

    @field_validator("instance", mode="after")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().resolve()

    @field_validator("queue_url", mode="after")
    @classmethod
    def _a_queue(cls, value: str) -> str:
        if value and not value.startswith(("redis://", "rediss://", "unix://")):
            raise ValueError("the address of a Redis begins with redis://, rediss:// or unix://")
        return value

    @field_validator("public_address", mode="after")
    @classmethod
    def _no_trailing_slash(cls, value: str) -> str:
        return value.rstrip("/")

    @field_validator("list_addresses", mode="after")
    @classmethod
    def _addresses_of_files(cls, value: dict[str, SecretStr]) -> dict[str, SecretStr]:
        for source, address in value.items():
            parts = urlsplit(address.get_secret_value())
            if address.get_secret_value() and (parts.scheme not in ("http", "https") or not parts.hostname):
                raise ValueError(f"the address of {source} must begin with https:// or http://, or be empty")
        return value

    @model_validator(mode="after")
    def _production_is_safe(self) -> Self:
        if self.environment != "production":
            return self
        wrong = []
        if self.secret_key is None or len(self.secret_key.get_secret_value()) < 32:
            wrong.append("PORTAL_SECRET_KEY must be set to at least 32 characters")
        if not self.public_address.startswith("https://"):
            wrong.append("PORTAL_PUBLIC_ADDRESS must begin with https://")
        if not self.mail_url:
            wrong.append("PORTAL_MAIL_URL must name a mail server")
        if self.demonstration:
            wrong.append("PORTAL_DEMONSTRATION must be off")
        if any(address.startswith("http://") for address in self.addresses_of_lists.values()):
            wrong.append("PORTAL_LIST_ADDRESSES must begin with https://")
        if wrong:
            raise InsecureSettings("; ".join(wrong))
        return self

    @property
    def database(self) -> str:
        """The SQLAlchemy URL: the one configured, else SQLite inside the instance folder."""
        return self.database_url or f"sqlite:///{self.instance / 'portal.sqlite3'}"

    @property
    def indexes(self) -> Path:
        """Where the indexes of long lists are kept for all processes of this machine; they can be made again."""
        return self.instance / "indexes"

    @property
    def addresses_of_lists(self) -> dict[str, str]:
        """Where lists are fetched from in place of the publishers' own addresses; "" for one that is not fetched."""
        return {source: address.get_secret_value() for source, address in self.list_addresses.items()}

    @cached_property
    def session_key(self) -> str:
        """The key that signs cookies; outside production one is made once and kept in the instance folder."""
        if self.secret_key is not None:
            return self.secret_key.get_secret_value()
        path = self.instance / "secret_key"
        if not path.exists():
            self.instance.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
            path.write_text(secrets.token_urlsafe(48), encoding="ascii")
        return path.read_text(encoding="ascii").strip()
