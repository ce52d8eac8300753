// The status lists that this device has at hand, and what they say of a certificate (portal.verification.listed).

import { Misspelt, fromBase64url, toText } from "./bytes.js";
import { canonical, isObject, read } from "./json.js";
import { BITS, ListMalformed, address, unpack, valueAt } from "./statuslist.js";
import { DAY, SKEW, fromMoment } from "./time.js";
import { TokenRefused, verifyToken } from "./token.js";
import { covers } from "./trust.js";

const CONTEXT = "https://www.w3.org/ns/credentials/v2";
const LONGEST_LIFE = 7 * DAY;
const GRACE = 60 * 1000;
const MESSAGES = ["revoked", "superseded", "used_up"];

/** No status could be had; `key` names the reason for the verdict. */
export class StatusUnavailable extends Error {
  constructor(key, asOf = null) {
    super(key);
    this.key = key;
    this.asOf = asOf;
  }
}

/** Signed lists, and in `seen` when the newest edition of each address was made that was ever believed. */
export class StatusLists {
  #kept = new Map();
  #seen;

  constructor(tokens, seen = new Map()) {
    this.#seen = seen;
    for (const token of tokens) {
      const claimed = claimedAddress(token);
      this.#kept.set(claimed, [...(this.#kept.get(claimed) ?? []), token]);
    }
  }

  /** The state of a certificate whose essentials are proven, and when that was known. Throws StatusUnavailable. */
  async ask(issuer, facts, trust, now) {
    if (!facts?.status_list) throw new StatusUnavailable(facts ? "status-no-list" : "number-needs-register");
    const asked = { issuer, facts, trust, now };
    const [revoked, suspended] = [await this.#read("revocation", asked), await this.#read("suspension", asked)];
    // One list is enough for "no"; "yes" needs both.
    if (revoked.value) return { state: await this.#ended(asked), asOf: revoked.begins };
    if (suspended.value) return { state: "suspended", asOf: suspended.begins };
    for (const one of [revoked, suspended]) if (one.fault) throw one.fault;
    return { state: "valid", asOf: Math.min(revoked.begins, suspended.begins) };
  }

  /** What a list says and of when it is ({ begins, value }), or why it says nothing ({ fault }). */
  async #read(purpose, asked) {
    try {
      const { begins, encoded } = await this.#newest(purpose, asked);
      const { index } = asked.facts.status_list;
      return { begins, value: valueAt(await unpack(encoded, BITS[purpose]), index, BITS[purpose]) };
    } catch (error) {
      if (error instanceof StatusUnavailable) return { fault: error };
      if (error instanceof ListMalformed) return { fault: new StatusUnavailable(error.key) };
      throw error;
    }
  }

  /** Why a certificate has ended for good; without the list of messages only that it has. */
  async #ended(asked) {
    return MESSAGES[(await this.#read("message", asked)).value] ?? "ended";
  }

  async #newest(purpose, { issuer, facts, trust, now }) {
    const liesAt = address(issuer.statusAddress, facts.status_list.number, purpose);
    let fault = new StatusUnavailable("status-list-missing");
    let newest = null;
    for (const token of [...(this.#kept.get("") ?? []), ...(this.#kept.get(liesAt) ?? [])]) {
      try {
        const found = await readList(token, liesAt, purpose, issuer, trust, now);
        if (!newest || found.begins > newest.begins) newest = found;
      } catch (error) {
        if (!(error instanceof StatusUnavailable)) throw error;
        fault = error;
      }
    }
    if (!newest) throw fault;
    const { begins } = newest;
    if (begins < (this.#seen.get(liesAt) ?? begins)) throw new StatusUnavailable("status-list-rolled-back", begins);
    this.#seen.set(liesAt, begins);
    if (begins < Date.parse(facts.issued_at) - SKEW) throw new StatusUnavailable("status-stale", begins);
    return newest;
  }
}

/**
 * When a list was made, when it ends, and its bits, once it is certain that it is that list. Without `now` (null) it
 * need not be in force. Throws StatusUnavailable.
 */
export async function readList(token, liesAt, purpose, issuer, trust, now) {
  const { facts, key } = await signedList(token, issuer, trust);
  const subject = facts.credentialSubject;
  if (!isObject(subject) || facts.issuer !== issuer.id) throw new StatusUnavailable("status-list-malformed");
  const shape = [facts["@context"], facts.type, subject.type];
  const expected = [[CONTEXT], ["VerifiableCredential", "BitstringStatusListCredential"], "BitstringStatusList"];
  if (canonical(shape.map((one) => one ?? null)) !== canonical(expected)) throw new StatusUnavailable("status-list-malformed");
  if (facts.id !== liesAt || subject.statusPurpose !== purpose) throw new StatusUnavailable("status-list-purpose");
  const [begins, ends, encoded] = [fromMoment(facts.validFrom), fromMoment(facts.validUntil), subject.encodedList];
  const dated = begins !== null && ends !== null && begins < ends && ends <= begins + LONGEST_LIFE;
  const ahead = now !== null && begins > now + SKEW;
  if (!dated || ahead || typeof encoded !== "string") throw new StatusUnavailable("status-list-malformed");
  if (!covers(key, begins)) throw new StatusUnavailable("status-list-signer");
  if (now !== null && now > ends + GRACE) throw new StatusUnavailable("status-list-expired", begins);
  return { begins, ends, encoded };
}

async function signedList(token, issuer, trust) {
  let key = null;
  const findKey = (kid) => {
    const [issuerId, ...name] = kid.split("#");
    const found = trust.key(name.join("#"));
    if (!found || issuerId !== issuer.id || found.issuer.id !== issuer.id) throw new StatusUnavailable("status-list-signer");
    ({ key } = found);
    return key;
  };
  try {
    return { facts: await verifyToken(token, "vc+jwt", findKey), key };
  } catch (error) {
    if (!(error instanceof TokenRefused)) throw error;
    throw new StatusUnavailable(error.malformed ? "status-list-malformed" : "status-list-signer");
  }
}

/** Which list a text claims to be, so that it is looked at when that list is needed; empty where it says nothing. */
export function claimedAddress(token) {
  const parts = token.split(".");
  try {
    const { id } = read(toText(fromBase64url(parts.length === 3 ? parts[1] : "")));
    return typeof id === "string" ? id : "";
  } catch (error) {
    if (error instanceof Misspelt || error instanceof TypeError) return "";
    throw error;
  }
}
