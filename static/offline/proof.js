// What a kind of evidence has proven: who signed which facts, and when.

import { IssuerNotAccepted } from "./refusal.js";
import { covers, isSuspect } from "./trust.js";

/** Apply the policy, apart from any mathematics: may this key sign this certificate? Throws IssuerNotAccepted. */
export function acceptIssuer(issuer, key, facts) {
  if (facts.issuer_id !== issuer.id || facts.test !== issuer.test) {
    throw new IssuerNotAccepted("issuer-disagrees", { integrity: "intact" });
  }
  if (isSuspect(key, Date.parse(facts.issued_at))) {
    throw new IssuerNotAccepted("key-compromised", { integrity: "intact", issuer: issuer.name });
  }
  if (!covers(key, Date.parse(facts.issued_at))) {
    throw new IssuerNotAccepted("key-out-of-term", { integrity: "intact", issuer: issuer.name });
  }
}

/**
 * The reason that tells what the issuer of a certificate is worth that its key has signed within its term. With a
 * compromised key only the proven place in the one log, of which the number of entries is told, shows its age.
 */
export function issuerKey({ issuer, key, logIndex }, logged) {
  if (!key.compromise) return issuer.test ? "issuer-test" : "issuer-known";
  if (!logged || issuer.logs.length !== 1) return "key-suspect";
  return logIndex < key.compromise.entries ? "issuer-before-compromise" : "key-compromised";
}
