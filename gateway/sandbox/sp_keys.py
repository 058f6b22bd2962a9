"""The keys of the S&P Global platform's rows, all of them, in the order in which it sends them."""

from __future__ import annotations


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


PROJECT = _names("""
    id entityId esUpdatedOn standardId standardName accountId accountName modifiedDate
    auxiliaries status publicStateNameEn projectId projectName projectDescription
    environmentalCategory piusListed projectStartDate projectActivationDate
    projectPublicVisibility statePublicVisibility projectSubmittedDate projectRegistrationDate
    projectEndDate masterProjectId masterProjectName projectType vcsProjectId validatorName
    validatorId ragRating stateCode units countryId countryName city stateProvince
    gridReference latitude longitude accountExternalIdentifier certification
    additionalCertification additionalGoalInfo complianceEligibility projectSubmissionId
    submissionDate startDate latitudeLongitude sectoralScope
    unitsIssuedInPermanenceBufferAccount unitsIssuedInCorrespondingAdjustmentReserveAccount
    unitsIssuedInCountrySopReserveAccount electricityGenerated plasticCredits exanteQuantity
    unitsGhgEmissionReduction unitsIssued unitsInOmgeAccount unitsInAppFundAccount hcloaName
    corrAdjustmentName projectCategory projectActivityType considerAccountPrivate
    authorizedRepresentative methodologies ccbStandardTypeId ccbStandardTypeName
    periodOfValidityStart verraProjectRegistrationDate regionId regionName area website
    proponents afoluNames avgAnnualVolVcu otherGhgProgramName otherGhgProgramId
    registeredOtherGhgProgram jnrProgramProjectName creditPeriodStartDate creditPeriodEndDate
    sdContributions projectSize projectSizeId creditPeriodTerm creditPeriod
    jurisdictionalStatus jurisdictionalStatusId jnrScenario jnrScenarioId dateOfInactivity
    linkedVcsProjectId registeredInVcs estimatedAnnualCarbonDioxideRemovals
    estimatedEmissionsAnnualReduction projectMaterialTypes projectEndOfLifeSelections
""")
ISSUANCE = _names("""
    id entityId esUpdatedOn standardId standardName accountId accountName modifiedDate
    auxiliaries projectId vcsProjectId projectName publicProjectId publicProjectName
    projectType externalAccountId vintage holdingQuantity serialNo unitType unitClass
    issuanceRequestedDate unitMeasurementName issueDate publicVisibility validatorId
    issuancePublicVisibility projectSubmissionId additionalCertification
    unitsIssuedInPermanenceBufferAccount unitsIssuedInCorrespondingAdjustmentReserveAccount
    unitsIssuedInCountrySopReserveAccount exanteQuantity omgeQuantity adaptationFundQuantity
    location complianceEligibility additionalGoalInfo hcloaName corrAdjustmentName
    periodStartDate periodEndDate verifierName holdingQuantityAcc holdingQuantityArec
    projectCategory projectActivityType considerAccountPrivate regionId regionName countryId
    countryName stateProvince city sectoralScope methodologies stateCode stateName goalId
    goals jnrScenarioId jnrScenarioName jurisdictionalStatusId jurisdictionalStatusName
    creditingPeriodDuration creditingPeriodTerm projectMaterialTypes
    projectEndOfLifeSelections creditingPeriodDurationStartDate creditingPeriodDurationEndDate
""")
HOLDING = _names("""
    id entityId esUpdatedOn standardId standardName accountId accountName modifiedDate
    auxiliaries accountPublicVisibility accountStatePublicVisibility accountStateCode
    publicVisibility unitType holdingQuantity holdingQuantityAcc holdingQuantityArec
    monitoringPeriodStart monitoringPeriodEnd projectId projectName publicProjectId
    publicProjectName vcsProjectId vintage serialNo unitMeasurementName unitClassName
    unitClassCode stateCode status projectSubmissionId projectType verifierName
    additionalCertification location complianceEligibility additionalGoalInfo hcloaName
    corrAdjustmentName sourceCountry destinationCountry transferDate isBuffer projectCategory
    projectActivityType subAccountId subAccountName externalAccountId externalSubAccountId
    sectoralScope regionId regionName countryId countryName stateProvince city methodologies
    creditingPeriodDuration creditingPeriodTerm issueDate projectMaterialTypes
    projectEndOfLifeSelections sdContributions jnrScenarioId jnrScenarioName
    jurisdictionalStatusId jurisdictionalStatusName statePublicVisibility
    creditingPeriodDurationStartDate creditingPeriodDurationEndDate
""")
RETIREMENT = _names("""
    id entityId esUpdatedOn standardId standardName accountId accountName modifiedDate
    auxiliaries accountPublicVisibility accountStatePublicVisibility accountStateCode
    publicVisibility unitType holdingQuantity holdingQuantityAcc holdingQuantityArec
    monitoringPeriodStart monitoringPeriodEnd projectId projectName publicProjectId
    publicProjectName additionalCertification vintage serialNo unitMeasurementName retiredDate
    beneficialOwner beneficiaryLocation retirementRemarks className classCode additionalInfo
    vcsProjectId projectSubmissionId projectType verifierName location complianceEligibility
    additionalGoalInfo hcloaName corrAdjustmentName actionPurpose projectCategory
    projectActivityType considerAccountPrivate subAccountId subAccountName externalAccountId
    externalSubAccountId regionId regionName countryId countryName stateProvince city
    sectoralScope methodologies periodStartDate periodEndDate creditPeriodTerm stateCode
    stateNameEn goalId goals jnrScenarioId jnrScenarioName jurisdictionalStatusId
    jurisdictionalStatusName projectMaterialTypes projectEndOfLifeSelections
    makeBeneficialOwnerPublic retirementReason makeRetirementReasonPublic
    retirementReasonDetails makeRetirementReasonDetailsPublic emailNotification
    statePublicVisibility creditingPeriodDurationStartDate creditingPeriodDurationEndDate
""")
CANCELLATION = _names("""
    id entityId esUpdatedOn standardId standardName accountId accountName modifiedDate
    auxiliaries accountPublicVisibility accountStatePublicVisibility accountStateCode
    publicVisibility unitType holdingQuantity holdingQuantityAcc holdingQuantityArec
    monitoringPeriodStart monitoringPeriodEnd projectId projectName publicProjectId
    publicProjectName trading_name vcsProjectId project_name additional_certification vintage
    serial_no unit_measurement_name retired_date retirement_remarks block_start block_end
    unit_class_name unit_class_code location project_type_name verifier_account_name
    additional_goal_info corresponding_adjustment_status cancellation_purpose
    cancelling_country aquiring_country countryId countryName cancellation_date
    cancellation_remarks project_submission_id monitoring_period_start monitoring_period_end
    applied_methodology letter_of_auth_hcloa market_eligibility projectCategory
    projectActivityType considerAccountPrivate subAccountId subAccountName externalAccountId
    externalSubAccountId sectoralScope regionId regionName stateProvince city methodologies
    creditingPeriodTerm status cancellationReasonDetails makeCancellationReasonDetailsPublic
    makeCancellationReasonPublic cancellationReason projectMaterialTypes
    projectEndOfLifeSelections sdContributions jnrScenarioId jnrScenarioName
    jurisdictionalStatusId jurisdictionalStatusName statePublicVisibility
    creditingPeriodDurationStartDate creditingPeriodDurationEndDate
""")
