// Bytes and their spellings. Each spelling is read only in the one form in which it is written.

const LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
const utf8 = new TextEncoder();
const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** A text or its bytes could be read in another way, or not at all. */
export class Misspelt extends Error {}

export const fromText = (text) => utf8.encode(text);

/** The text of UTF-8 bytes. Throws Misspelt. */
export function toText(bytes) {
  try {
    return strictUtf8.decode(bytes);
  } catch {
    throw new Misspelt("not UTF-8");
  }
}

export const equal = (one, other) => one.length === other.length && one.every((byte, at) => byte === other[at]);

export function joined(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

export const fromHex = (text) => Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));

/** Standard base64 (RFC 4648 section 4). */
export function base64(bytes) {
  let letters = "";
  for (let at = 0; at < bytes.length; at += 8192) letters += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(letters);
}

/** The bytes behind base64. Throws Misspelt. */
export function fromBase64(text) {
  let letters;
  try {
    letters = atob(text);
  } catch {
    throw new Misspelt("not base64");
  }
  const bytes = Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
  if (base64(bytes) !== text) throw new Misspelt("base64 that could be written otherwise");
  return bytes;
}

/** Base64url without padding (RFC 7515 section 2). */
export const base64url = (bytes) => base64(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

/** The bytes behind base64url. Throws Misspelt. */
export function fromBase64url(text) {
  if (!/^[A-Za-z0-9_-]*$/.test(text)) throw new Misspelt("not base64url");
  const standard = text.replaceAll("-", "+").replaceAll("_", "/");
  return fromBase64(standard + "=".repeat((4 - (standard.length % 4)) % 4));
}

/** The bytes behind base45 (RFC 9285). Throws Misspelt. */
export function fromBase45(text) {
  if (text.length % 3 === 1) throw new Misspelt("not base45");
  const bytes = [];
  for (let at = 0; at < text.length; at += 3) {
    const digits = Array.from(text.slice(at, at + 3), (letter) => LETTERS.indexOf(letter));
    if (digits.includes(-1)) throw new Misspelt("not base45");
    const value = digits.reduce((sum, digit, place) => sum + digit * 45 ** place, 0);
    if (value >= 256 ** (digits.length - 1)) throw new Misspelt("not base45");
    if (digits.length === 3) bytes.push(value >> 8);
    bytes.push(value & 0xff);
  }
  return Uint8Array.from(bytes);
}

/** SHA-256 of bytes. */
export const sha256 = async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));

/** A number as so many bytes, the highest first. */
export function bigEndian(number, length) {
  const bytes = new Uint8Array(length);
  let rest = BigInt(number);
  for (let at = length - 1; at >= 0; at -= 1) {
    bytes[at] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  return bytes;
}

export const fromBigEndian = (bytes) => bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
