// Lists that were brought on a stick: status lists are kept where a trusted issuer has signed them, and a new issuer only
// when a person says so who has seen the thumbprints of its keys.

import { Misspelt } from "./bytes.js";
import { element } from "./elements.js";
import { isObject, read } from "./json.js";
import { Refused } from "./lists.js";
import { day } from "./time.js";
import { TrustError } from "./trust.js";
import { words } from "./words.js";

const at = (name) => document.getElementById(name);
// Bytes of a file with every list of an issuer.
const MAX_BYTES = 64 * 1024 * 1024;
// Status lists that wait for their issuer to be trusted.
let waiting = [];

/** Take files from the field, and call `changed` whenever what is trusted or kept may have changed. */
export function takeFiles(lists, changed) {
  at("brought-part").hidden = false;
  at("brought").addEventListener("change", async ({ target }) => {
    const files = [...target.files];
    await take(lists, files, changed);
    target.value = "";
  });
}

async function take(lists, files, changed) {
  const told = [];
  at("proposed").replaceChildren();
  for (const file of files) {
    const text = (await file.text()).trim();
    const { trust, tokens } = parts(text);
    waiting.push(...tokens);
    if (trust) told.push(...(await propose(lists, trust, file.name, changed)));
  }
  told.unshift(...(await bring(lists)));
  at("brought-said").textContent = told.join(" ");
  changed();
}

/** What a file holds: the text of a trust file, status lists, or (as "portal status fetch" writes them) both. */
function parts(text) {
  if (!text.startsWith("{")) return { tokens: [text] };
  try {
    const { type, trust, status_lists: tokens } = read(text, MAX_BYTES);
    if (type === "due-diligence-lists" && isObject(trust) && tokens.every((one) => typeof one === "string")) {
      return { trust: JSON.stringify(trust), tokens };
    }
  } catch (error) {
    if (!(error instanceof Misspelt || error instanceof TypeError)) throw error;
  }
  return { trust: text, tokens: [] };
}

/** Keep the lists that wait, as far as their issuers are trusted; tells how it went, unless a decision is awaited. */
async function bring(lists) {
  const left = await lists.bring(waiting);
  const kept = waiting.length - left.length;
  waiting = undecided() ? left : [];
  const told = kept ? [words["brought-kept"].replace("{count}", kept)] : [];
  if (left.length && !undecided()) told.push(words["brought-left"].replace("{count}", left.length));
  return told;
}

const undecided = () => at("proposed").childElementCount > 0;

async function propose(lists, text, source, changed) {
  let found;
  try {
    found = await lists.propose(text, source);
  } catch (error) {
    if (![Misspelt, TrustError, Refused].some((kind) => error instanceof kind)) throw error;
    return [words[error instanceof Refused ? "brought-older" : "brought-broken"].replace("{file}", source)];
  }
  at("proposed").append(...found.map((one) => card(lists, one, changed)));
  return [found.length ? words["brought-decide"] : words["brought-known"].replace("{file}", source)];
}

/** An issuer that nobody has decided on: its name, its keys, and two buttons. */
function card(lists, one, changed) {
  const { issuer, source } = one;
  const decide = async (trusted) => {
    made.remove();
    const told = trusted ? await trust(lists, one) : [words["brought-not-trusted"], ...(await bring(lists))];
    at("brought-said").textContent = told.join(" ");
    changed();
  };
  const made = element(
    "section",
    "verify-proposal",
    element("h3", "govuk-heading-s", `${words["trust-question"]} ${issuer.name[words.language]}`),
    ...(issuer.test ? [element("p", "verify-test", element("strong", "", words.test), ` ${words["test-issuer"]}`)] : []),
    element("p", "govuk-body", words["compare-thumbprints"]),
    element("dl", "govuk-summary-list", ...facts(issuer, source)),
    button("govuk-button govuk-button--warning", words["trust-it"], () => decide(true)),
    button("govuk-button govuk-button--secondary", words["trust-not"], () => decide(false)),
  );
  return made;
}

async function trust(lists, one) {
  try {
    await lists.add(one);
  } catch (error) {
    if (!(error instanceof TrustError)) throw error;
    return [words["brought-contradicts"]];
  }
  return [words["brought-trusted"].replace("{name}", one.issuer.name[words.language]), ...(await bring(lists))];
}

function facts(issuer, source) {
  const row = (name, ...told) =>
    element("div", "govuk-summary-list__row", element("dt", "govuk-summary-list__key", name), element("dd", "govuk-summary-list__value portal-break", ...told));
  return [
    row(words.file, source),
    row(words["issuer-id"], issuer.id),
    row(words["status-address"], issuer.statusAddress),
    ...issuer.keys.map((key) => row(words[`key-${key.use}`], element("code", "verify-thumbprint", key.thumbprint), ` ${term(key)}`)),
    ...issuer.logs.map((log) => row(words.log, log.origin)),
  ];
}

const term = ({ begins, ends }) => `(${day(begins)} – ${ends === null ? "" : day(ends)})`;

/** The issuers that were added, each with its source and age and a button to trust it no longer. */
export function showAdded(lists, told, changed) {
  at("added-part").hidden = !lists.added.length;
  at("added").replaceChildren(
    ...lists.added.map((one) => {
      const name = one.entry.name[words.language];
      const remove = button("govuk-button govuk-button--secondary", words["trust-no-longer"], async () => {
        await lists.remove(one.entry.id);
        at("brought-said").textContent = words["brought-removed"].replace("{name}", name);
        changed();
      });
      remove.append(element("span", "govuk-visually-hidden", ` ${name}`));
      return element("li", "", element("strong", "", name), ...told(one).flatMap((line) => [element("br"), line]), element("br"), remove);
    }),
  );
}

function button(className, text, work) {
  const made = element("button", className, text);
  made.type = "button";
  made.addEventListener("click", work);
  return made;
}
