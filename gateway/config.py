"""Settings: a TOML file and `CGW_*` variables, validated at the edge and nowhere else."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr


class Strict(BaseModel):
    """Unknown keys are errors: a misspelt limit must not be silently absent."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class RegistrySettings(Strict):
    """How one registry is reached; what is left out is the adapter's own default."""

    enabled: bool = True
    adapter: str | None = Field(None, description="key of the adapter, for a second instance")
    base_url: str | None = None
    public_uri: str | None = Field(None, description="printed in provenance instead of base_url")
    headers: dict[str, str] = Field(default_factory=dict)
    options: dict[str, str] = Field(default_factory=dict)
    credential: SecretStr | None = None
    allow_private: bool = False
    rate: float | None = Field(None, gt=0)
    period: float | None = Field(None, gt=0)
    burst: int | None = Field(None, ge=1)
    concurrency: int | None = Field(None, ge=1, le=64)
    fresh_for: float | None = Field(None, ge=0)
    stale_if_error: float | None = Field(None, ge=0)
    timeout: float | None = Field(None, gt=0, le=300)
    max_bytes: int | None = Field(None, ge=1024)


class LimitSettings(Strict):
    """What one request may ask; every limit is checked before any registry is asked."""

    body_bytes: int = Field(1_048_576, ge=1024)
    body_timeout: float = Field(10.0, gt=0, description="seconds until a body must be whole")
    document_chars: int = Field(32_000, ge=100)
    tokens: int = Field(2_000, ge=10)
    depth: int = Field(14, ge=2)
    aliases: int = Field(30, ge=0)
    root_fields: int = Field(20, ge=1)
    directives: int = Field(20, ge=0)
    cost: int = Field(100_000, ge=1)
    first_max: int = Field(500, ge=1)
    timeout: float = Field(25.0, gt=0, le=300)
    calls_per_registry: int = Field(100, ge=1, description="upstream reads of one operation")


class CacheSettings(Strict):
    """The bounded cache of upstream bodies. `backend = "off"` must work."""

    backend: Literal["memory", "redis", "off"] = "memory"
    max_bytes: int = Field(128 * 1024 * 1024, ge=0)
    redis_url: SecretStr | None = None


class SigningSettings(Strict):
    """Where the signing key is; without one, `serve` refuses to start and `demo` makes one."""

    key_file: str | None = None
    key_pem: SecretStr | None = None
    keys_dir: str | None = None


class ServerSettings(Strict):
    """The HTTP face."""

    host: str = "127.0.0.1"
    port: int = Field(8000, ge=0, le=65535)
    issuer: str = "http://127.0.0.1:8000"
    graphiql: bool = False
    introspection: bool = True
    allowed_origins: tuple[str, ...] = ()
    in_flight: int = Field(256, ge=1)
    contact: str = ""


class Settings(Strict):
    """Everything an operator can set."""

    server: ServerSettings = ServerSettings()
    limits: LimitSettings = LimitSettings()
    cache: CacheSettings = CacheSettings()
    signing: SigningSettings = SigningSettings()
    registries: dict[str, RegistrySettings] = Field(default_factory=dict)
    cursor_secret: SecretStr | None = None
    only: tuple[str, ...] = Field((), description="serve only these registries; empty: all")
