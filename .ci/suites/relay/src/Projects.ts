// Pages and refetches as Relay's compiler demands them of a server's schema.
import { graphql } from "relay-runtime";

export const query = graphql`
  query ProjectsQuery($where: ProjectWhere) {
    ...Projects_query @arguments(where: $where)
    node(id: "cgw:verra:project:901002") {
      id
      ...Projects_units @alias(as: "units")
    }
  }
`;

export const projects = graphql`
  fragment Projects_query on Query
  @refetchable(queryName: "ProjectsPaginationQuery")
  @argumentDefinitions(
    where: { type: "ProjectWhere" }
    first: { type: "Int", defaultValue: 5 }
    after: { type: "String" }
  ) {
    projects(where: $where, first: $first, after: $after) @connection(key: "Projects_projects") {
      edges {
        node {
          id
          projectName
          ...Projects_units
        }
      }
    }
  }
`;

export const units = graphql`
  fragment Projects_units on Project
  @refetchable(queryName: "ProjectsUnitsQuery")
  @argumentDefinitions(
    first: { type: "Int", defaultValue: 3 }
    after: { type: "String" }
  ) {
    units(first: $first, after: $after) @connection(key: "Project_units") {
      edges {
        node {
          id
          unitCount
        }
      }
    }
  }
`;
