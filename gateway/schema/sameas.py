"""Links between the records of one project in several registries."""

from gateway.schema.described import said, table
from gateway.schema.enums import SameAsBasis
from gateway.schema.paging import RegistryCoverage
from gateway.schema.project import Project
from gateway.schema.volatility import Volatility


@table(
    "SameAs",
    "A link to another registry's record of the same project (gateway).",
    Volatility.RECORD,
)
class SameAs:
    project: Project = said("The other record, with its own provenance (gateway).")
    basis: SameAsBasis = said("What the link rests on (gateway).")
    stated_by: str = said("Global id of the record that states it (gateway).")
    statement: str = said("What that record says, in its own words (gateway).")


@table(
    "SameAsLinks",
    "All links found, and which registries could be asked for them (gateway).",
    Volatility.RECORD,
)
class SameAsLinks:
    links: list[SameAs] = said("The links (gateway).")
    coverage: list[RegistryCoverage] = said("One row per registry asked for links (gateway).")
