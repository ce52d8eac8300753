// Decimal numbers as text, exact: { units, scale } is units / 10 ** scale.

/** The number that plain digits write, with or without a part behind the point; undefined for any other text. */
export function fromDigits(text) {
  if (!/^[0-9]+(\.[0-9]+)?$/.test(text)) return undefined;
  const [whole, part = ""] = text.split(".");
  return { units: BigInt(whole + part), scale: part.length };
}

const scaled = ({ units, scale }, to) => units * 10n ** BigInt(to - scale);

/** The sum of numbers, with as many places as the longest has. */
export function sum(numbers) {
  const scale = Math.max(0, ...numbers.map((one) => one.scale));
  return { units: numbers.reduce((total, one) => total + scaled(one, scale), 0n), scale };
}

export function isMore(one, other) {
  const scale = Math.max(one.scale, other.scale);
  return scaled(one, scale) > scaled(other, scale);
}

export function toDigits({ units, scale }) {
  const digits = units.toString().padStart(scale + 1, "0");
  return scale ? `${digits.slice(0, -scale)}.${digits.slice(-scale)}` : digits;
}
