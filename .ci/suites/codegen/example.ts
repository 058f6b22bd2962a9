// A caller of generated types: it compiles only while they say what the schema says.
import type { ProjectsQuery, ProjectsQueryVariables } from "./operations.js";
import type { Unit } from "./schema.js";

export const variables: ProjectsQueryVariables = { where: { country: { eq: "KE" } } };

/** Tonnes held, exactly: a Decimal is a string. */
export function held(data: ProjectsQuery): bigint {
  return data.projects.nodes
    .flatMap((project) => project.units.nodes)
    .filter((unit) => unit.unitStatus === "HELD")
    .reduce((sum, unit) => sum + BigInt(unit.unitCount ?? "0"), 0n);
}

// @ts-expect-error: there is no such status
export const unknown: ProjectsQueryVariables = { where: { projectStatus: { eq: "SOLD" } } };

// @ts-expect-error: what a registry does not say is null
export const always: string = (undefined as unknown as Unit).unitOwner;
