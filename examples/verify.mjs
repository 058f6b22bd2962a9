// Checks signed answers of carbon-gateway. No dependencies: WebCrypto, in browsers and in Node 20+.
//
//   node verify.mjs response.json jwks.json [query.graphql [variables.json]]
//
//   import { parse, verifyResponse, verifyingFetch } from "./verify.mjs";
//   const verdict = await verifyResponse(parse(text), jwks, { query, variables, operationName });
//   if (!verdict.valid) throw new Error(verdict.findings.map((f) => f.text).join("\n"));
//
// docs/provenance.md specifies every step. Exit codes: 0 valid, 1 invalid, 2 valid but with
// incomplete evidence, 64 wrong usage.

const STATEMENT = "https://in-toto.io/Statement/v1";
const PREDICATE = "https://w3id.org/carbon-gateway/provenance/response/v1";
const HEADER = { alg: "Ed25519", cty: "vnd.in-toto+json", typ: "cgw-provenance+jws" };
const SKEW_MS = 120_000;

class Refused extends Error {}

/** A number that was not written as an integer of at most 2^53-1; no signed value has one. */
class Inexact {
  constructor(text) {
    this.text = text;
  }
}

const refuse = (text) => {
  throw new Refused(text);
};

const encoder = new TextEncoder();
const hex = (bytes) => Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
const sha256 = async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
const digest = async (value) => hex(await sha256(encoder.encode(canonical(value))));

/** Reads JSON strictly: each key once, no lone surrogates, numbers that keep their digits. */
export function parse(text) {
  let at = 0;
  const fail = (why) => refuse(`not JSON at character ${at}: ${why}`);
  const blank = () => {
    while (at < text.length && " \t\n\r".includes(text[at])) at += 1;
  };
  const expect = (mark) => (text[at] === mark ? (at += 1) : fail(`"${mark}" is missing`));
  const string = () => {
    const match = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
    match.lastIndex = at;
    const found = match.exec(text);
    if (!found) fail("a string is broken");
    at = match.lastIndex;
    const value = JSON.parse(found[0]);
    return /[\ud800-\udfff]/u.test(value) ? fail("a lone surrogate") : value;
  };
  const literal = () => {
    const match = /true|false|null|-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;
    match.lastIndex = at;
    const found = match.exec(text);
    if (!found) fail("a value is missing");
    at = match.lastIndex;
    const value = JSON.parse(found[0]);
    if (typeof value !== "number") return value;
    const exact = !found[1] && !found[2] && Number.isSafeInteger(value);
    return exact ? value : new Inexact(found[0]);
  };
  const value = (depth) => {
    if (depth > 500) fail("nested too deeply");
    blank();
    let found;
    if (text[at] === "{") found = members(depth);
    else if (text[at] === "[") found = items(depth);
    else found = text[at] === '"' ? string() : literal();
    blank();
    return found;
  };
  const members = (depth) => {
    const found = Object.create(null);
    at += 1;
    blank();
    if (text[at] === "}") return (at += 1), found;
    for (;;) {
      blank();
      const key = string();
      if (key in found) fail(`the key ${JSON.stringify(key)} is there twice`);
      blank();
      expect(":");
      found[key] = value(depth + 1);
      if (text[at] === "}") return (at += 1), found;
      expect(",");
    }
  };
  const items = (depth) => {
    const found = [];
    at += 1;
    blank();
    if (text[at] === "]") return (at += 1), found;
    for (;;) {
      found.push(value(depth + 1));
      if (text[at] === "]") return (at += 1), found;
      expect(",");
    }
  };
  const found = value(0);
  return at === text.length ? found : fail("something follows the value");
}

/** RFC 8785: what JSON.stringify writes, with keys in the order of UTF-16 units. */
export function canonical(value) {
  if (value instanceof Inexact) refuse(`the number ${value.text} is none that the gateway writes`);
  if (typeof value === "string" && /[\ud800-\udfff]/u.test(value)) refuse("a lone surrogate");
  if (typeof value === "number" && !Number.isFinite(value)) refuse("a number without a form");
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  const pairs = Object.keys(value).sort();
  return `{${pairs.map((key) => `${canonical(key)}:${canonical(value[key])}`).join(",")}}`;
}

/** Base64url in its one spelling (RFC 7515, 2): no padding, no stray bits. */
export function decode64(text) {
  if (typeof text !== "string" || !/^[A-Za-z0-9_-]*$/.test(text)) refuse("not base64url");
  let binary;
  try {
    binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  } catch {
    refuse("not base64url");
  }
  const bytes = Uint8Array.from(binary, (c) => c.charCodeAt(0));
  if (encode64(bytes) !== text) refuse("base64url that is not canonical");
  return bytes;
}

function encode64(bytes) {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

const isObject = (value) =>
  value !== null && typeof value === "object" && !Array.isArray(value) && !(value instanceof Inexact);

function members(value, what, required, optional = "") {
  if (!isObject(value)) refuse(`${what} is not an object`);
  const needed = required.split(" ");
  for (const name of needed) if (!Object.hasOwn(value, name)) refuse(`${what} has no ${name}`);
  const known = new Set([...needed, ...(optional ? optional.split(" ") : [])]);
  for (const name of Object.keys(value)) {
    if (!known.has(name)) refuse(`${what} has an unknown member ${JSON.stringify(name)}`);
  }
  return value;
}

const list = (value, what) => (Array.isArray(value) ? value : refuse(`${what} is not a list`));
const whole = (value, what) =>
  Number.isSafeInteger(value) && value >= 0 ? value : refuse(`${what} is not a whole number`);

/** The findings of one verification; `valid` is what counts. */
class Verdict {
  findings = [];
  get valid() {
    const results = this.findings.map((f) => f.result);
    return results.includes("HOLDS") && !results.includes("FAILS");
  }
  get complete() {
    return this.findings.every((f) => f.result !== "UNCHECKED");
  }
  get exitCode() {
    return this.valid ? (this.complete ? 0 : 2) : 1;
  }
  add(check, result, text) {
    this.findings.push({ check, result, text });
  }
  async attempt(check, step) {
    try {
      this.add(check, "HOLDS", await step());
      return true;
    } catch (problem) {
      // Whatever is wrong with a proof, it must not end the program that checks it.
      this.add(check, "FAILS", problem instanceof Refused ? problem.message : `Broken: ${problem}`);
      return false;
    }
  }
}

async function open(statement, signatures) {
  members(statement, "the statement", "_type subject predicateType predicate");
  if (statement._type !== STATEMENT || statement.predicateType !== PREDICATE) {
    refuse("not a statement about an answer of this gateway");
  }
  const subjects = list(statement.subject, "the subject");
  if (subjects.length !== 1 || subjects[0]?.name !== "graphql-response") {
    refuse("the statement is not about a GraphQL response");
  }
  members(
    statement.predicate,
    "the predicate",
    "id issuer issuedAt keyStatus builder request scope sources records stream log",
  );
  if (!list(signatures, "signatures").length) refuse("there is no signature");
  return encode64(encoder.encode(canonical(statement)));
}

async function checkSignatures(verdict, statement, signatures, payload, jwks, pin) {
  const { issuer, issuedAt, keyStatus } = statement.predicate;
  const at = Date.parse(issuedAt) / 1000;
  const kids = [];
  const ok = await verdict.attempt("signature", async () => {
    for (const item of signatures) {
      members(item, "a signature", "protected signature");
      const header = parse(new TextDecoder().decode(decode64(item.protected)));
      members(header, "the signature's header", "alg cty kid typ");
      for (const [name, wanted] of Object.entries(HEADER)) {
        if (header[name] !== wanted) refuse("not an Ed25519 signature of a statement");
      }
      const jwk = await trusted(jwks, header.kid);
      const key = await crypto.subtle.importKey("raw", decode64(jwk.x), "Ed25519", false, ["verify"]);
      const signed = encoder.encode(`${item.protected}.${payload}`);
      const held = await crypto.subtle.verify("Ed25519", key, decode64(item.signature), signed);
      if (!held) refuse(`the signature by ${header.kid} does not hold`);
      if (kids.length && kids[kids.length - 1] >= header.kid) refuse("signatures out of order");
      kids.push(header.kid);
      if (!(at >= (jwk.nbf ?? -Infinity) && at < (jwk.exp ?? Infinity))) {
        refuse("the key was not in use at the time of signing");
      }
      const revoked = jwk.revoked;
      const harmless = ["superseded", "cessationOfOperation"].includes(revoked?.reason);
      if (revoked && !(harmless && at < revoked.revoked_at)) refuse("the key was revoked");
    }
    return `Signed by ${issuer} at ${issuedAt} with key ${kids.join(", ")}.`;
  });
  if (!ok) return false;
  if (pin !== undefined) {
    verdict.add("pin", kids.includes(pin) ? "HOLDS" : "FAILS", `The pinned key is ${pin}.`);
  }
  if (keyStatus !== "PUBLISHED") {
    verdict.add("keyStatus", "UNCHECKED", "THROW-AWAY KEY: nobody can vouch for it.");
  }
  return true;
}

/** The trusted key of this name. The whole set must be right: a private key, a key that is there
 * twice, or under another name than its RFC 7638 thumbprint, is a reason to trust none of it. */
async function trusted(jwks, kid) {
  const found = new Map();
  for (const jwk of list(jwks?.keys, "the key set")) {
    if (!isObject(jwk)) refuse("the key set has an entry that is not a key");
    if (jwk.kty !== "OKP" || jwk.crv !== "Ed25519") continue;
    if ("d" in jwk) refuse("the key set holds a PRIVATE key; treat that key as compromised");
    const alg = "alg" in jwk ? jwk.alg : "Ed25519";
    if (("use" in jwk ? jwk.use : "sig") !== "sig" || !["Ed25519", "EdDSA"].includes(alg)) continue;
    if (decode64(jwk.x).length !== 32) refuse("an Ed25519 key has 32 bytes");
    const members = { crv: "Ed25519", kty: "OKP", x: jwk.x };
    const thumbprint = encode64(await sha256(encoder.encode(canonical(members))));
    if ("kid" in jwk && jwk.kid !== thumbprint) refuse("a key has another key's name");
    if (found.has(thumbprint)) refuse("a key is there twice");
    const revoked = jwk.revoked ?? null;
    if (revoked !== null && !isObject(revoked)) refuse("a key's revocation is not an object");
    for (const time of [jwk.iat, jwk.nbf, jwk.exp, revoked?.revoked_at]) seconds(time);
    if (revoked !== null && typeof revoked.revoked_at !== "number") refuse("a revocation has no time");
    found.set(thumbprint, jwk);
  }
  return found.get(kid) ?? refuse("the signing key is not among the trusted keys");
}

/** A key's time: whole seconds up to the year 9999, or none. */
function seconds(value) {
  if (value === undefined || value === null) return;
  if (!Number.isSafeInteger(value) || value < 0 || value > 253402300799) {
    refuse("a key's time is not a whole number of seconds");
  }
}

/** Whether the answer belongs to this question; its operation, where that is certain. */
async function checkQuestion(verdict, statement, options, answered) {
  const { query, variables } = options;
  const { documentDigest, variablesDigest, operationName } = members(
    statement.predicate.request,
    "the request",
    "documentDigest variablesDigest operationName nonce",
  );
  let fits = true;
  if (query === undefined) {
    verdict.add("question", "UNCHECKED", "What this answers is not known (not checked: the question).");
  } else {
    fits = await verdict.attempt("query", async () => {
      // Editors end files with a line break that was not part of the question.
      for (const text of [query, query.replace(/\n+$/, "")]) {
        const found = hex(await sha256(encoder.encode(text)));
        if (found === documentDigest?.sha256) return "It answers this query.";
      }
      return refuse("It answers another query.");
    });
  }
  if (query !== undefined || variables !== undefined) {
    const same = await verdict.attempt("variables", async () => {
      const asked = variables && Object.keys(variables).length ? await digest(variables) : undefined;
      if (asked !== variablesDigest?.sha256) refuse("It was asked with other variables.");
      return "It was asked with these variables.";
    });
    fits = fits && same;
  }
  if (options.operationName !== undefined) {
    const same = operationName === options.operationName;
    verdict.add("operation", same ? "HOLDS" : "FAILS", `Asked was ${options.operationName}.`);
    fits = fits && same;
  }
  if (query === undefined || !fits || !answered) return undefined;
  try {
    const asked = new Asked(query, operationName);
    asked.checkVariables(variables ?? {});
    const misleading = asked.misnomers();
    if (asked.document.operations.length > 1) {
      verdict.add("operation", "NOTE", `Of the query's operations it answers ${operationName}.`);
    }
    for (const one of misleading.slice(0, 20)) verdict.add("alias", "NOTE", `A name misleads: ${told(one)}.`);
    if (misleading.length > 20) {
      verdict.add("alias", "NOTE", `${misleading.length - 20} further names mislead.`);
    }
    return asked;
  } catch (problem) {
    verdict.add("question", "FAILS", `This cannot be its question: ${problem.message}.`);
    return undefined;
  }
}

// The question: a reader of GraphQL documents that knows operations, variables and selections, and
// what the gateway's fields are called. docs/provenance.md says what it is for.

/** GraphQL, 2.1: what is ignored, punctuators, names, strings, numbers. */
function tokens(text) {
  const token =
    /([\ufeff\t \n\r,]+|#[^\n\r]*)|(\.\.\.|[!$&():=@[\]{|}])|([_A-Za-z]\w*)|("""(?:\\"""|(?!""")[^])*"""|"(?!"")(?:[^"\\\n\r]|\\.)*")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![.\w]))/y;
  const kinds = ["ignored", "mark", "name", "text", "number"];
  const found = [];
  if (text.length > 4 * 1024 * 1024) refuse("the query is longer than any that is answered");
  while (token.lastIndex < text.length) {
    const at = token.lastIndex;
    const match = token.exec(text);
    if (!match) refuse(`the query is no GraphQL at character ${at}`);
    const kind = kinds[match.findIndex((part, i) => i > 0 && part !== undefined) - 1];
    if (kind !== "ignored") found.push({ kind, text: match[0] });
  }
  found.push({ kind: "end", text: "" });
  return found;
}

/** The operations and fragments of a document: `{ operations: [...], fragments: Map }`. */
function readDocument(text) {
  const all = tokens(text);
  let at = 0;
  const fail = () => refuse(`the query cannot be read near token ${at}`);
  const next = () => all[at < all.length - 1 ? at++ : at];
  const is = (mark) => all[at].kind === "mark" && all[at].text === mark;
  const taken = (mark) => is(mark) && ((at += 1), true);
  const expect = (wanted) => next().text === wanted || fail();
  const isName = () => all[at].kind === "name";
  const name = () => (isName() ? next().text : fail());
  const description = () => all[at].kind === "text" && next();
  const value = () => {
    let depth = 0;
    do {
      const { kind, text } = next();
      if (kind === "mark" && "[{".includes(text)) depth += 1;
      else if (kind === "mark" && "]}".includes(text)) depth -= 1;
      else if (kind === "mark" && text === "$") name();
      else if (kind === "end" || (kind === "mark" && (text !== ":" || !depth))) fail();
      if (depth < 0) fail();
    } while (depth);
  };
  const values = () => {
    if (!taken("(")) return;
    while (!taken(")")) name(), expect(":"), value();
  };
  const directives = () => {
    while (taken("@")) name(), values();
  };
  const type = () => {
    let lists = 0;
    while (taken("[")) lists += 1;
    name();
    for (; lists; lists -= 1) taken("!"), expect("]");
    return taken("!");
  };
  const variables = () => {
    const found = new Map();
    if (!taken("(")) return found;
    while (!taken(")")) {
      description();
      expect("$");
      const key = name();
      if (found.has(key)) fail();
      expect(":");
      let needed = type();
      if (taken("=")) value(), (needed = false);
      directives();
      found.set(key, needed);
    }
    return found;
  };
  const selections = (depth = 0) => {
    if (depth > 200) refuse("the query is nested too deeply to be read");
    expect("{");
    const found = [];
    do found.push(selection(depth));
    while (!taken("}"));
    return found;
  };
  const selection = (depth) => {
    if (taken("...")) {
      let on;
      if (isName()) {
        const fragment = name();
        if (fragment !== "on") return directives(), { fragment };
        on = name();
      }
      directives();
      return { on, inside: selections(depth + 1) };
    }
    const key = name();
    const field = taken(":") ? name() : key;
    values();
    directives();
    return { key, name: field, inside: is("{") ? selections(depth + 1) : [] };
  };
  const operations = [];
  const fragments = new Map();
  while (all[at].kind !== "end") {
    description();
    const kind = is("{") ? "query" : name();
    if (kind === "fragment") {
      const key = name();
      if (key === "on" || fragments.has(key)) fail();
      expect("on");
      const on = name();
      directives();
      fragments.set(key, { on, inside: selections() });
    } else if (["query", "mutation", "subscription"].includes(kind)) {
      const short = is("{");
      const key = !short && isName() ? name() : null;
      if (!short && operations.some((one) => one.name === key)) fail();
      const needs = short ? new Map() : variables();
      directives();
      operations.push({ kind, name: key, variables: needs, inside: selections() });
    } else fail();
  }
  return { operations, fragments };
}

/** One operation of a document, and what its names say. */
class Asked {
  constructor(query, operationName) {
    this.document = readDocument(query);
    const wanted = (one) => operationName === null || one.name === operationName;
    const found = this.document.operations.filter(wanted);
    if (!found.length) refuse(`the query has no operation ${operationName ?? ""}`);
    if (found.length > 1) refuse("the query holds several operations, and none is named");
    this.operation = found[0];
    this.start = [this.operation.kind === "query" ? "Query" : undefined, this.operation.inside];
  }

  checkVariables(given) {
    if (!isObject(given)) refuse("the variables are not an object");
    const wanted = this.operation.variables;
    for (const key of Object.keys(given).sort()) {
      if (!wanted.has(key)) refuse(`the operation has no variable ${key}`);
    }
    for (const [key, needed] of wanted) {
      if (needed && (given[key] ?? null) === null) refuse(`the operation needs the variable ${key}`);
    }
  }

  /** The aliases anywhere in the answer that are the name of another field. */
  misnomers() {
    return this.#misnomers([this.start], true);
  }

  /** Refuses the record that stands there where it shows one field under the name of another. */
  checkNames(path) {
    let found = [this.start];
    for (const step of path) {
      if (typeof step !== "string") continue;
      const here = this.#fields(found).filter(([, one]) => one.key === step);
      found = here.map(([kind, one]) => [typeOf(kind, one.name), one.inside]);
    }
    const [first] = this.#misnomers(found, false);
    if (first) refuse(`A record under misleading names is no proof: ${told(first)}.`);
  }

  #misnomers(start, intoRecords) {
    const found = new Map();
    const waiting = [...start];
    const seen = new Map();
    while (waiting.length) {
      for (const [kind, one] of this.#fields([waiting.shift()])) {
        if (one.key !== one.name && means(kind, one.key)) {
          found.set(`${one.key} ${one.name}`, [one.key, one.name]);
        }
        const inner = typeOf(kind, one.name);
        const types = seen.get(one.inside) ?? new Set();
        if (!one.inside.length || types.has(inner)) continue;
        seen.set(one.inside, types.add(inner));
        if (intoRecords || !RECORDS.includes(inner)) waiting.push([inner, one.inside]);
      }
    }
    return [...found.values()];
  }

  /** The fields of these selection sets, fragments opened, each with the type it is of. */
  #fields(sets) {
    const found = [];
    const opened = new Set();
    const waiting = sets.flatMap(([kind, inside]) => inside.map((one) => [kind, one])).reverse();
    while (waiting.length) {
      const [kind, one] = waiting.pop();
      if (one.name !== undefined) {
        found.push([kind, one]);
        continue;
      }
      let part = one;
      if (one.fragment !== undefined) {
        if (opened.has(one.fragment)) continue;
        opened.add(one.fragment);
        part = this.document.fragments.get(one.fragment);
        if (!part) refuse(`the query has no fragment ${one.fragment}`);
      }
      for (const inner of part.inside.toReversed()) waiting.push([part.on ?? kind, inner]);
    }
    return found;
  }
}

const told = ([alias, name]) => `the answer's \`${alias}\` holds \`${name}\``;
const typeOf = (kind, name) => TYPES.get(kind)?.get(name);

/** Whether a name means a field where something of this type, or a record, is expected. */
function means(kind, name) {
  if (name === "__typename" || TYPES.get(kind)?.has(name)) return true;
  // A type that came after this table may have any of them.
  const others = TYPES.has(kind) ? RECORDS : [...TYPES.keys()];
  return others.some((other) => TYPES.get(other).has(name));
}

function readTypes(text) {
  const lines = text.trim().split("\n").map((line) => line.split(": "));
  const fields = (words) => new Map(words.split(" ").map((word) => word.split(">")));
  return new Map(lines.map(([type, words]) => [type, fields(words)]));
}

// FIELDS: made by python -m tests.fields
const RECORDS = ["Issuance", "Node", "Project", "Unit"];
const TYPES = readTypes(`
CoBenefit: coBenefit coBenefitId coBenefitRaw sdg
Estimation: creditingPeriodEnd creditingPeriodEndRaw creditingPeriodStart creditingPeriodStartRaw estimationId estimationReferenceNo isAnnual unitCount unitCountRaw
FilterCapability: exact filter most operators
Identifier: scheme value
Issuance: cadTrustIssuanceId cadTrustProjectId id identifiers>Identifier issuanceDate issuanceDateRaw issuanceEndDate issuanceEndDateRaw issuanceId issuanceStartDate issuanceStartDateRaw labels>Label location>ProjectLocation project>Project provenance>NodeProvenance registry unitCount unitCountRaw unitSerialId units>UnitConnection verification>Verification verificationApproach verificationBody verificationReportDate verificationReportDateRaw vintageEndDate vintageEndDateRaw vintageStartDate vintageStartDateRaw vintageYear vintageYearRaw
IssuanceConnection: coverage>RegistryCoverage edges>IssuanceEdge nodes>Issuance pageInfo>PageInfo totalCount warnings
IssuanceEdge: cursor node>Issuance
Label: creditingPeriodEndDate creditingPeriodEndDateRaw creditingPeriodStartDate creditingPeriodStartDateRaw label labelDate labelDateRaw labelId labelLink labelRaw labelType labelTypeRaw labelUnitDate labelUnitDateRaw unitQuantity unitQuantityRaw validityEndDate validityEndDateRaw validityStartDate validityStartDateRaw
LookupScheme: example kind pattern registry scheme
Methodology: cadTrustMethodologyId methodologyCode methodologyDate methodologyDateRaw methodologyLink methodologyName methodologyProgram methodologyRaw methodologyType methodologyTypeRaw methodologyVersion projectMethodologyDate projectMethodologyDateRaw projectMethodologyDescription
Node: id
NodeProvenance: bodyDigest fetchedAt mappingDigest notRead outcome pointer registry source sourceUrl
PageInfo: endCursor hasNextPage hasPreviousPage startCursor
Picklist: enforced name values>PicklistValue
PicklistValue: description value versions
Program: cadTrustProgramId programDescription programName programRegistry programRegistryId
Project: cadTrustProgram>Program cadTrustProjectId cadTrustReferenceProjectId coBenefits>CoBenefit coveredByNdc coveredByNdcRaw currentRegistry currentRegistryRaw estimations>Estimation id identifiers>Identifier issuances>IssuanceConnection labels>Label methodologies>Methodology methodology methodologyRaw ndcInformation orgUid originProjectId program projectDescription projectDeveloper projectId projectLink projectLocations>ProjectLocation projectName projectRatings>ProjectRating projectStatus projectStatusDate projectStatusDateRaw projectStatusRaw projectSubtype projectTags projectType projectTypeBasis projectTypeRaw projectTypes provenance>NodeProvenance registrationDate registrationDateRaw registry registryOfOrigin registryOfOriginRaw relatedProjects>RelatedProject sameAs>SameAsLinks sector sectorBasis sectorRaw sectors stakeholders>Stakeholder unitMetric unitMetricRaw units>UnitConnection updatedAt updatedAtRaw validationBody validationDate validationDateRaw validations>Validation verifications>Verification
ProjectConnection: coverage>RegistryCoverage edges>ProjectEdge nodes>Project pageInfo>PageInfo totalCount warnings
ProjectEdge: cursor node>Project
ProjectLocation: country countryRaw geographicIdentifier inCountryRegion latitude latitudeRaw locationMapFileLink locationMapType locationMapTypeRaw longitude longitudeRaw projectLocationId
ProjectRating: projectRatingId rating ratingLink ratingName ratingRangeHighest ratingRangeLowest ratingType ratingTypeRaw
Query: issuances>IssuanceConnection lookup>Node lookupSchemes>LookupScheme node>Node nodes>Node picklist>Picklist picklists>Picklist project>Project projects>ProjectConnection registries>Registry registry>Registry unit>Unit units>UnitConnection
Registry: attribution capabilities>RegistryCapability configured countries health>RegistryHealth key knownAs name notConfiguredReason notes operator terms url verifiedOn
RegistryCapability: byId byParent filters>FilterCapability fullScanCalls kind notPublished orders pageSize totals
RegistryCoverage: asOf attempts checkedHere complete exhausted latencyMs message notPublished notRead outcome paused pushedDown registry retryAfterSeconds returned sources totalCount undecided>Undecided warnings whyNoTotalCount
RegistryHealth: attempts breaker cacheHits collapsed inFlight lastOutcome lastSuccess latencyMs limit notBefore queued requests revalidations staleServed successPercent
RelatedProject: project>Project registry registryRaw relatedProjectId relationshipType
SameAs: basis project>Project statedBy statement
SameAsLinks: coverage>RegistryCoverage links>SameAs
Stakeholder: cadTrustStakeholderId stakeholderLink stakeholderName stakeholderType stakeholderTypeRaw
Undecided: count field ids texts
Unit: cadTrustIssuanceId cadTrustUnitId correspondingAdjustmentDeclaration correspondingAdjustmentDeclarationRaw correspondingAdjustmentStatus correspondingAdjustmentStatusRaw countryJurisdictionOfOwner countryJurisdictionOfOwnerRaw id identifiers>Identifier inCountryJurisdictionOfOwner isExAnte issuance>Issuance labels>Label marketplace marketplaceIdentifier marketplaceLink orgUid project>Project provenance>NodeProvenance registry unitBlockEnd unitBlockStart unitCount unitCountRaw unitIssuanceLocation>ProjectLocation unitItmosReferenceId unitMetric unitMetricRaw unitOwner unitRegistryLink unitRetirementBeneficiary unitRetirementBeneficiaryId unitRetirementDetail unitSerialId unitStatus unitStatusDate unitStatusDateRaw unitStatusRaw unitStatusReason unitTags unitType unitTypeRaw updatedAt updatedAtRaw vintageEndDate vintageEndDateRaw vintageStartDate vintageStartDateRaw vintageYear vintageYearRaw
UnitConnection: coverage>RegistryCoverage edges>UnitEdge nodes>Unit pageInfo>PageInfo totalCount warnings
UnitEdge: cursor node>Unit
Validation: cadTrustValidationId validationBody validationCreditPeriodEndDate validationCreditPeriodEndDateRaw validationCreditPeriodStartDate validationCreditPeriodStartDateRaw validationDate validationDateRaw validationId validationType validationTypeRaw
Verification: cadTrustVerificationId verificationBody verificationEndDate verificationEndDateRaw verificationId verificationStartDate verificationStartDateRaw
`);
// END OF FIELDS

function checkAge(verdict, statement, { maxAgeSeconds, now = Date.now() }) {
  const { issuedAt, sources } = statement.predicate;
  if (Date.parse(issuedAt) > now + SKEW_MS) verdict.add("age", "FAILS", "Dated in the future.");
  if (maxAgeSeconds === undefined) return;
  const times = [issuedAt, ...sources.map((s) => s.fetchedAt).filter((t) => t !== null)];
  const young = times.every((t) => now - Date.parse(t) <= maxAgeSeconds * 1000);
  verdict.add("age", young ? "HOLDS" : "FAILS", `Oldest allowed: ${maxAgeSeconds} seconds.`);
}

function tellScope(verdict, statement) {
  const { registriesRequested, registriesAnswered, truncated } = statement.predicate.scope;
  const silent = registriesRequested.filter((name) => !registriesAnswered.includes(name));
  if (silent.length) verdict.add("scope", "NOTE", `Asked without an answer: ${silent.join(", ")}.`);
  if (truncated) verdict.add("scope", "NOTE", "A list was cut by a limit; there is more.");
}

/** Refuses a record that shows another id than its own, as an alias can make it. */
function checkId(id, value) {
  if (Object.hasOwn(value, "id") && value.id !== id) refuse(`The record ${id} shows another id.`);
}

const leafHash = (entry) => sha256(Uint8Array.of(0, ...encoder.encode(entry)));
const nodeHash = (left, right) => sha256(Uint8Array.of(1, ...left, ...right));

async function rootOf(leaves) {
  if (!leaves.length) return sha256(new Uint8Array());
  let level = leaves;
  while (level.length > 1) {
    const above = [];
    for (let i = 0; i + 1 < level.length; i += 2) above.push(await nodeHash(level[i], level[i + 1]));
    if (level.length % 2) above.push(level.at(-1));
    level = above;
  }
  return level[0];
}

/** The record entries (docs/provenance.md): nested records are cut to their id in the outer one. */
function entries(data, places) {
  const below = (path, outer) =>
    path.length > outer.length && outer.every((step, i) => step === path[i]);
  const cut = (value, path, inner) => {
    const here = inner.find((p) => p.path.length === path.length && below([...p.path, 0], path));
    if (here) return { id: here.id };
    const left = inner.filter((p) => below(p.path, path));
    if (!left.length) return value;
    if (Array.isArray(value)) return value.map((item, i) => cut(item, [...path, i], left));
    const found = {};
    for (const key of Object.keys(value)) found[key] = cut(value[key], [...path, key], left);
    return found;
  };
  return places.map((place, index) => {
    members(place, "a record", "path id from");
    let value = data;
    for (const step of list(place.path, "a record's path")) {
      if (Array.isArray(value) ? !Number.isSafeInteger(step) : typeof step !== "string") {
        refuse("a record's path leads nowhere");
      }
      if (value === null || typeof value !== "object" || !Object.hasOwn(value, step)) {
        refuse("a record's path leads nowhere");
      }
      value = value[step];
    }
    if (!isObject(value)) refuse("a record's path does not lead to an object");
    const inner = [];
    for (let i = index + 1; i < places.length && below(places[i].path, place.path); i += 1) {
      inner.push(places[i]);
    }
    const shown = inner.length ? cut(value, place.path, inner) : value;
    return canonical({ from: place.from, id: place.id, path: place.path, value: shown });
  });
}

/** Checks a whole GraphQL response, parsed by `parse`, against a key set that you trust. */
export async function verifyResponse(response, jwks, options = {}) {
  const verdict = new Verdict();
  let proof, payload;
  const opened = await verdict.attempt("shape", async () => {
    members(response, "the response", "extensions", "data errors");
    if (!isObject(response.extensions)) refuse("extensions is not an object");
    proof = members(
      response.extensions.provenance,
      "the proof",
      "version statement signatures records",
      "evidence",
    );
    if (proof.version !== 1) refuse("the proof has a version that is not 1");
    payload = await open(proof.statement, proof.signatures);
    return "The proof has the right shape.";
  });
  if (!opened) return verdict;
  const { statement, signatures } = proof;
  const held = await checkSignatures(verdict, statement, signatures, payload, jwks, options.pin);
  if (!held) return verdict;
  await verdict.attempt("answer", async () => {
    const answer = {};
    for (const name of ["data", "errors"]) if (name in response) answer[name] = response[name];
    const wanted = statement.subject[0].digest?.sha256;
    if ((await digest(answer)) !== wanted) refuse("The answer was changed.");
    return "Data and errors are exactly what was signed.";
  });
  const asked = await checkQuestion(verdict, statement, options, "data" in response);
  await verdict.attempt("records", async () => {
    const signed = statement.predicate.records;
    if ((proof.records === null) !== (signed === null)) refuse("records without a signed root");
    if (signed === null) return "The statement covers the answer as a whole.";
    const found = entries(response.data, list(proof.records, "records"));
    const root = hex(await rootOf(await Promise.all(found.map(leafHash))));
    const { alg, count } = signed;
    if (alg !== "rfc9162-sha256" || count !== found.length || root !== signed.root) {
      refuse("The records do not give the signed root.");
    }
    for (const { path, id } of proof.records) {
      checkId(id, path.reduce((value, step) => value[step], response.data));
    }
    // Rows of one list are selected alike.
    const paths = proof.records.map(({ path }) => path.filter((step) => typeof step === "string"));
    const patterns = new Map(paths.map((path) => [path.join(" "), path]));
    for (const path of patterns.values()) asked?.checkNames(path);
    return `All ${count} records and their places are as signed.`;
  });
  if ("evidence" in proof) await checkEvidence(verdict, statement, proof.evidence);
  checkAge(verdict, statement, options);
  tellScope(verdict, statement);
  return verdict;
}

async function checkEvidence(verdict, statement, evidence) {
  const sources = statement.predicate.sources;
  let next = 0;
  const seen = new Set();
  const held = await verdict.attempt("evidence", async () => {
    for (const item of list(evidence, "the evidence")) {
      const { source, body } = members(item, "a piece of evidence", "source body");
      if (whole(source, "a source") < next || source >= sources.length) refuse("out of order");
      const found = hex(await sha256(decode64(body)));
      if (found !== sources[source].digest?.sha256) refuse(`The body of source ${source} changed.`);
      next = source + 1;
      seen.add(source);
    }
    return `All ${seen.size} upstream bodies sent along are the ones that were read.`;
  });
  if (held && sources.some((s) => s.digest && !seen.has(s.index))) {
    verdict.add("evidence", "UNCHECKED", "Not all upstream bodies were sent along.");
  }
}

/** Checks one record that was shown alone, with its proof. */
export async function verifyRecord(disclosure, jwks, options = {}) {
  const verdict = new Verdict();
  let payload;
  const opened = await verdict.attempt("shape", async () => {
    members(disclosure, "the disclosure", "version statement signatures index entry proof");
    if (disclosure.version !== 1) refuse("the disclosure has a version that is not 1");
    payload = await open(disclosure.statement, disclosure.signatures);
    return "The disclosure has the right shape.";
  });
  if (!opened) return verdict;
  const { statement, signatures, entry, proof } = disclosure;
  const held = await checkSignatures(verdict, statement, signatures, payload, jwks, options.pin);
  if (!held) return verdict;
  const asked = await checkQuestion(verdict, statement, options, true);
  await verdict.attempt("record", async () => {
    const signed = statement.predicate.records;
    if (signed?.alg !== "rfc9162-sha256") refuse("The statement signs no record tree.");
    members(entry, "the record", "path id from value");
    let fn = whole(disclosure.index, "the index");
    let sn = signed.count - 1;
    if (fn > sn) refuse("The record was not in the signed answer.");
    let found = await leafHash(canonical(entry));
    for (const text of list(proof, "the proof")) {
      if (typeof text !== "string" || !/^[0-9a-f]{64}$/.test(text) || sn === 0) refuse("A bad proof.");
      const sibling = Uint8Array.from(text.match(/../g), (pair) => parseInt(pair, 16));
      if (fn % 2 || fn === sn) {
        found = await nodeHash(sibling, found);
        while (fn % 2 === 0 && fn) [fn, sn] = [fn / 2, Math.floor(sn / 2)];
      } else {
        found = await nodeHash(found, sibling);
      }
      [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)];
    }
    if (sn !== 0 || hex(found) !== signed.root) refuse("The record was changed, or was not there.");
    checkId(entry.id, entry.value);
    asked?.checkNames(list(entry.path, "a record's path"));
    return `The record ${entry.id} was in the signed answer.`;
  });
  checkAge(verdict, statement, options);
  tellScope(verdict, statement);
  return verdict;
}

/** Whether an answer is signed by a key that the set does not have, as after a rotation. */
async function unknownKey(response, jwks) {
  let kids;
  try {
    const { signatures } = response.extensions.provenance;
    kids = signatures.map((s) => parse(new TextDecoder().decode(decode64(s.protected))).kid);
  } catch {
    return false; // no proof at all, which fetching keys does not mend
  }
  const known = await Promise.all(kids.map((kid) => trusted(jwks, kid).catch(() => null)));
  return known.includes(null);
}

/**
 * What a key set takes back of one that was published before: a key that is gone, or one that is no
 * longer revoked. Key sets only grow; "" where this one did.
 */
export function takenBack(before, now) {
  const list = (set) => (Array.isArray(set?.keys) ? set.keys.filter(isObject) : []);
  const present = new Map(list(now).map((jwk) => [jwk.kid, jwk]));
  for (const old of list(before)) {
    const found = present.get(old.kid);
    if (!found) return `the key ${old.kid} is gone`;
    if (old.revoked && !found.revoked) return `the key ${old.kid} is no longer revoked`;
  }
  return "";
}

/**
 * A `fetch` for GraphQL clients that hands an answer on only when it is valid. `jwks` is a key
 * set, or a function that fetches one: it is called once, and again, past every cache, where an
 * answer is signed by a key that the set does not have yet. A set that takes back what an earlier one
 * said is not taken, and the answer is refused: it is older than what was published, or forged.
 */
export function verifyingFetch(jwks, options = {}, send = fetch) {
  const fetchKeys = typeof jwks === "function" ? jwks : undefined;
  let keys = fetchKeys ? undefined : jwks;
  return async (url, init) => {
    const reply = await send(url, init);
    const { query, variables, operationName } = JSON.parse(init.body);
    const found = parse(await reply.clone().text());
    if (fetchKeys) {
      keys ??= await fetchKeys({ cache: "default" });
      if (await unknownKey(found, keys)) {
        const fetched = await fetchKeys({ cache: "reload" });
        const gone = takenBack(keys, fetched);
        if (gone) throw new Error(`The key set is older than what was published before: ${gone}.`);
        keys = fetched;
      }
    }
    const given = { variables: variables ?? undefined, operationName: operationName ?? undefined };
    const verdict = await verifyResponse(found, keys, { query, ...given, ...options });
    if (!verdict.valid) throw new Error(verdict.findings.map((f) => f.text).join("\n"));
    return reply;
  };
}

async function main(argv) {
  const { readFile, stat } = await import("node:fs/promises");
  const [file, keys, queryFile, variablesFile] = argv;
  if (!keys) {
    console.error("usage: node verify.mjs response.json jwks.json [query.graphql [variables.json]]");
    return 64;
  }
  const read = async (name) => {
    if (!name) return undefined;
    // A bound before any byte; a text of JavaScript holds no more.
    if ((await stat(name)).size > 512 * 1024 * 1024) refuse(`${name} is too large`);
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(await readFile(name));
  };
  let query, variables, jwks;
  try {
    query = await read(queryFile);
    variables = variablesFile && parse(await read(variablesFile));
    jwks = parse(await read(keys));
  } catch (problem) {
    console.error(`verify.mjs: ${problem.message}`);
    return 64;
  }
  let verdict = new Verdict();
  let found;
  const parsed = await verdict.attempt("shape", async () => {
    found = parse(await read(file));
    return "It is JSON.";
  });
  if (parsed) {
    const check = isObject(found) && "entry" in found ? verifyRecord : verifyResponse;
    verdict = await check(found, jwks, { query, variables });
  }
  for (const { result, text } of verdict.findings) console.log(`${result.padEnd(9)} ${text}`);
  console.log(["VALID", "INVALID", "VALID, BUT INCOMPLETE"][verdict.exitCode]);
  return verdict.exitCode;
}

if (globalThis.process?.argv?.[1] && import.meta.url.endsWith("/verify.mjs")) {
  const { pathToFileURL } = await import("node:url");
  if (pathToFileURL(process.argv[1]).href === import.meta.url) {
    process.exitCode = await main(process.argv.slice(2));
  }
}
