// The lists that a verifier rests on, as this device keeps them: trust, status, and what is known of the clock.

import { Misspelt } from "./bytes.js";
import { StatusLists, signedList, termOf } from "./status.js";
import { keep, kept } from "./store.js";
import { SKEW } from "./time.js";
import { Trust, TrustError } from "./trust.js";

const TRUST = "/.well-known/due-diligence/trust.json";
const STATUS = "/.well-known/due-diligence/status.jwt";
const RULES = "/verify/offline/rules.json";

/** A list that was fetched cannot be used: it is broken, or older than the one that is kept. */
class Refused extends Error {}

export class Lists {
  trust = null;
  trustText = "";
  trustFetched = null;
  statusText = "";
  statusFetched = null;
  statusTerms = [];
  /** Milliseconds by which the device's clock is ahead of the portal's, as last seen; null when never compared. */
  ahead = null;
  #latest = 0;

  /** Read the rules and whatever is kept. */
  async load() {
    this.rules = await (await fetch(RULES)).json();
    const [trust, status, clock] = await Promise.all(["trust", "status", "clock"].map(kept));
    this.#latest = clock?.latest ?? 0;
    this.ahead = clock?.ahead ?? null;
    if (trust) await this.#takeTrust(trust);
    if (trust && status) await this.#takeStatus(status);
  }

  /** Fetch the newest lists. Gives whether the portal answered, and throws nothing: what is kept stays. */
  async refresh() {
    try {
      const trust = await this.#fetched(TRUST);
      await this.#replaceTrust(trust);
      await this.#replaceStatus(await this.#fetched(STATUS));
      return "refreshed";
    } catch (error) {
      if (error instanceof Refused || error instanceof Misspelt || error instanceof TrustError) return "refused";
      return "unreachable";
    }
  }

  /** The lists that say which certificates are not valid; null where there is none. */
  get status() {
    return this.statusText ? new StatusLists([this.statusText]) : null;
  }

  /** Whether the clock is known to be wrong: set back since it was last seen, or far from the portal's. */
  async clockOff(now) {
    if (now < this.#latest - SKEW) return true;
    if (now > this.#latest) {
      this.#latest = now;
      await keep("clock", { latest: now, ahead: this.ahead });
    }
    return this.ahead !== null && Math.abs(this.ahead) > SKEW;
  }

  async #fetched(address) {
    const answer = await fetch(address, { cache: "no-store", credentials: "omit" });
    if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
    const portals = Date.parse(answer.headers.get("Date") ?? "");
    const now = Date.now();
    if (!Number.isNaN(portals)) {
      this.ahead = now - portals;
      // A clock that was set right again after it had been ahead is not held against it.
      this.#latest = Math.min(this.#latest, portals);
      await keep("clock", { latest: this.#latest, ahead: this.ahead });
    }
    return { text: await answer.text(), fetched: now };
  }

  async #replaceTrust(found) {
    const newer = await Trust.read(found.text, this.rules.trust_schema);
    if (this.trust && newer.writtenAt < this.trust.writtenAt) throw new Refused("an older trust list");
    await this.#takeTrust(found);
    await keep("trust", found);
  }

  async #replaceStatus(found) {
    const terms = await this.#terms(found.text);
    if (!terms.length) throw new Refused("a status list without a signature");
    for (const { issuer, made } of terms) {
      const before = this.statusTerms.find((one) => one.issuer.id === issuer.id);
      if (before && made < before.made) throw new Refused("an older status list");
    }
    await this.#takeStatus(found);
    await keep("status", found);
  }

  async #takeTrust({ text, fetched }) {
    this.trust = await Trust.read(text, this.rules.trust_schema);
    [this.trustText, this.trustFetched] = [text, fetched];
  }

  async #takeStatus({ text, fetched }) {
    this.statusTerms = await this.#terms(text);
    [this.statusText, this.statusFetched] = [text, fetched];
  }

  async #terms(text) {
    const found = await Promise.all(
      this.trust.issuers.map(async (issuer) => ({ issuer, facts: await signedList(text, issuer, this.trust) })),
    );
    return found.filter(({ facts }) => facts).map(({ issuer, facts }) => ({ issuer, ...termOf(facts) }));
  }
}
