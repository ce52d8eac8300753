// What a kind of evidence has proven: who signed which facts, and when.

import { IssuerNotAccepted } from "./refusal.js";
import { covers } from "./trust.js";

/** Apply the policy, apart from any mathematics: may this key sign this certificate? Throws IssuerNotAccepted. */
export function acceptIssuer(issuer, key, facts) {
  if (facts.issuer_id !== issuer.id || facts.test !== issuer.test) {
    throw new IssuerNotAccepted("issuer-disagrees", { integrity: "intact" });
  }
  if (!covers(key, Date.parse(facts.issued_at))) {
    throw new IssuerNotAccepted("key-out-of-term", { integrity: "intact", issuer: issuer.name });
  }
}
