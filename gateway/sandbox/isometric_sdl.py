"""The part of Isometric's schema that its site asks for, as far as captures and notes show it."""

SDL = """
type Query {
  projects(
    first: Int, after: String, last: Int, sort: ProjectSort, filter: ProjectFilter
  ): ProjectConnection!
  issuances(first: Int, after: String, last: Int): IssuanceConnection!
}

input ProjectSort { field: ProjectSortField! direction: SortDirection! }
enum ProjectSortField { NAME }
enum SortDirection { ASCENDING DESCENDING }
input ProjectFilter { statusIn: [ProjectStatus!] }
enum ProjectStatus { UNDER_VALIDATION VALIDATED VALIDATION_UNSUCCESSFUL CANCELLED }

type PageInfo { hasNextPage: Boolean! endCursor: String }
type ProjectConnection { nodes: [Project!]! pageInfo: PageInfo! totalCount: Int! }
type IssuanceConnection { nodes: [Issuance!]! pageInfo: PageInfo! totalCount: Int! }

type Project {
  id: ID!
  name: String!
  shortCode: String
  status: ProjectStatus!
  description: String
  shortDescription: String
  durability: String
  country: Country
  location: Location
  process: Process
  supplier: Supplier
  validatedAt: String
  creditingPeriodStart: String
  creditingPeriodEnd: String
}
type Country { isoAlpha3Code: String! name: String! }
type Location { name: String }
type Process { pathway: Pathway! }
type Pathway { shortName: String! name: String! }
type Supplier { id: ID! organisation: Organisation! }
type Organisation { id: ID! name: String! imageUrl: String }

type Issuance {
  id: ID!
  createdAt: String!
  creditBatchSizeTotal: Size!
  bufferPoolBatchSize: Size!
  supplierBatchSize: Size!
  project: Project!
  supplier: Supplier!
  supplierCreditBatches: [CreditBatch!]!
  bufferPoolCreditBatches: [CreditBatch!]!
  ghgStatement: GhgStatement!
}
type Size { credits: Float! creditsKg: String! }
type CreditBatch {
  id: ID!
  serialNumber: String!
  issuedAt: String!
  sequesteredOn: String!
  status: String!
  countryOfIssue: String!
  ccpApproved: Boolean
  size: Size!
  feedstockName: String
}
type GhgStatement {
  id: ID!
  reportingPeriodStartAt: String!
  reportingPeriodEndAt: String!
  status: String!
}
"""
