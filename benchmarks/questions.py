"""The three questions, as each competitor is asked them.

Q1: one project by id, 10 fields. Q2: three registries, 100 projects each, 20 fields, for us and
for the hand-written gateway as one merged page of 300. Q3: 100 projects with their retired
blocks, read with one batched call. Peers neither harmonise nor sign; Hive answers with the
registries' own fields and does not merge.
"""

from __future__ import annotations

ID_MARK = "@ID@"

_TEN = (
    "id projectId projectName projectDeveloper program sector projectType projectStatus "
    "methodology updatedAt"
)
_TWENTY = (
    "id projectId projectName projectDescription projectLink projectDeveloper program "
    "currentRegistry sector projectType projectStatus projectStatusRaw projectStatusDate "
    "unitMetric methodology coveredByNdc registrationDate updatedAt "
    "projectLocations { country inCountryRegion }"
)
_UNIT = (
    "id unitSerialId unitCount vintageYear unitStatus unitStatusDate unitRetirementBeneficiary "
    "unitType"
)

Q1 = f'{{ project(id: "{ID_MARK}") {{ {_TEN} }} }}'
Q2 = (
    '{ projects(first: 300, registries: ["verra", "gold-standard", "cad-trust"]) '
    f"{{ nodes {{ {_TWENTY} }} pageInfo {{ hasNextPage endCursor }} "
    "coverage { registry outcome complete } } }"
)
Q3 = (
    '{ projects(first: 100, registries: ["verra"]) { nodes { id projectName projectStatus '
    f"units(first: 5, where: {{ unitStatus: {{ eq: RETIRED }} }}) {{ nodes {{ {_UNIT} }} }} }} "
    "coverage { registry outcome complete } } }"
)
OURS = {"Q1": Q1, "Q2": Q2, "Q3": Q3}

MERCURIUS = {
    "Q1": f'{{ project(id: "{ID_MARK}") {{ {_TEN} }} }}',
    "Q2": (
        '{ projects(registries: ["verra", "gold-standard", "cad-trust"]) '
        f"{{ nodes {{ {_TWENTY} }} }} }}"
    ),
    "Q3": (
        '{ projects(registries: ["verra"]) { nodes { id projectName projectStatus '
        f"units {{ {_UNIT} }} }} }} }}"
    ),
}

# The registries' own fields, as many as in the others' questions.
_HIVE_CAD_TRUST = (
    "warehouseProjectId projectId projectName description projectLink projectDeveloper program "
    "currentRegistry sector projectType projectStatus registryOfOrigin projectStatusDate "
    "unitMetric methodology coveredByNDC validationDate updatedAt "
    "projectLocations { country inCountryRegion }"
)
_HIVE_GOLD = (
    "id sustaincert_id name description sustaincert_url project_developer type size status "
    "gsf_standards_version methodology country country_code updated_at created_at carbon_stream "
    "estimated_annual_credits crediting_period_start_date crediting_period_end_date "
    "programme_of_activities"
)
_HIVE_VERRA = (
    "entityId projectId projectName projectDescription accountName standardName status "
    "sectoralScope methodologies proponents validatorName afoluNames creditPeriodStartDate "
    "creditPeriodEndDate avgAnnualVolVcu verraProjectRegistrationDate modifiedDate "
    "countryName stateProvince publicStateNameEn"
)
HIVE = {
    "Q1": (
        f'{{ project(warehouseProjectId: "{ID_MARK}") {{ warehouseProjectId projectId projectName '
        "projectDeveloper program sector projectType projectStatus methodology updatedAt } }"
    ),
    "Q2": (
        f"{{ verraProjects {{ entities {{ {_HIVE_VERRA} }} }} "
        f"goldStandardProjects {{ {_HIVE_GOLD} }} "
        f"cadTrustProjects {{ data {{ {_HIVE_CAD_TRUST} }} }} }}"
    ),
    "Q3": (
        "{ verraProjects { entities { entityId projectName status retiredBlocks { entityId "
        "serialNo holdingQuantity vintage unitType retiredDate beneficialOwner projectId } } } }"
    ),
}
