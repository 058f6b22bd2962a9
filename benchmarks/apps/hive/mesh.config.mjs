// Composes the supergraph of the REST registries from their OpenAPI descriptions.
import { readdirSync } from 'node:fs';
import { defineConfig } from '@graphql-mesh/compose-cli';
import { loadOpenAPISubgraph } from '@omnigraph/openapi';

const names = readdirSync('openapi').map((file) => file.replace('.json', ''));

export const composeConfig = defineConfig({
  subgraphs: names.map((name) => ({
    sourceHandler: loadOpenAPISubgraph(name, { source: `./openapi/${name}.json` }),
  })),
});
