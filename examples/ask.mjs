// Asks a gateway; what it hands on was checked first. No dependencies, Node 20+ and browsers.
//
//   node examples/ask.mjs http://127.0.0.1:8000 [jwks.json]
//
//   import { gateway } from "./ask.mjs";
//   const ask = await gateway("https://gateway.example", jwks);
//   const { projects } = await ask(query, variables);

import { parse, verifyingFetch } from "./verify.mjs";

/**
 * A function (query, variables) => data. `jwks` is the operator's key set; without one the
 * gateway's own is taken, which shows only that nobody changed the answer on its way.
 */
export async function gateway(origin, jwks) {
  const own = async (init) => parse(await (await fetch(`${origin}/.well-known/jwks.json`, init)).text());
  const send = verifyingFetch(jwks ?? own);
  return async (query, variables = {}) => {
    const reply = await send(`${origin}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json" },
      body: JSON.stringify({ query, variables }),
    });
    const { data, errors } = await reply.json();
    if (errors) throw new Error(errors.map((error) => error.message).join("\n"));
    return data;
  };
}

const QUERY = `
  query Held($where: ProjectWhere) {
    projects(where: $where, first: 5) {
      nodes { registry projectId projectName }
      coverage { registry outcome message }
    }
  }
`;

async function main(origin, keySet) {
  const { readFile } = await import("node:fs/promises");
  const ask = await gateway(origin, keySet && parse(await readFile(keySet, "utf8")));
  const { projects } = await ask(QUERY, { where: { projectName: { startsWith: "Hazelmere" } } });
  for (const { registry, projectId, projectName } of projects.nodes) {
    console.log([registry, projectId, projectName].join("\t"));
  }
  for (const { registry, outcome, message } of projects.coverage) {
    if (outcome !== "OK") console.log(`missing: ${registry} (${outcome}): ${message}`);
  }
}

if (globalThis.process?.argv?.[1]) {
  const { pathToFileURL } = await import("node:url");
  if (pathToFileURL(process.argv[1]).href === import.meta.url) await main(...process.argv.slice(2));
}
