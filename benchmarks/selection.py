"""The fields that the growth figures ask for: any number of those a CAD Trust project has."""

from __future__ import annotations

_SCALARS = (
    "id projectId projectName projectStatus updatedAt projectDescription projectLink "
    "projectDeveloper program currentRegistry sector projectType projectStatusRaw "
    "projectStatusDate unitMetric methodology coveredByNdc registrationDate registryOfOrigin "
    "originProjectId registry orgUid cadTrustProjectId cadTrustReferenceProjectId "
    "currentRegistryRaw registryOfOriginRaw sectorRaw sectors projectTypeRaw projectTypes "
    "projectSubtype projectTags coveredByNdcRaw ndcInformation projectStatusDateRaw unitMetricRaw "
    "methodologyRaw validationBody validationDate validationDateRaw registrationDateRaw "
    "updatedAtRaw"
)
_CHILDREN = {
    "projectLocations": "country countryRaw inCountryRegion geographicIdentifier",
    "estimations": "estimationId creditingPeriodStart creditingPeriodEnd unitCount",
    "labels": "labelId label labelType labelLink unitQuantity",
    "coBenefits": "coBenefitId coBenefit sdg",
    "projectRatings": "ratingType rating",
}
_OWN = _SCALARS.split()
MOST = len(_OWN) + sum(len(inner.split()) for inner in _CHILDREN.values())


def selection(count: int) -> str:
    """So many fields, those of children last; `count` is at most `MOST`."""
    chosen = _OWN[:count]
    left = count - len(chosen)
    for name, inner in _CHILDREN.items():
        some = inner.split()[:left]
        if some:
            chosen = [*chosen, f"{name} {{ {' '.join(some)} }}"]
        left -= len(some)
    return " ".join(chosen)


def page(registries: list[str], first: int, fields: str) -> str:
    """A page of projects, with where it ends. The place to begin at is the variable `after`."""
    named = ", ".join(f'"{key}"' for key in registries)
    return (
        f"query ($after: String) {{ projects(first: {first}, after: $after, registries: [{named}]) "
        f"{{ nodes {{ {fields} }} pageInfo {{ hasNextPage endCursor }} "
        "coverage { registry outcome complete } } }"
    )


ONE = (
    "query ($id: ID!) { project(id: $id) { id projectId projectName projectDeveloper program "
    "sector projectType projectStatus methodology updatedAt } }"
)
