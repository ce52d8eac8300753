// What is wrong with what was put in, beside its field and tied to it.

import { words } from "./words.js";

/** Take away what was said before. */
export function clearFaults(form) {
  for (const said of form.querySelectorAll(".govuk-error-message")) {
    const field = document.getElementById(said.dataset.of);
    field.classList.remove(`${look(field)}--error`);
    field.removeAttribute("aria-invalid");
    field.setAttribute("aria-describedby", field.dataset.described ?? "");
    said.closest(".govuk-form-group").classList.remove("govuk-form-group--error");
    said.remove();
  }
}

/** Say what is wrong with a field; the first that is said takes the focus. */
export function fault(field, text) {
  const message = document.createElement("p");
  Object.assign(message, { id: `${field.id}-error`, className: "govuk-error-message", textContent: `${words.error} ${text}` });
  message.dataset.of = field.id;
  field.dataset.described ??= field.getAttribute("aria-describedby") ?? "";
  field.setAttribute("aria-describedby", `${field.dataset.described} ${message.id}`.trim());
  field.setAttribute("aria-invalid", "true");
  field.classList.add(`${look(field)}--error`);
  field.before(message);
  field.closest(".govuk-form-group").classList.add("govuk-form-group--error");
  if (field.form.querySelectorAll(".govuk-error-message").length === 1) field.focus();
}

const look = ({ tagName, type }) =>
  ({ TEXTAREA: "govuk-textarea", SELECT: "govuk-select" })[tagName] ?? (type === "file" ? "govuk-file-upload" : "govuk-input");
