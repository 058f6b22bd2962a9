// The GraphQL over HTTP audit of the npm package `graphql-http`, against a running gateway:
//   node audit.mjs http://127.0.0.1:8000/graphql
// Every one of its audits must be ok; a warning counts as a failure here.
import { auditServer } from "graphql-http";

const EXPECTED = 61;
const results = await auditServer({ url: process.argv[2], fetchFn: fetch });
for (const result of results) {
  if (result.status !== "ok") {
    console.log(`${result.status} ${result.id} ${result.name}: ${result.reason}`);
  }
}
const passed = results.filter((result) => result.status === "ok").length;
console.log(`graphql-http audit: ${passed} of ${results.length} ok`);
process.exit(passed === results.length && results.length >= EXPECTED ? 0 : 1);
