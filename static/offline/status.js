// A signed status list that was fetched while there was a network: what it says, and whether it still counts.

import { isObject } from "./json.js";
import { SKEW, fromMoment, fromSeconds } from "./time.js";
import { TokenRefused, verifyToken } from "./token.js";

const LIST_TYPE = "ddc-status-list+jwt";
const STATES = new Set(["valid", "suspended", "revoked", "expired", "superseded", "used_up"]);
const LEEWAY = 60 * 1000;

/** No status could be had; `key` names the reason for the verdict. */
export class StatusUnavailable extends Error {
  constructor(key, asOf = null) {
    super(key);
    this.key = key;
    this.asOf = asOf;
  }
}

/** The signed lists that a verifier has at hand, each the text of a token. */
export class StatusLists {
  #tokens;
  #read = new Map();

  constructor(tokens) {
    this.#tokens = tokens;
  }

  /** The state of a certificate, its `since`, its reason's code, and when that was known. Throws StatusUnavailable. */
  async ask(issuer, number, trust, now) {
    if (!this.#read.has(issuer.id)) this.#read.set(issuer.id, await this.#newest(issuer, trust));
    const facts = this.#read.get(issuer.id);
    const asOf = fresh(facts, now);
    if (!isObject(facts.exceptions)) throw new StatusUnavailable("status-untrusted");
    if (!Object.hasOwn(facts.exceptions, number)) return { state: "valid", since: null, asOf, reason: "" };
    const entry = facts.exceptions[number];
    if (!Array.isArray(entry) || entry.length !== 3 || !STATES.has(entry[0])) throw new StatusUnavailable("status-untrusted");
    return { state: entry[0], since: fromMoment(entry[1]), asOf, reason: entry[2] };
  }

  async #newest(issuer, trust) {
    const found = [];
    for (const token of this.#tokens) {
      const facts = await signedList(token, issuer, trust);
      if (facts) found.push(facts);
    }
    if (!found.length) throw new StatusUnavailable(this.#tokens.length ? "status-untrusted" : "status-not-asked");
    return found.reduce((best, one) => (one.iat > best.iat ? one : best));
  }
}

/** The content of a list that the issuer has signed with a key in use; undefined for any other text. */
export async function signedList(token, issuer, trust) {
  const findKey = (kid) => {
    const [issuerId, ...name] = kid.split("#");
    const found = trust.key(name.join("#"));
    if (!found || issuerId !== issuer.id || found.issuer !== issuer || found.key.ends !== null) {
      throw new TokenRefused("not a key of the issuer that is in use");
    }
    return found.key.jwk;
  };
  try {
    const facts = await verifyToken(token.trim(), LIST_TYPE, findKey);
    return facts.iss === issuer.id ? facts : undefined;
  } catch (error) {
    if (!(error instanceof TokenRefused)) throw error;
    return undefined;
  }
}

/** When a list was made and when it ends; null for what is no time. */
export const termOf = (facts) => ({ made: fromSeconds(facts.iat), ends: fromSeconds(facts.exp) });

function fresh(facts, now) {
  const { made, ends } = termOf(facts);
  if (made === null || ends === null || !(0 < made && made < ends)) throw new StatusUnavailable("status-untrusted");
  if (now > ends + LEEWAY) throw new StatusUnavailable("status-stale", made);
  if (made > now + SKEW) throw new StatusUnavailable("status-untrusted");
  return made;
}
