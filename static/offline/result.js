// The result on the page: the verdict in one word, the answers with their codes, and the facts that were signed.

import { element } from "./elements.js";
import { looks, words } from "./words.js";

const QUESTIONS = ["integrity", "issuer", "status", "attestation", "match"];

/** Show a report in a section, and lead the reader to it. */
export function showResult(section, report) {
  const heading = element("h2", "govuk-heading-l", words.result);
  heading.tabIndex = -1;
  section.replaceChildren(
    heading,
    ...(report.test ? [element("p", "verify-test", element("strong", "", words.test), ` ${words["test-notice"]}`)] : []),
    verdict(report),
    element("dl", "verify-answers", ...QUESTIONS.filter((name) => report[name]).map((name) => answer(words[name], report[name]))),
    ...compared(report),
    ...facts(report),
    element("p", "govuk-body-s portal-secondary", checked(report)),
  );
  section.hidden = false;
  heading.focus();
}

function verdict(report) {
  const { word, shape, tone } = looks[report.summary];
  const mark = element("span", "verify-verdict__shape", shape);
  mark.ariaHidden = "true";
  const line = element("p", "verify-verdict__word", mark, ` ${word}`);
  if (report.test) line.append(" ", element("span", "verify-verdict__test", words.test));
  const kind = onlyMismatch(report) ? "mismatch" : report.summary;
  return element("div", `verify-verdict verify-verdict--${tone}`, line, element("p", "verify-verdict__sentence", words[`sentence-${kind}`]));
}

const onlyMismatch = ({ integrity, issuer, status, match }) =>
  match?.answer === "no" && [integrity, issuer, status].every((one) => one.answer !== "no");

function answer(question, found) {
  const { word, shape, tone } = looks[found.answer];
  const mark = element("span", "portal-status__shape", shape);
  mark.ariaHidden = "true";
  const code = element("span", "verify-answer__code", words.code.replace("{code}", found.code));
  return element(
    "div",
    "verify-answer",
    element("dt", "verify-answer__question", question),
    element("dd", "verify-answer__tag", element("strong", `portal-status portal-status--${tone}`, mark, word)),
    element("dd", "verify-answer__reason", `${found.text[words.language]} `, code),
  );
}

function compared({ match }) {
  const fields = Object.entries(match?.fields ?? {});
  if (!fields.length) return [];
  const list = element("dl", "verify-answers", ...fields.map(([name, found]) => answer(words[`field-${name}`], found)));
  return [element("h3", "govuk-heading-m", words["put-in"]), list];
}

function facts({ essentials, statement, digest, log_index: place }) {
  if (!essentials) return [];
  const exporter = essentials.exporter_id ? `${essentials.exporter} (${essentials.exporter_id})` : essentials.exporter;
  const rows = [
    ["number", essentials.number],
    ["purpose", (words[`purpose-${essentials.purpose}`] ?? essentials.purpose).replace("{licence}", essentials.licence)],
    ["exporter", exporter],
    ["end-user", `${essentials.end_user} (${country(essentials.end_user_country)})`],
    ["hs-codes", essentials.hs_codes.join(", ")],
    ["goods-lines", String(essentials.goods_lines)],
    ["net-weight", `${essentials.net_weight_kg} kg`],
    ["term", words.span.replace("{first}", day(essentials.issued_at)).replace("{last}", day(essentials.valid_until))],
  ];
  const list = element("dl", "govuk-summary-list", ...rows.map(([name, value]) => row(words[name], value)));
  return [
    element("h3", "govuk-heading-m", words.compare),
    element("p", "govuk-body", words["compare-hint"]),
    list,
    ...(statement ? [goods(statement)] : []),
    element("p", "govuk-body-s portal-break", `${words.digest}: ${digest}`, document.createElement("br"), `${words["log-entry"]}: ${place}`),
    element("p", "govuk-body", words.proves),
  ];
}

function row(name, value) {
  return element(
    "div",
    "govuk-summary-list__row",
    element("dt", "govuk-summary-list__key", name),
    element("dd", "govuk-summary-list__value", value),
  );
}

function goods({ goods: lines }) {
  const items = lines.slice(0, 50).map((line) => {
    const name = (words.language === "zh" && line.name_zh) || line.name;
    return element("li", "", `${name} – ${line.hs_code}, ${line.net_weight_kg} kg`);
  });
  return element("div", "", element("h3", "govuk-heading-m", words.goods), element("ol", "govuk-list govuk-list--number", ...items));
}

const country = (code) => new Intl.DisplayNames([document.documentElement.lang], { type: "region", fallback: "code" }).of(code);

const day = (text) =>
  new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "long", timeZone: "UTC" }).format(new Date(text.slice(0, 10)));

function checked({ checked_at: now, status_as_of: asOf }) {
  const told = (text) => text.replace("T", " ").replace("Z", " UTC");
  const parts = [words["checked-on"].replace("{moment}", told(now))];
  if (asOf) parts.push(words["status-as-of"].replace("{moment}", told(asOf)));
  return parts.join(words.language === "zh" ? "" : " ");
}
