"""Settings: everything an operator can set, with its default and what it means.

`gateway.configfile` reads them from a TOML file and `CGW_*` variables; the descriptions here are
what `docs/configuration.md` and error messages say.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationInfo,
    field_validator,
    model_validator,
)

from gateway.configtypes import (
    HEADER_NAME,
    HeaderValue,
    Host,
    HttpUrl,
    Networks,
    Origin,
    Path,
    Place,
    Words,
    header_value,
    span,
)
from gateway.model.globalid import is_registry_key

MIB = 1024 * 1024
GIB = 1024 * MIB
Kept = Annotated[int, Field(ge=0, le=256 * GIB)]


class Strict(BaseModel):
    """Unknown keys are errors: a misspelt limit must not be silently absent."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, hide_input_in_errors=True, allow_inf_nan=False
    )

    @field_validator("*", mode="before")
    @classmethod
    def _no_truth_for_a_number(cls, value: Any, info: ValidationInfo) -> Any:
        if isinstance(value, bool) and span(cls.model_fields[str(info.field_name)]):
            raise ValueError("must be a number, not true or false")
        return value


class RegistrySettings(Strict):
    """How one registry is reached; what is left out is the adapter's own default."""

    enabled: bool = Field(True, description="whether the registry is served at all")
    adapter: str | None = Field(None, description="key of the adapter, for a second instance")
    name: str | None = Field(None, description="the registry's name, for a second instance")
    known_as: Words | None = Field(
        None,
        description="names by which other registries' records speak of it, in place of the "
        "adapter's own; a second instance has none but these",
    )
    base_url: Place | None = Field(
        None, description="where the registry's interface, folder of files or database is"
    )
    public_uri: HttpUrl | None = Field(
        None, description="printed in provenance instead of base_url"
    )
    headers: dict[str, SecretStr] = Field(
        default_factory=dict, description="sent with every request; never printed"
    )
    options: dict[str, str] = Field(
        default_factory=dict, description="the adapter's own options; public"
    )
    credential: SecretStr | None = Field(
        None, description="the secret that the registry demands, where it demands one"
    )
    allow_private: bool = Field(
        False, description="allow loopback and private addresses, and plain http"
    )
    rate: float | None = Field(None, ge=1e-6, le=1e6, description="requests in any period at most")
    period: float | None = Field(
        None, ge=1e-3, le=31_536_000, description="seconds of the rate's period"
    )
    burst: int | None = Field(
        None,
        ge=1,
        le=100_000,
        description="requests at once, inside the rate: `rate` in any `period` is never passed",
    )
    concurrency: int | None = Field(None, ge=1, le=64, description="requests in flight")
    fresh_for: float | None = Field(
        None,
        ge=0,
        le=31_536_000,
        description="seconds that a body is fresh where its headers do not say",
    )
    stale_if_error: float | None = Field(
        None,
        ge=0,
        le=31_536_000,
        description="seconds that an old body may stand in, labelled, for a failed one",
    )
    timeout: float | None = Field(None, ge=0.01, le=300, description="seconds for one try")
    max_bytes: int | None = Field(
        None, ge=1024, le=4 * GIB, description="bytes of one body, decompressed"
    )

    @field_validator("headers")
    @classmethod
    def _headers(cls, value: dict[str, SecretStr]) -> dict[str, SecretStr]:
        for name, secret in value.items():
            if not HEADER_NAME.fullmatch(name):
                raise ValueError(f"{name!r} is no name of an HTTP header")
            try:
                header_value(secret.get_secret_value())
            except ValueError as error:
                raise ValueError(f"{name}: {error}") from None
        return value

    @field_validator("credential")
    @classmethod
    def _credential(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not value.get_secret_value().isprintable():
            raise ValueError("must be one line, without a line break at its end")
        return value

    @model_validator(mode="after")
    def _plain_http_only_inside(self) -> RegistrySettings:
        if self.base_url and self.base_url.startswith("http:") and not self.allow_private:
            raise ValueError(
                "base_url is plain http: use https, or set allow_private = true for a host in "
                "your own network"
            )
        if self.base_url and self.base_url.startswith("postgresql:") and not self.allow_private:
            raise ValueError(
                "base_url is a database: set allow_private = true for one in your own network"
            )
        return self


class LimitSettings(Strict):
    """What one request may ask; every limit is checked before any registry is asked."""

    body_bytes: int = Field(262_144, ge=1024, le=64 * MIB, description="bytes of a request body")
    body_timeout: float = Field(
        10.0, ge=0.01, le=3600, description="seconds until a body must be whole"
    )
    document_chars: int = Field(
        32_000, ge=100, le=10_000_000, description="characters of a document"
    )
    tokens: int = Field(
        2_000, ge=10, le=1_000_000, description="tokens of a document, and comments"
    )
    depth: int = Field(14, ge=2, le=100, description="nested fields, fragments written out")
    aliases: int = Field(30, ge=0, le=100_000, description="aliases, fragments written out")
    root_fields: int = Field(20, ge=1, le=10_000, description="different fields at the root")
    directives: int = Field(20, ge=0, le=100_000, description="directives, fragments written out")
    cost: int = Field(
        100_000,
        ge=1,
        le=10**12,
        description="values and objects that may come back, calls weighing more",
    )
    first_max: int = Field(
        500, ge=1, le=100_000, description="the largest page that `first` may ask for"
    )
    timeout: float = Field(25.0, ge=0.01, le=300, description="seconds for a whole operation")
    calls_per_registry: int = Field(
        100,
        ge=1,
        le=1_000_000,
        description="upstream reads of one operation; what the cache answers is free",
    )


class DecodingSettings(Strict):
    """What decoding one body may use. Packed files (XLSX, Parquet, gzip) and large bodies are
    decoded in processes of their own, so that none of them can stop the gateway or hold others up.
    """

    processes: int = Field(2, ge=1, le=64, description="bodies decoded at once, one a process")
    memory_bytes: int = Field(
        GIB,
        ge=64 * MIB,
        le=256 * GIB,
        description="memory of one process, beyond what it begins with",
    )
    seconds: float = Field(60.0, ge=0.01, le=600, description="seconds for one body")
    cells: int = Field(8_000_000, ge=1000, le=10**9, description="rows times columns of one table")
    from_bytes: int = Field(
        512 * 1024,
        ge=0,
        le=4 * GIB,
        description="bodies from this size on are decoded apart, packed ones always",
    )


class CacheSettings(Strict):
    """What is kept between operations, each within a bound in bytes. `CGW_CACHE=off` turns off the
    keeping of upstream bodies alone."""

    backend: Literal["memory", "redis", "off"] = Field(
        "memory", description="where bodies are kept between operations"
    )
    max_bytes: Kept = Field(8 * MIB, description="bytes that the memory backend may hold, packed")
    decoded_bytes: Kept = Field(
        20 * MIB, description="bytes of decoded bodies that are no longer than that"
    )
    files_bytes: Kept = Field(
        512 * MIB,
        description="bytes of longer ones, such as whole files, which are read once until nothing "
        "is asked for a while",
    )
    answers_bytes: Kept = Field(4 * MIB, description="bytes of answers, and of what they read")
    lists_bytes: Kept = Field(8 * MIB, description="bytes of written lists and of their rows")
    values_bytes: Kept = Field(4 * MIB, description="bytes of values that mapping rules made")
    documents_bytes: Kept = Field(8 * MIB, description="bytes of documents, parsed and compiled")
    idle: float = Field(
        20.0, ge=1, le=86_400, description="seconds with nothing asked until memory is given back"
    )
    redis_url: SecretStr | None = Field(None, description="for the redis backend")


class SigningSettings(Strict):
    """Where the signing key is. Without one, `serve` refuses to start and `demo` makes one."""

    key_file: Path | None = Field(None, description="a PKCS#8 PEM file that only its owner reads")
    key_pem: SecretStr | None = Field(None, description="the PEM itself, from a secret")
    keys_dir: Path | None = Field(None, description="a folder of keys with their history")
    recipes_dir: Path | None = Field(
        None, description="a folder that keeps every mapping recipe ever in force, to serve it"
    )
    http_signatures: bool = Field(
        False, description="also sign the exact bytes of every response (RFC 9421)"
    )


class LogSettings(Strict):
    """The append-only log of what was signed: hashes only. Off where no directory is set."""

    directory: Path | None = Field(None, description="where the log's tiles and checkpoints are")
    key_file: Path | None = Field(None, description="the log's own key, a PEM that only you read")
    origin: str | None = Field(
        None, description="the log's name; left out, the issuer's host and /log"
    )
    required: bool = Field(
        False, description="refuse answers while the log cannot take their hashes"
    )
    tsa_url: HttpUrl | None = Field(
        None, description="an RFC 3161 authority that stamps checkpoints"
    )
    tsa_roots: Path | None = Field(None, description="a PEM of the CA certificates it chains to")
    tsa_every: float = Field(3600.0, ge=1, le=31_536_000, description="seconds between stamps")


class ServerSettings(Strict):
    """The HTTP face."""

    host: Host = Field("127.0.0.1", description="the address to listen on")
    port: int = Field(8000, ge=0, le=65535, description="the port to listen on")
    issuer: Origin | None = Field(
        None,
        description="the public origin, in whose name statements are signed; left out, it is "
        "http and the address listened on",
    )
    allowed_hosts: Words = Field((), description="further Host names that are answered; * for any")
    trusted_proxies: Networks = Field(
        (),
        description="networks of your own proxies, whose word is taken for whose request it is; "
        "without them it is the connection's address",
    )
    forwarded_header: Literal["x-forwarded-for", "forwarded"] = Field(
        "x-forwarded-for", description="the one header in which these proxies say it"
    )
    allowed_origins: Words = Field((), description="origins whose pages may call (CORS)")
    graphiql: bool = Field(False, description="serve GraphiQL at /graphiql")
    metrics: bool = Field(
        False, description="serve Prometheus metrics at /metrics; needs the extra `metrics`"
    )
    connections: int = Field(
        4096,
        ge=1,
        le=1_000_000,
        description="connections at once; fewer where the process may open fewer files",
    )
    connections_each: int = Field(
        1024,
        ge=1,
        le=1_000_000,
        description="connections at once of one address, of IPv6 of one /64; those of "
        "`trusted_proxies` are not counted so",
    )
    header_bytes: int = Field(
        32_768, ge=1024, le=16 * MIB, description="bytes of a request's line and headers"
    )
    header_timeout: float = Field(10.0, ge=0.01, le=3600, description="seconds for these to come")
    idle_timeout: float = Field(
        30.0,
        ge=0.01,
        le=3600,
        description="seconds that a connection may be open with nothing asked",
    )
    write_timeout: float = Field(
        20.0,
        ge=0.01,
        le=3600,
        description="seconds in which a client must read 64 KiB of its answer, or all",
    )
    in_flight: int = Field(
        256, ge=1, le=100_000, description="operations at once; more are turned away"
    )
    fair: bool = Field(
        True,
        description="where there is more to do than processor, clients that use much give way to "
        "those that use little, with 429; clients are told apart by address",
    )
    client_quota: float | None = Field(
        None,
        ge=0.001,
        le=3600,
        description="seconds of work that one client may ask for in a minute, always",
    )
    drain_delay: float = Field(
        0.0,
        ge=0,
        le=3600,
        description="seconds that a stop still takes new work, for balancers to notice",
    )
    drain: float = Field(
        30.0, ge=0, le=3600, description="seconds that a stop waits for answers under way"
    )
    contact: HeaderValue = Field(
        "", description="an address or URL that registries see in User-Agent"
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="what is logged, as JSON lines on standard error"
    )

    @property
    def origin(self) -> str:
        """The issuer, or what stands for it where none is set."""
        if self.issuer is not None:
            return self.issuer
        host = "127.0.0.1" if self.host in ("0.0.0.0", "::") else self.host  # noqa: S104 - compared
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"


class Settings(Strict):
    """Everything an operator can set."""

    server: ServerSettings = ServerSettings()
    limits: LimitSettings = LimitSettings()
    cache: CacheSettings = CacheSettings()
    decoding: DecodingSettings = DecodingSettings()
    signing: SigningSettings = SigningSettings()
    log: LogSettings = LogSettings()
    registries: dict[str, RegistrySettings] = Field(default_factory=dict)
    manifests: Path | None = Field(
        None, description="a folder of manifests (TOML), one registry each; docs/manifests.md"
    )
    cursor_secret: SecretStr | None = Field(
        None,
        description="signs cursors, and seals what replicas share in redis; the same for all of "
        "them, at least 32 characters",
    )
    only: Words = Field((), description="serve only these registries; empty: all")

    @field_validator("registries")
    @classmethod
    def _keys(cls, value: dict[str, RegistrySettings]) -> dict[str, RegistrySettings]:
        for key in value:
            if not is_registry_key(key):
                raise ValueError(f"{key!r} is no registry key: use a-z, 0-9 and dashes")
        return value

    @field_validator("cursor_secret")
    @classmethod
    def _long_enough(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value()) < 32:
            raise ValueError("must have at least 32 characters")
        return value
