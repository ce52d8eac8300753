// The trust file: which issuers a verifier believes, with which keys, from when to when.

import { Validator } from "../vendor/json-schema/index.js";
import { base64url, equal, fromBase64url, fromText, sha256 } from "./bytes.js";
import { canonical, read as readJson } from "./json.js";
import { verifierKey } from "./note.js";
import { ED25519, ES256 } from "./signature.js";
import { fromMoment } from "./time.js";

const MAX_BYTES = 2 * 1024 * 1024;
const KEY_ID_BYTES = 8;

/** A trust file cannot be read or contradicts itself. */
export class TrustError extends Error {}

/** Everything that a verifier believes. Nothing in a certificate adds to it. */
export class Trust {
  constructor(writtenAt, issuers) {
    this.writtenAt = writtenAt;
    this.issuers = issuers;
  }

  /** Read the text of a trust file. Throws TrustError, or Misspelt. */
  static async read(text, schema) {
    const facts = readJson(text, MAX_BYTES);
    const found = new Validator(schema, "2020-12").validate(facts);
    if (!found.valid) throw new TrustError(found.errors.at(-1)?.error);
    const trust = new Trust(fromMoment(facts.written_at), await Promise.all(facts.issuers.map(issuer)));
    const names = trust.issuers.map((one) => one.id);
    const keys = trust.issuers.flatMap((one) => one.keys.map((key) => `${key.use} ${base64url(key.id)}`));
    if (new Set(names).size < names.length || new Set(keys).size < keys.length) throw new TrustError("named twice");
    return trust;
  }

  /** The key for seals by its full thumbprint, with its issuer. */
  key(name) {
    return this.#found((key) => key.thumbprint === name);
  }

  /** The same by the short identifier that a seal carries. */
  keyById(id) {
    return this.#found((key) => equal(key.id, id));
  }

  #found(fits) {
    for (const issuer of this.issuers) {
      const key = issuer.keys.find((one) => one.use === "seal" && fits(one));
      if (key) return { issuer, key };
    }
    return undefined;
  }
}

/** Whether a key was in use at a moment (milliseconds), and not yet known to be in other hands. */
export const covers = (key, at) => key.begins <= at && (key.ends === null || at <= key.ends) && !isSuspect(key, at);

/** Whether somebody else may have signed with a key at a moment. */
export const isSuspect = ({ compromise }, at) => Boolean(compromise) && at >= compromise.since;

async function issuer(entry) {
  return {
    id: entry.id,
    name: entry.name,
    test: entry.test,
    statusAddress: entry.status_address,
    keys: await Promise.all(entry.keys.map(key)),
    logs: await Promise.all(entry.logs.map(log)),
  };
}

async function key(entry) {
  const { kid, alg, ...jwk } = entry.jwk;
  const algorithm = alg === ES256.name ? ES256 : ED25519;
  if (entry.use === "documents" && algorithm !== ES256) throw new TrustError("documents are signed with ES256 alone");
  // The RFC 7638 thumbprint.
  const thumbprint = base64url(await sha256(fromText(canonical(jwk))));
  if (thumbprint !== kid) throw new TrustError("the key's name is not its thumbprint");
  const { compromised } = entry;
  const compromise = compromised ? { since: fromMoment(compromised.since), entries: compromised.log_entries } : null;
  if (compromise?.since === null) throw new TrustError("no moment of a compromise");
  return { ...interval(entry), use: entry.use, algorithm, jwk, thumbprint, id: shortId(thumbprint), compromise };
}

const shortId = (thumbprint) => fromBase64url(thumbprint).slice(0, KEY_ID_BYTES);

async function log(entry) {
  const read = async (one) => ({ ...interval(one), key: await verifierKey(one.vkey) });
  return {
    origin: entry.origin,
    keys: await Promise.all(entry.keys.map(read)),
    witnesses: await Promise.all(entry.witnesses.map(read)),
    required: entry.witnesses_required,
  };
}

function interval(entry) {
  const [begins, ends] = [fromMoment(entry.from), entry.to === null ? null : fromMoment(entry.to)];
  if (begins === null || (entry.to !== null && (ends === null || ends < begins))) throw new TrustError("no interval");
  return { begins, ends };
}
