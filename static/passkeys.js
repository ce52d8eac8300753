// Asks the browser for a passkey and posts what it answers. A place on a page that asks for one looks like this:
// <div data-passkey="get" or "create" data-passkey-form="id of a form" data-passkey-options="JSON"> with, inside it,
// [data-passkey-without] (shown when passkeys do not work here), button[data-passkey-button] and [data-passkey-failed].
// The form has a field named "passkey" for the answer. With data-passkey-tick="name of a box" that box has to be
// ticked first, else [data-passkey-unticked] is shown.

const bytes = (text) =>
  Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));

const text = (buffer) =>
  btoa(Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join(""))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=+$/, "");

const described = (credentials) => (credentials ?? []).map((one) => ({ ...one, id: bytes(one.id) }));

function decoded(options) {
  const found = { ...options, challenge: bytes(options.challenge) };
  if (options.user) found.user = { ...options.user, id: bytes(options.user.id) };
  if (options.excludeCredentials) found.excludeCredentials = described(options.excludeCredentials);
  if (options.allowCredentials) found.allowCredentials = described(options.allowCredentials);
  return found;
}

function encoded(credential) {
  const response = { clientDataJSON: text(credential.response.clientDataJSON) };
  for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) response[name] = text(credential.response[name]);
  }
  if (credential.response.getTransports) response.transports = credential.response.getTransports();
  return JSON.stringify({
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    response,
    clientExtensionResults: {},
  });
}

async function ask(place, form) {
  const publicKey = decoded(JSON.parse(place.dataset.passkeyOptions));
  const credential = await navigator.credentials[place.dataset.passkey]({ publicKey });
  form.elements.passkey.value = encoded(credential);
  form.submit();
}

function prepare(place) {
  const form = document.getElementById(place.dataset.passkeyForm);
  const button = place.querySelector("[data-passkey-button]");
  const failed = place.querySelector("[data-passkey-failed]");
  place.querySelector("[data-passkey-without]").hidden = true;
  button.hidden = false;
  const box = place.dataset.passkeyTick && form.elements[place.dataset.passkeyTick];
  const unticked = place.querySelector("[data-passkey-unticked]");
  button.addEventListener("click", async () => {
    failed.hidden = true;
    if (box) {
      unticked.hidden = box.checked;
      if (!box.checked) return box.focus();
    }
    button.disabled = true;
    try {
      await ask(place, form);
    } catch {
      // The person cancelled, waited too long, or has no passkey here: the browser does not say which.
      failed.hidden = false;
      button.disabled = false;
      button.focus();
    }
  });
}

if (window.PublicKeyCredential) {
  document.querySelectorAll("[data-passkey]").forEach(prepare);
}
