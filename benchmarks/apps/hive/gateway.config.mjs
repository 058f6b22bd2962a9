// Hive Gateway over the composed supergraph; the nested blocks are read with one batched call.
import { defineConfig } from '@graphql-hive/gateway';
import { resolveAdditionalResolversWithoutImport } from '@graphql-mesh/utils';

const caching = process.env.BENCH_CACHE === '1';

export const gatewayConfig = defineConfig({
  supergraph: './supergraph.graphql',
  additionalTypeDefs: /* GraphQL */ `
    extend type VerraProjects_entitiesItemRow { retiredBlocks: [VerraRetirements_entitiesItemRow!] }
  `,
  additionalResolvers: [
    resolveAdditionalResolversWithoutImport({
      targetTypeName: 'VerraProjects_entitiesItemRow',
      targetFieldName: 'retiredBlocks',
      sourceName: 'Verra',
      sourceTypeName: 'Query',
      sourceFieldName: 'verraRetirements',
      keyField: 'projectId',
      keysArg: 'projectIds',
      valueKeyField: 'projectId',
      result: 'entities',
    }),
  ],
  ...(caching ? { cache: { type: 'localforage' }, responseCaching: { session: () => null } } : {}),
  landingPage: false,
  graphiql: false,
  logging: 'error',
});
