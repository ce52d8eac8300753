// The statement: the canonical facts that a certificate signs, held to their schema and to plain, normal text.

import { Validator } from "../vendor/json-schema/index.js";
import { fromText, hex, sha256 } from "./bytes.js";
import { fromDigits, sum, toDigits } from "./decimal.js";
import { canonical, isObject } from "./json.js";
import { isNumber } from "./number.js";
import { NotVerified } from "./refusal.js";
import { MAX_CODES } from "./seal.js";
import { fromDay, fromMoment } from "./time.js";

// Letters that nobody sees, or that turn the direction of text.
const HIDDEN = /[\u061c\u200b-\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff]|(?!\n)\p{Cc}|\p{Cs}/u;

/** Throws NotVerified unless facts keep to the schema, to real dates and to plain, normal text. */
export function checkStatement(facts, schema) {
  if (!isObject(facts) || !new Validator(schema, "2020-12").validate(facts).valid) throw malformed("the schema");
  if (!texts(facts).every(isPlain)) throw malformed("text that is not plain");
  if (!isNumber(facts.number)) throw malformed("the number");
  const days = [facts.valid_until, facts.contract.date, ...facts.assessment.lists.map((list) => list.published)];
  if (facts.licence) days.push(facts.licence.valid_until);
  const real = days.every((text) => text === null || fromDay(text) !== null);
  if (!real || [facts.issued_at, facts.attestation.at].some((text) => fromMoment(text) === null)) {
    throw malformed("a date that no calendar has");
  }
  if (facts.valid_until < facts.issued_at.slice(0, 10)) throw malformed("a term that ends before it begins");
}

/** SHA-256 of the canonical bytes, which is the certificate's identity. */
export const digestOf = async (facts) => hex(await sha256(fromText(canonical(facts))));

/** What a seal tells of a statement. */
export function essentials(facts, digest) {
  const endUser = facts.parties.find((party) => party.role === "end_user");
  return {
    number: facts.number,
    digest,
    issuer_id: facts.issuer.id,
    issued_at: facts.issued_at,
    valid_until: facts.valid_until,
    purpose: facts.purpose,
    exporter: facts.exporter.name,
    exporter_id: facts.exporter.identifier.value,
    end_user: endUser.name,
    end_user_country: endUser.country,
    destination: facts.route.to,
    hs_codes: [...new Set(facts.goods.map((line) => line.hs_code))].slice(0, MAX_CODES),
    goods_lines: facts.goods.length,
    net_weight_kg: toDigits(sum(facts.goods.map((line) => fromDigits(line.net_weight_kg)))),
    band: facts.assessment.band,
    licence: facts.licence ? facts.licence.number : "",
    status_address: facts.status_address,
    test: facts.test,
    status_list: facts.status_list ?? null,
  };
}

/** Whether an assessment may be certified: it came out so, or it was referred and the authority cleared it. */
export const isCertifiable = ({ outcome, review }) =>
  outcome === "certify" || (outcome === "refer" && isObject(review) && Object.keys(review).length > 0);

const malformed = (detail) => new NotVerified("statement-malformed", detail);

const isPlain = (text) => text.normalize("NFC") === text && text.trim() === text && !HIDDEN.test(text);

function texts(value) {
  if (typeof value === "string") return [value];
  return value !== null && typeof value === "object" ? Object.values(value).flatMap(texts) : [];
}
