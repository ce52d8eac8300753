// Certificate numbers: DDC-<year>-<at least 7 digits>-<check letter>.

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const ADDRESS = /^https?:\/\/[^\s/]{1,255}\/verify\/([A-Za-z0-9-]{1,40})\/?(?:\?[^\s#]{0,100})?$/;
const LOOK_ALIKE = { 0: "O", 1: "I", 5: "S", 8: "B" };

/** Whether a text is a number exactly as numbers are written, and its check letter fits. */
export function isNumber(text) {
  const parts = /^DDC-([0-9]{4})-([0-9]{7,9})-([A-Z])$/.exec(text);
  return parts !== null && checkLetter(parts[1] + parts[2]) === parts[3];
}

/** The number that a person typed; undefined for anything else. */
function parse(text) {
  if (text.length > 64) return undefined;
  let plain = text.normalize("NFKC").replace(/[\s\-–—_./]+/g, "").toUpperCase();
  const alike = LOOK_ALIKE[plain.at(-1)];
  if (alike && plain.length > 14) plain = plain.slice(0, -1) + alike;
  const parts = /^DDC([0-9]{4})([0-9]{7,9})([A-Z])$/.exec(plain);
  const number = parts ? `DDC-${parts.slice(1).join("-")}` : "";
  return isNumber(number) ? number : undefined;
}

/** The number that a text is, or that is named by the address at which a portal verifies it; undefined for others. */
export const numberIn = (text) => parse(ADDRESS.exec(text)?.[1] ?? text);

/** ISO/IEC 7064 hybrid system MOD 27,26, with digits as the letters A to J. */
function checkLetter(digits) {
  let check = 13;
  for (const digit of digits) check = ((((check || 26) * 2) % 27) + Number(digit)) % 26;
  return LETTERS[(27 - (((check || 26) * 2) % 27)) % 26];
}
