// The fourth verdict: does the certificate match what lies before the officer? As portal.verification.comparison.

import { fromDigits, isMore, sum, toDigits } from "./decimal.js";
import { Verdicts, summary } from "./report.js";
import { MAX_CODES } from "./seal.js";

// Roles of those who may stand as consignee on a declaration.
const RECEIVERS = ["consignee", "ultimate_consignee", "end_user"];
// The six digits that HS 2022 has in common everywhere; a national code is longer.
const COMMON_DIGITS = 6;
// From here up two spellings are close enough that only a person can tell a typing error from another firm.
const CLOSE = 80;
// Compared even where no paper was shown.
const PUBLIC = ["hs_codes", "container", "declaration"];

/** The report with the fourth verdict, where something was put in; otherwise the same report. */
export function withMatch(report, presented, rules) {
  if (!presented) return report;
  const verdicts = new Verdicts(rules.reasons);
  const added = (match) => ({ ...report, match, summary: summary({ ...report, match }) });
  if (!report.essentials) return added({ ...verdicts.of("match-not-verified"), fields: {} });
  const paper = report.integrity.key !== "number-only";
  const fields = {};
  for (const [field, key, values] of compared(presented, report.essentials, report.statement, rules)) {
    fields[field] = paper || PUBLIC.includes(field) ? verdicts.of(key, values) : verdicts.of("match-needs-paper");
  }
  const answers = Object.values(fields).map((verdict) => verdict.answer);
  const open = answers.includes("could_not_tell") ? "match-open" : "matches";
  return added({ ...verdicts.of(answers.includes("no") ? "matches-not" : open), fields });
}

function* compared(presented, facts, statement, rules) {
  if (presented.hs_codes.length) yield ["hs_codes", ...codes(presented.hs_codes, facts, statement)];
  if (presented.net_weight_kg) yield ["net_weight_kg", ...weight(presented, facts, statement)];
  if (presented.consignee) yield ["consignee", ...consignee(presented.consignee, facts, statement, rules)];
  if (presented.destination) {
    const key = presented.destination === facts.destination ? "destination-same" : "destination-other";
    const name = (code) => rules.countries[code] ?? code;
    yield ["destination", key, { presented: name(presented.destination), certificate: name(facts.destination) }];
  }
  for (const field of ["container", "declaration"]) {
    if (presented[field]) yield [field, `${field}-not-told`, { presented: presented[field] }];
  }
}

/** Whether a code stands for goods of another: the digits that both have agree, six of them at least. */
function covers(certified, presented) {
  const length = Math.min(certified.length, presented.length);
  return length >= COMMON_DIGITS && certified.slice(0, length) === presented.slice(0, length);
}

function codes(presented, facts, statement) {
  const known = statement ? statement.goods.map((line) => line.hs_code) : facts.hs_codes;
  const strange = presented.filter((code) => !known.some((certified) => covers(certified, code)));
  if (!strange.length) return ["hs-covered", { presented: presented.join(", ") }];
  // A seal tells at most so many codes: one that it does not tell may still be in the certificate.
  const allTold = statement !== null || facts.hs_codes.length < MAX_CODES;
  const values = { presented: strange.join(", "), certificate: [...new Set(known)].join(", ") };
  return [allTold ? "hs-not-covered" : "hs-not-all-told", values];
}

/** Less is a part of the consignment. With codes, only the lines of these codes may make up the weight. */
function weight({ net_weight_kg: presented, hs_codes: wanted }, facts, statement) {
  const values = { presented: toDigits(presented), certificate: facts.net_weight_kg };
  if (isMore(presented, fromDigits(facts.net_weight_kg))) return ["weight-exceeded", values];
  const lines = statement && wanted.length ? statement.goods.filter((l) => wanted.some((code) => covers(l.hs_code, code))) : [];
  const ofCodes = sum(lines.map((line) => fromDigits(line.net_weight_kg)));
  if (lines.length && isMore(presented, ofCodes)) {
    return ["weight-exceeded-of-codes", { ...values, certificate: toDigits(ofCodes) }];
  }
  return ["weight-within", values];
}

function consignee(presented, facts, statement, rules) {
  const named = statement ? receivers(statement) : [["end_user", facts.end_user]];
  const key = letters(presented);
  const same = named.find(([, name]) => letters(name).join("") === key.join(""));
  if (same) return ["consignee-named", { certificate: same[1], role: rules.roles[same[0]] ?? same[0] }];
  const likeness = named.map(([, name]) => ratio(letters(name), key));
  const best = likeness.indexOf(Math.max(...likeness));
  const names = [...new Set(named.map(([, name]) => name))].join(", ");
  if (likeness[best] >= CLOSE) return ["consignee-spelled-otherwise", { presented, certificate: named[best][1] }];
  return [statement ? "consignee-other" : "consignee-not-told", { presented, certificate: names }];
}

function receivers({ parties }) {
  return RECEIVERS.flatMap((role) => parties.filter((party) => party.role === role)).flatMap((party) =>
    [party.name, party.name_native].filter(Boolean).map((name) => [party.role, name]),
  );
}

/** Letters and digits alone, without case, width and accents: what two prints of one name have in common. */
function letters(name) {
  const folded = Array.from(name.normalize("NFKD"), (letter) => letter.toLowerCase().toUpperCase().toLowerCase());
  return folded.flatMap((part) => [...part]).filter((letter) => /[\p{L}\p{N}]/u.test(letter));
}

/** How alike two texts are, from 0 to 100: twice the longest common subsequence over both lengths. */
function ratio(one, other) {
  if (!one.length && !other.length) return 100;
  let row = new Array(other.length + 1).fill(0);
  for (const letter of one) {
    const next = [0];
    for (let at = 1; at <= other.length; at += 1) {
      next.push(letter === other[at - 1] ? row[at - 1] + 1 : Math.max(row[at], next[at - 1]));
    }
    row = next;
  }
  return (200 * row[other.length]) / (one.length + other.length);
}
