// What an officer says lies before them, read from the form. The field names are those of portal.verification.presented.

import { fromDigits } from "./decimal.js";

export const FIELDS = ["hs_codes", "net_weight_kg", "consignee", "destination", "container", "declaration"];
const [MOST_CODES, LONGEST] = [50, 200];
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/** What was typed: { presented } (null when nothing was), or { errors } with the names of the fields at fault. */
export function readPresented(values) {
  const typed = Object.fromEntries(FIELDS.map((field) => [field, (values[field] ?? "").normalize("NFKC").trim()]));
  const errors = FIELDS.filter((field) => field !== "hs_codes" && [...typed[field]].length > LONGEST);
  const codes = typed.hs_codes.split(/[\s,;、，；]+/).filter(Boolean).map((code) => code.replace(/[.-]/g, ""));
  if (codes.length > MOST_CODES || !codes.every((code) => /^\d{6}(\d{2}){0,2}$/.test(code))) errors.push("hs_codes");
  const weight = typed.net_weight_kg && fromDigits(typed.net_weight_kg.replaceAll(" ", ""));
  if (weight === undefined || (weight && !isWeight(weight))) errors.push("net_weight_kg");
  const destination = typed.destination.toUpperCase();
  const container = typed.container.replace(/[\s/-]/g, "").toUpperCase();
  if (container && !isContainer(container)) errors.push("container");
  if (errors.length) return { errors: [...new Set(errors)] };
  if (!FIELDS.some((field) => typed[field])) return { presented: null };
  const { consignee, declaration } = typed;
  return { presented: { hs_codes: codes, net_weight_kg: weight || null, consignee, destination, container, declaration } };
}

const isWeight = ({ units, scale }) => units > 0n && units < 10n ** BigInt(12 + scale);

/** Whether a container number fits its check digit (ISO 6346); letters count from 10 without multiples of 11. */
function isContainer(text) {
  if (!/^[A-Z]{3}[UJZR][0-9]{7}$/.test(text)) return false;
  const values = Array.from(text.slice(0, 10), (sign) => {
    const letter = LETTERS.indexOf(sign);
    return letter < 0 ? Number(sign) : 10 + letter + Math.floor((letter + 9) / 10);
  });
  const total = values.reduce((sum, value, place) => sum + value * 2 ** place, 0);
  return (total % 11) % 10 === Number(text[10]);
}
