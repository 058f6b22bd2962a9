// A gateway written by hand for these three registries: one schema, one loader per registry,
// fields renamed and nothing else. JIT on from the first request.
import Fastify from 'fastify';
import mercurius from 'mercurius';
import { Agent, request } from 'undici';

const [port, origin] = [Number(process.argv[2]), process.argv[3]];
const caching = process.argv.includes('--cache');
const dispatcher = new Agent({ connections: 64, keepAliveTimeout: 60_000 });
const search = (ledger) => `/verra/raas-report-api/es/public/${ledger}/publicReportPageSearch`;
const kept = new Map();

async function read(path, body) {
  if (caching && kept.has(path)) return kept.get(path);
  const options = { dispatcher };
  if (body) {
    options.method = 'POST';
    options.body = JSON.stringify(body);
    options.headers = { 'content-type': 'application/json' };
  }
  const answer = await request(origin + path, options);
  if (answer.statusCode !== 200) throw new Error(`status ${answer.statusCode}`);
  const value = await answer.body.json();
  if (caching) kept.set(path, value);
  return value;
}

const cadTrust = (row) => ({
  id: `cad-trust:${row.warehouseProjectId}`,
  projectId: row.projectId,
  projectName: row.projectName,
  projectDescription: row.description,
  projectLink: row.projectLink,
  projectDeveloper: row.projectDeveloper,
  program: row.program,
  currentRegistry: row.currentRegistry,
  sector: row.sector,
  projectType: row.projectType,
  projectStatus: row.projectStatus,
  projectStatusRaw: row.projectStatus,
  projectStatusDate: row.projectStatusDate,
  unitMetric: row.unitMetric,
  methodology: row.methodology,
  coveredByNdc: row.coveredByNDC,
  registrationDate: null,
  updatedAt: row.updatedAt,
  projectLocations: row.projectLocations,
});

const goldStandard = (row) => ({
  id: `gold-standard:${row.sustaincert_id}`,
  projectId: row.sustaincert_id,
  projectName: row.name,
  projectDescription: row.description,
  projectLink: row.sustaincert_url,
  projectDeveloper: row.project_developer,
  program: row.programme_of_activities,
  currentRegistry: 'Gold Standard',
  sector: null,
  projectType: row.type,
  projectStatus: row.status,
  projectStatusRaw: row.status,
  projectStatusDate: null,
  unitMetric: 'tCO2e',
  methodology: row.methodology,
  coveredByNdc: null,
  registrationDate: null,
  updatedAt: row.updated_at,
  projectLocations: [{ country: row.country_code, inCountryRegion: row.state }],
});

const verra = (row) => ({
  id: `verra:${row.projectId}`,
  key: row.projectId,
  projectId: row.projectId,
  projectName: row.projectName,
  projectDescription: row.projectDescription,
  projectLink: null,
  projectDeveloper: row.proponents,
  program: row.standardName,
  currentRegistry: 'Verra',
  sector: row.sectoralScope,
  projectType: row.afoluNames,
  projectStatus: row.status,
  projectStatusRaw: row.status,
  projectStatusDate: null,
  unitMetric: 'tCO2e',
  methodology: row.methodologies,
  coveredByNdc: null,
  registrationDate: row.verraProjectRegistrationDate,
  updatedAt: row.modifiedDate,
  projectLocations: [{ country: row.countryName, inCountryRegion: row.stateProvince }],
});

const unit = (row) => ({
  id: row.serialNo,
  unitSerialId: row.serialNo,
  unitCount: row.holdingQuantity,
  vintageYear: row.vintage,
  unitStatus: 'RETIRED',
  unitStatusDate: row.retiredDate,
  unitRetirementBeneficiary: row.beneficialOwner,
  unitType: row.unitType,
});

const listing = { searchFilter: { pagination: { start: 0, limit: 400 }, filterModel: {} } };
const lists = {
  'cad-trust': async () => (await read('/cad-trust/v1/projects?page=1&limit=400')).data.map(cadTrust),
  'gold-standard': async () =>
    (await read('/gold-standard/projects?page=1&size=150')).map(goldStandard),
  verra: async () => (await read(search('project'), listing)).entities.map(verra),
};

const schema = `
  type Query {
    project(id: ID!): Project
    projects(registries: [String!]!): ProjectPage!
  }
  type ProjectPage { nodes: [Project!]! }
  type Project {
    id: ID! projectId: String projectName: String projectDescription: String projectLink: String
    projectDeveloper: String program: String currentRegistry: String sector: String
    projectType: String projectStatus: String projectStatusRaw: String projectStatusDate: String
    unitMetric: String methodology: String coveredByNdc: String registrationDate: String
    updatedAt: String projectLocations: [Location!] units: [Unit!]
  }
  type Location { country: String inCountryRegion: String }
  type Unit {
    id: ID! unitSerialId: String unitCount: String vintageYear: String unitStatus: String
    unitStatusDate: String unitRetirementBeneficiary: String unitType: String
  }
`;

const resolvers = {
  Query: {
    project: async (_, { id }) =>
      cadTrust(await read(`/cad-trust/v1/projects?warehouseProjectId=${id.split(':').pop()}`)),
    projects: async (_, { registries }) => {
      const found = await Promise.all(registries.map((registry) => lists[registry]()));
      return { nodes: found.flat() };
    },
  },
};

const loaders = {
  Project: {
    units: async (queries) => {
      const keys = queries.map(({ obj }) => String(obj.key));
      const filter = { columnFilters: [{ filterType: 'Text', type: 'in', strList: keys }] };
      const asked = {
        searchFilter: { pagination: { start: 0, limit: 400 }, filterModel: { projectId: filter } },
      };
      const { entities } = await read(search('retirements'), asked);
      const groups = new Map(keys.map((key) => [key, []]));
      for (const row of entities) groups.get(String(row.projectId))?.push(unit(row));
      return keys.map((key) => groups.get(key));
    },
  },
};

const app = Fastify();
app.register(mercurius, { schema, resolvers, loaders, jit: 1, graphiql: false });
await app.listen({ host: '127.0.0.1', port });
