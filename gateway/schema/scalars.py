"""The scalars of the schema; each has one text form, so that an answer has one canonical form."""

import re
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, NewType

import strawberry
from strawberry.types.scalar import ScalarDefinition

from gateway.clock import rfc3339
from gateway.errors import BadInput
from gateway.harmonise.dates import iso_date, iso_datetime
from gateway.harmonise.vocabulary import is_country, near_countries
from gateway.model.globalid import is_registry_key
from gateway.model.nearest import or_else
from gateway.model.values import CountryCode, Date, DateTime, quantity_text

RegistryKey = NewType("RegistryKey", str)
Duration = NewType("Duration", float)
Sha256 = NewType("Sha256", str)
Url = NewType("Url", str)
Instant = NewType("Instant", datetime)

_SHA256 = re.compile(r"[0-9a-f]{64}")
_DURATION = re.compile(r"P(?:(\d{1,5})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,7})M)?(?:(\d{1,8})S)?)?")


def parse_duration(value: Any) -> float:
    """Seconds of an ISO 8601 duration in days, hours, minutes and seconds, such as `PT5M`.

    Raises:
        BadInput: it is anything else.
    """
    found = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if found is None or value.endswith(("P", "T")):
        raise BadInput(f"{_shown(value)} is not an ISO 8601 duration such as PT30S, PT5M or P1D.")
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return float(days * 86_400 + hours * 3_600 + minutes * 60 + seconds)


def print_duration(value: Any) -> str:
    """The ISO 8601 text of a number of seconds."""
    return f"PT{int(value)}S"


def _parse_date(value: Any) -> Date:
    date = iso_date(value) if isinstance(value, str) and len(value) == 10 else None
    if date is None:
        raise BadInput(f"{_shown(value)} is not a date such as 2024-12-31.")
    return date


def _parse_datetime(value: Any) -> DateTime:
    instant = iso_datetime(value) if isinstance(value, str) and len(value) > 10 else None
    if instant is None:
        raise BadInput(f"{_shown(value)} is not an RFC 3339 instant such as 2024-12-31T00:00:00Z.")
    return instant


def _print_datetime(value: Any) -> str:
    return rfc3339(value) if isinstance(value, datetime) else str(value)


def _parse_country(value: Any) -> CountryCode:
    if isinstance(value, str) and is_country(value):
        return CountryCode(value)
    near = near_countries(value) if isinstance(value, str) else ()
    raise BadInput(
        f"{_shown(value)} is not an ISO 3166-1 alpha-2 code such as KE.{or_else(near)}",
        **({"didYouMean": list(near)} if near else {}),
    )


def _shown(value: Any) -> str:
    """The value as an error repeats it: not at any length."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _parse_registry(value: Any) -> str:
    if not isinstance(value, str) or not is_registry_key(value):
        raise BadInput(f"{_shown(value)} is not a registry key; `registries {{ key }}` lists them.")
    return value


def _parse_decimal(value: Any) -> Decimal:
    try:
        number = Decimal(value) if isinstance(value, str) else None
    except InvalidOperation:
        number = None
    if number is None or not number.is_finite():
        raise BadInput(f'{_shown(value)} is not a decimal number in quotes, such as "1200.5".')
    return number


def _parse_sha256(value: Any) -> str:
    if not isinstance(value, str) or not _SHA256.fullmatch(value):
        raise BadInput(f"{_shown(value)} is not a SHA-256 digest in lower-case hex.")
    return value


def _scalar(name: str, description: str, serialize: Any, parse: Any, url: str | None = None) -> Any:
    return strawberry.scalar(
        name=name,
        description=description,
        serialize=serialize,
        parse_value=parse,
        specified_by_url=url,
    )


SCALARS: dict[object, ScalarDefinition] = {
    Date: _scalar(
        "Date",
        "A calendar day as `YYYY-MM-DD`, as the registry wrote it (no time zone is applied).",
        str,
        _parse_date,
        "https://scalars.graphql.org/andimarek/local-date",
    ),
    DateTime: _scalar(
        "DateTime",
        "An instant in RFC 3339, always in UTC with `Z`.",
        _print_datetime,
        _parse_datetime,
        "https://scalars.graphql.org/andimarek/date-time",
    ),
    Decimal: _scalar(
        "Decimal",
        "An exact decimal number as a string, so that no client rounds it.",
        quantity_text,
        _parse_decimal,
        "https://scalars.graphql.org/chillicream/decimal",
    ),
    CountryCode: _scalar(
        "CountryCode",
        "An ISO 3166-1 alpha-2 country code in capitals (`XK` for Kosovo by common use).",
        str,
        _parse_country,
    ),
    RegistryKey: _scalar(
        "RegistryKey",
        "The gateway's key of a registry, such as `verra`; `registries { key }` lists them.",
        str,
        _parse_registry,
    ),
    Duration: _scalar(
        "Duration",
        "A length of time as an ISO 8601 duration in days or smaller parts, such as `PT5M`.",
        print_duration,
        parse_duration,
    ),
    Sha256: _scalar(
        "Sha256", "A SHA-256 digest (FIPS 180-4) in lower-case hex.", str, _parse_sha256
    ),
    Url: _scalar(
        "URL",
        "An absolute URL, as the source wrote it.",
        str,
        str,
        "https://scalars.graphql.org/chillicream/url",
    ),
}
SCALARS[Instant] = SCALARS[DateTime]
