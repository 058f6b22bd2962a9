// Checks a signed answer with nothing of this project: npm's jose and canonicalize.
// node .ci/jose-verify.mjs response.json jwks.json; the packages are in .ci/jose-packages.txt.
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import canonicalize from "canonicalize";
import { createLocalJWKSet, flattenedVerify } from "jose";

const [response, jwks] = await Promise.all(
  process.argv.slice(2, 4).map(async (name) => JSON.parse(await readFile(name, "utf8"))),
);
const { statement, signatures } = response.extensions.provenance;
const payload = Buffer.from(canonicalize(statement)).toString("base64url");
for (const signature of signatures) {
  const { protectedHeader } = await flattenedVerify(
    { ...signature, payload },
    createLocalJWKSet(jwks),
    { algorithms: ["Ed25519"] },
  );
  if (protectedHeader.typ !== "cgw-provenance+jws") throw new Error("another type of signature");
  console.log(`signed with ${protectedHeader.kid}`);
}
const answer = {};
for (const name of ["data", "errors"]) if (name in response) answer[name] = response[name];
const digest = createHash("sha256").update(canonicalize(answer)).digest("hex");
if (digest !== statement.subject[0].digest.sha256) throw new Error("the answer was changed");
console.log("valid");
