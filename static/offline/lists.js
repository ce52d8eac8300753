// The lists that a verifier rests on, as this device keeps them: trust, status, and what is known of the clock.

import { composed, names, newer, proposed } from "./added.js";
import { Misspelt } from "./bytes.js";
import { StatusLists, StatusUnavailable, claimedAddress, readList } from "./status.js";
import { FOLDER, PURPOSES, address } from "./statuslist.js";
import { keep, kept } from "./store.js";
import { SKEW } from "./time.js";
import { Trust, TrustError } from "./trust.js";

const TRUST = "/.well-known/due-diligence/trust.json";
const RULES = "/verify/offline/rules.json";

/** A list that was fetched cannot be used: it is broken, or older than the one that is kept. */
export class Refused extends Error {}

export class Lists {
  trust = null;
  trustFetched = null;
  /** Issuers that a person has added: { entry, written, source, added }. */
  added = [];
  /** Of every list that is kept and can be believed: its issuer's id, when it was made and when it ends. */
  terms = [];
  /** Milliseconds by which the device's clock is ahead of the portal's, as last seen; null when never compared. */
  ahead = null;
  /** When the newest edition of each list was made that was ever believed, so that none is rolled back. */
  #seen = new Map();
  #tokens = new Map();
  #latest = 0;
  #own = null;
  #text = null;

  /** Read the rules and whatever is kept. */
  async load() {
    this.rules = await (await fetch(RULES)).json();
    const found = await Promise.all(["trust", "status", "seen", "clock", "added"].map(kept));
    const [trust, tokens, seen, clock, added] = found;
    this.#latest = clock?.latest ?? 0;
    this.ahead = clock?.ahead ?? null;
    this.#tokens = tokens ?? this.#tokens;
    this.#seen = seen ?? this.#seen;
    await this.#takeTrust(trust ?? null, added ?? []);
    await this.#readTerms();
  }

  /** The issuers that the portal itself names. */
  get own() {
    return (this.trust?.issuers ?? []).filter(({ id }) => !this.added.some((one) => one.entry.id === id));
  }

  /** What a trust file names anew, for a person to decide. Throws TrustError, Misspelt, or Refused for an older edition. */
  async propose(text, source) {
    const found = await proposed(text, source, this.rules.trust_schema, Date.now());
    const older = (one) => this.added.some((kept) => kept.entry.id === one.entry.id && kept.written > one.written);
    if (found.some(older)) throw new Refused("an older trust list");
    return found.filter(({ entry }) => !names(this.#text, entry));
  }

  /** Trust an issuer that was proposed. Throws TrustError where it contradicts those that are trusted. */
  async add({ entry, written, source }) {
    const others = this.added.filter((one) => one.entry.id !== entry.id);
    await this.#replaceAdded([...others, { entry, written, source, added: Date.now() }]);
  }

  /** Trust an issuer that was added no longer. */
  remove(id) {
    return this.#replaceAdded(this.added.filter((one) => one.entry.id !== id));
  }

  /** Keep the status lists among texts that can be believed and are none older; tells which were not kept. */
  async bring(tokens) {
    const left = [];
    for (const token of tokens) {
      try {
        if (!this.trust) throw new Refused("nobody is trusted");
        await this.#takeList(token);
      } catch (error) {
        if (!(error instanceof StatusUnavailable || error instanceof Refused)) throw error;
        left.push(token);
      }
    }
    await Promise.all([keep("status", this.#tokens), keep("seen", this.#seen)]);
    await this.#readTerms();
    return left;
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
    const fetched = await Trust.read(found.text, this.rules.trust_schema);
    const before = this.#own && (await Trust.read(this.#own, this.rules.trust_schema));
    if (before && fetched.writtenAt < before.writtenAt) throw new Refused("an older trust list");
    await this.#takeTrust(found, newer(found.text, this.added));
    await Promise.all([keep("trust", found), keep("added", this.added), this.#keepClock()]);
  }

  async #replaceAdded(added) {
    await this.#takeTrust(this.#own && { text: this.#own, fetched: this.trustFetched }, added);
    await keep("added", added);
    await this.#readTerms();
  }

  /** Believe the portal's own file and what was added, or throw and leave all as it was. */
  async #takeTrust(own, added) {
    const text = composed(own?.text, added);
    this.trust = text && (await Trust.read(text, this.rules.trust_schema));
    [this.#own, this.trustFetched, this.added, this.#text] = [own?.text ?? null, own?.fetched ?? null, added, text];
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
    return { ...(await readList(token, liesAt, purpose, issuer, this.trust, now)), issuer: issuer.id };
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
