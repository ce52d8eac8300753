// The lists that a verifier rests on, as this device keeps them: trust, status, and what is known of the clock.

import { Misspelt } from "./bytes.js";
import { StatusLists, StatusUnavailable, claimedAddress, readList } from "./status.js";
import { FOLDER, PURPOSES, address } from "./statuslist.js";
import { keep, kept } from "./store.js";
import { SKEW } from "./time.js";
import { Trust, TrustError } from "./trust.js";

const TRUST = "/.well-known/due-diligence/trust.json";
const RULES = "/verify/offline/rules.json";

/** A list that was fetched cannot be used: it is broken, or older than the one that is kept. */
class Refused extends Error {}

export class Lists {
  trust = null;
  trustFetched = null;
  /** Of every list that is kept and can be believed: when it was made and when it ends. */
  terms = [];
  /** Milliseconds by which the device's clock is ahead of the portal's, as last seen; null when never compared. */
  ahead = null;
  /** When the newest edition of each list was made that was ever believed, so that none is rolled back. */
  #seen = new Map();
  #tokens = new Map();
  #latest = 0;

  /** Read the rules and whatever is kept. */
  async load() {
    this.rules = await (await fetch(RULES)).json();
    const [trust, tokens, seen, clock] = await Promise.all(["trust", "status", "seen", "clock"].map(kept));
    this.#latest = clock?.latest ?? 0;
    this.ahead = clock?.ahead ?? null;
    this.#tokens = tokens ?? this.#tokens;
    this.#seen = seen ?? this.#seen;
    if (trust) await this.#takeTrust(trust);
    await this.#readTerms();
  }

  /** Fetch the newest lists. Tells how it went, and throws nothing: what is kept stays. */
  async refresh() {
    try {
      await this.#replaceTrust(await this.#fetched(TRUST));
      await this.#replaceStatus();
      return "refreshed";
    } catch (error) {
      const refused = [Refused, Misspelt, TrustError, StatusUnavailable].some((kind) => error instanceof kind);
      return refused ? "refused" : "unreachable";
    } finally {
      await this.#readTerms();
    }
  }

  /** What tells the status; null where there is no list at all. */
  get status() {
    return this.#tokens.size ? new StatusLists(this.#tokens.values(), this.#seen) : null;
  }

  /** Whether the clock is known to be wrong: set back since it was last seen, or far from the portal's. */
  async clockOff(now) {
    if (now < this.#latest - SKEW) return true;
    if (now > this.#latest) {
      this.#latest = now;
      await this.#keepClock();
    }
    return this.ahead !== null && Math.abs(this.ahead) > SKEW;
  }

  async #fetched(path) {
    const answer = await fetch(path, { cache: "no-store", credentials: "omit" });
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
    const [now, portals] = [Date.now(), Date.parse(answer.headers.get("Date") ?? "")];
    if (!Number.isNaN(portals)) {
      this.ahead = now - portals;
      // A clock that was ahead and was set right is not held against it.
      this.#latest = Math.min(this.#latest, portals);
    }
    return { text: await answer.text(), fetched: now };
  }

  async #replaceTrust(found) {
    const newer = await Trust.read(found.text, this.rules.trust_schema);
    if (this.trust && newer.writtenAt < this.trust.writtenAt) throw new Refused("an older trust list");
    await this.#takeTrust(found);
    await Promise.all([keep("trust", found), this.#keepClock()]);
  }

  async #takeTrust({ text, fetched }) {
    this.trust = await Trust.read(text, this.rules.trust_schema);
    this.trustFetched = fetched;
  }

  /** Fetch every living list of this portal, one after the other, so that a weak connection brings some. */
  async #replaceStatus() {
    const { lists } = JSON.parse((await this.#fetched(`${FOLDER}index.json`)).text);
    let refused = null;
    for (const number of lists.filter(Number.isSafeInteger)) {
      for (const purpose of PURPOSES) {
        const { text } = await this.#fetched(`${FOLDER}${number}/${purpose}.jwt`);
        try {
          await this.#takeList(text.trim());
        } catch (error) {
          if (!(error instanceof StatusUnavailable || error instanceof Refused)) throw error;
          refused = error;
        }
      }
      await Promise.all([keep("status", this.#tokens), keep("seen", this.#seen)]);
    }
    if (refused) throw refused;
  }

  async #takeList(token) {
    const liesAt = claimedAddress(token);
    const { begins } = await this.#read(token);
    if (begins < (this.#seen.get(liesAt) ?? begins)) throw new Refused("an older status list");
    this.#tokens.set(liesAt, token);
    this.#seen.set(liesAt, begins);
  }

  /** The list that a text claims to be, once it is certain that an issuer has signed it. Throws StatusUnavailable. */
  async #read(token, now = Date.now()) {
    const liesAt = claimedAddress(token);
    const [, number, purpose] = /\/([0-9]+)\/([a-z]+)\.jwt$/.exec(liesAt) ?? [];
    const fits = (one) => address(one.statusAddress, number, purpose) === liesAt;
    const issuer = this.trust.issuers.find(fits);
    if (!issuer) throw new StatusUnavailable("status-list-signer");
    return readList(token, liesAt, purpose, issuer, this.trust, now);
  }

  async #readTerms() {
    this.terms = [];
    for (const token of this.trust ? this.#tokens.values() : []) {
      try {
        this.terms.push(await this.#read(token, null));
      } catch (error) {
        if (!(error instanceof StatusUnavailable)) throw error; // a list that cannot be believed has no age to tell
      }
    }
  }

  #keepClock() {
    return keep("clock", { latest: this.#latest, ahead: this.ahead });
  }
}
