"""Questions that show what the gateway is for: GraphiQL opens with one, the demo asks one."""

SANDBOX = """\
# One wind farm, in every registry that tells of it.
query AcrossRegistries(
  $where: ProjectWhere = { projectName: { startsWith: "Hazelmere Wind Farm" } }
) {
  projects(where: $where, first: 10) {
    nodes {
      registry
      projectId
      projectName
      projectStatus
      projectStatusRaw
      sameAs {
        links {
          basis
          project { registry projectId projectStatus }
        }
      }
      units(first: 3) {
        nodes { unitSerialId unitCount unitStatus vintageYear }
      }
    }
    coverage { registry outcome returned complete latencyMs }
  }
}
"""

LIVE = """\
# Projects in Kenya, from every registry that is configured, and who was asked.
query AcrossRegistries {
  projects(where: { country: { eq: "KE" } }, first: 10) {
    nodes {
      registry
      projectId
      projectName
      projectStatus
      projectStatusRaw
    }
    coverage { registry outcome returned complete latencyMs asOf message }
  }
}
"""
