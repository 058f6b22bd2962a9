"""The schemes of codes that `lookup` knows."""

from gateway.schema.described import said, table
from gateway.schema.enums import RecordKind
from gateway.schema.scalars import RegistryKey
from gateway.schema.volatility import Volatility


@table(
    "LookupScheme", "A scheme of codes, in a registry that knows it (gateway).", Volatility.SETTINGS
)
class LookupScheme:
    scheme: str = said("Its name, as in `lookup` and in `identifiers` (gateway).")
    registry: RegistryKey = said("The registry that is asked for it (gateway).")
    kind: RecordKind | None = said("What the codes are of (gateway).")
    example: str | None = said("A code as records show it; invented (gateway).")
    pattern: str | None = said("A regular expression that its codes fit (gateway).")
