// JSON from strangers, and its one canonical form (RFC 8785).

import { Misspelt, fromText, toText } from "./bytes.js";

export const MAX_BYTES = 1024 * 1024;
const MAX_DEPTH = 32;

/** The value of JSON without floats, halves of surrogate pairs and deep nesting. Throws Misspelt. */
export function read(text, maxBytes = MAX_BYTES) {
  if (fromText(text).length > maxBytes) throw new Misspelt("too large");
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Misspelt("not JSON");
  }
  inspect(value, MAX_DEPTH);
  // Outside of texts each member has one colon, and only numbers that are not whole have a point or an exponent.
  const bare = text.replace(/"(?:[^"\\]|\\.)*"/g, "");
  if (/[0-9][.eE]/.test(bare)) throw new Misspelt("not a whole number");
  if (bare.split(":").length - 1 !== members(value)) throw new Misspelt("a member is named twice");
  return value;
}

function members(value) {
  if (value === null || typeof value !== "object") return 0;
  const within = Object.values(value).reduce((sum, item) => sum + members(item), 0);
  return within + (Array.isArray(value) ? 0 : Object.keys(value).length);
}

/** The object that is written in canonical form, which also shows that no member is named twice. Throws Misspelt. */
export function readCanonical(bytes) {
  const text = toText(bytes);
  const value = read(text);
  if (!isObject(value) || canonical(value) !== text) throw new Misspelt("not an object in canonical form");
  return value;
}

/** The canonical text of a value: members by their UTF-16 units, numbers and strings as JavaScript writes them. */
export function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const names = Object.keys(value).sort();
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(",")}}`;
}

export const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);

function inspect(value, depth) {
  if (depth === 0) throw new Misspelt("nested too deeply");
  if (typeof value === "number" && !Number.isSafeInteger(value)) throw new Misspelt("not a whole number");
  if (typeof value === "string" && /\p{Cs}/u.test(value)) throw new Misspelt("half of a surrogate pair");
  if (Array.isArray(value)) for (const item of value) inspect(item, depth - 1);
  else if (isObject(value)) {
    for (const [name, item] of Object.entries(value)) {
      inspect(name, depth - 1);
      inspect(item, depth - 1);
    }
  }
}
