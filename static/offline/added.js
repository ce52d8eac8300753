// Issuers that a person has added to those of the portal, from a file: who may be believed is never taken from evidence.

import { canonical, read } from "./json.js";
import { SKEW, fromMoment, moment } from "./time.js";
import { Trust, TrustError } from "./trust.js";

const MAX_BYTES = 2 * 1024 * 1024;

/**
 * What a trust file names, one entry an issuer, for a person to decide: { entry, written, source, issuer }. `issuer` is
 * read from `entry`, and nothing is trusted yet. Throws TrustError or Misspelt.
 */
export async function proposed(text, source, schema, now) {
  const { writtenAt, issuers } = await Trust.read(text, schema);
  if (writtenAt === null || writtenAt > now + SKEW) throw new TrustError("written in the future");
  const entries = read(text, MAX_BYTES).issuers;
  return issuers.map((issuer, at) => ({ entry: entries[at], written: writtenAt, source, issuer }));
}

/** The trust file that the portal's own text and what was added make together; null where there is neither. */
export function composed(own, added) {
  if (!own && !added.length) return null;
  const facts = own ? read(own, MAX_BYTES) : { type: "due-diligence-trust", schema: "1", issuers: [] };
  const named = new Map(facts.issuers.map((entry) => [entry.id, entry]));
  for (const { entry } of newer(own, added)) named.set(entry.id, entry);
  const written = facts.written_at ?? moment(Math.max(...added.map((one) => one.written)));
  return JSON.stringify({ ...facts, written_at: written, issuers: [...named.values()] });
}

/** Whether a trust file (null: none) has an entry word for word. */
export const names = (text, entry) =>
  Boolean(text) && read(text, MAX_BYTES).issuers.some((one) => canonical(one) === canonical(entry));

/** Of what was added, that which the portal's own file does not name in an edition as new: there the portal decides. */
export function newer(own, added) {
  const facts = own ? read(own, MAX_BYTES) : { issuers: [] };
  const names = new Set(facts.issuers.map((entry) => entry.id));
  return added.filter(({ entry, written }) => !names.has(entry.id) || written > fromMoment(facts.written_at));
}
