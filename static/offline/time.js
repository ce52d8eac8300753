// Moments are milliseconds since 1970; texts of them are in UTC, to the second.

// How far the clocks of issuer and verifier may differ.
export const SKEW = 10 * 60 * 1000;
export const DAY = 24 * 60 * 60 * 1000;
const [FIRST, LAST] = [Date.parse("0001-01-01T00:00:00Z"), Date.parse("9999-12-31T23:59:59Z")];

/** A moment as 2026-11-24T09:00:00Z. */
export const moment = (at) => `${new Date(Math.floor(at / 1000) * 1000).toISOString().slice(0, 19)}Z`;

/** The day of a moment as 2026-11-24. */
export const day = (at) => moment(at).slice(0, 10);

/** A moment as people read it: 2026-11-24 09:00 UTC. */
export const minute = (at) => (at === null ? "–" : `${moment(at).slice(0, 16).replace("T", " ")} UTC`);

/** The moment that is written so; null for any other text and for days that no calendar has. */
export function fromMoment(text) {
  if (typeof text !== "string" || !/^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$/.test(text)) return null;
  const at = Date.parse(text);
  return Number.isNaN(at) || moment(at) !== text || text.startsWith("0000") ? null : at;
}

/** The first moment of a day that is written so; null for any other text. */
export const fromDay = (text) => fromMoment(`${text}T00:00:00Z`);

/** The moment of a number of seconds since 1970; null outside of the years 1 to 9999. */
export function fromSeconds(seconds) {
  if (!Number.isSafeInteger(seconds)) return null;
  const at = seconds * 1000;
  return FIRST <= at && at <= LAST ? at : null;
}
