// Certificate numbers: DDC-<year>-<at least 7 digits>-<check letter>.

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const LOOK_ALIKE = { 0: "O", 1: "I", 5: "S", 8: "B" };

/** Whether a text is a number exactly as numbers are written, and its check letter fits. */
export function isNumber(text) {
  const parts = /^DDC-([0-9]{4})-([0-9]{7,9})-([A-Z])$/.exec(text);
  return parts !== null && checkLetter(parts[1] + parts[2]) === parts[3];
}

/** The number that a person typed; undefined for anything else. */
export function parse(text) {
  if (text.length > 64) return undefined;
  let plain = text.normalize("NFKC").replace(/[\s\-–—_./]+/g, "").toUpperCase();
  const alike = LOOK_ALIKE[plain.at(-1)];
  if (alike && plain.length > 14) plain = plain.slice(0, -1) + alike;
  const parts = /^DDC([0-9]{4})([0-9]{7,9})([A-Z])$/.exec(plain);
  const number = parts ? `DDC-${parts.slice(1).join("-")}` : "";
  return isNumber(number) ? number : undefined;
}

/** ISO/IEC 7064 hybrid system MOD 27,26, with digits as the letters A to J. */
function checkLetter(digits) {
  let check = 13;
  for (const digit of digits) check = ((((check || 26) * 2) % 27) + Number(digit)) % 26;
  return LETTERS[(27 - (((check || 26) * 2) % 27)) % 26];
}
