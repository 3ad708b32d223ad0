// The behaviour of every form: one submission at a time, a sentence at each wrong field, and what else was refused above
// the button.

import { followSecrets, hideSecrets } from "./secret.js";
import { notify, notifyWait, retryOnline, sentence } from "./window.js";

/**
 * Runs `work` with the fields, once for each submission. The button is disabled and shows progress until it has
 * finished. `work` returns the answer of its call, with `kind` where the panel is to show another one than the status
 * says; wrong fields and other refusals are shown here. `way` is a link that leads on where the whole form is refused.
 */
export function onSubmit(form, work, { way } = {}) {
  const button = form.querySelector("[type=submit]");
  followSecrets(form);
  // The mark of a wrong field goes as soon as the field is corrected.
  form.addEventListener("input", ({ target }) => target.name && showSentence(target, ""));
  form.addEventListener("reset", () => showFieldErrors(form, []));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (button.disabled) return;
    retryOnline(null);
    const label = showBusy(button);
    notify("");
    try {
      const fields = fieldsOf(form);
      hideSecrets(form);
      const { status, body, wait, kind } = await work(fields);
      const { count, others } = showFieldErrors(form, status === 422 ? body.errors : []);
      if (status === 429 && wait) notifyWait(wait, { form, way });
      else if (status === 0) showAway(form, body.detail);
      else if (status === 422) showWrong(form, count, others, body.detail);
      else notify(body.detail, { kind: kind ?? kindOf(status), form, way: status === 401 ? way : undefined });
    } finally {
      button.disabled = button.dataset.waits === "true";
      button.removeAttribute("aria-busy");
      button.textContent = button.dataset.label ?? label;
      button.style.minWidth = "";
    }
  });
}

function kindOf(status) {
  return status < 300 ? "done" : "refused";
}

/** The button keeps its width while it says that it is sending. */
function showBusy(button) {
  const label = button.textContent;
  button.style.minWidth = `${button.offsetWidth}px`;
  button.disabled = true;
  button.setAttribute("aria-busy", "true");
  if (!button.classList.contains("quiet")) button.textContent = sentence("sending");
  return label;
}

/** Says that the server cannot be reached. What was not sent is sent once the network is back. */
function showAway(form, detail) {
  notify(detail, { kind: "wait", form });
  // Safari before 16 has no `requestSubmit`.
  if (navigator.onLine === false) retryOnline(() => form.dispatchEvent(new Event("submit", { cancelable: true })));
}

/** Says how many fields are wrong, and what is wrong apart from fields. The focus stays at the first wrong field. */
function showWrong(form, count, others, detail) {
  const focused = document.activeElement;
  const ofFields = count > 0 ? [sentence("wrong").split("|")[count - 1] ?? detail] : [];
  notify([...others, ...ofFields].join(" ") || detail, { kind: "refused", form });
  if (count > 0) focused.focus();
}

/**
 * A customer number as the API takes it. People write it as `123 456`, `123-456` or `123.456`, in fullwidth digits, or with
 * invisible characters that came along when it was copied.
 */
export function customerNumber(typed) {
  return typed.normalize("NFKC").replace(/[\s.\u2212\p{Pd}\p{Cf}]/gu, "");
}

/** The values of the fields. A password is taken as typed. */
function fieldsOf(form) {
  const fields = Object.fromEntries(new FormData(form));
  if ("customer_number" in fields) {
    fields.customer_number = customerNumber(fields.customer_number);
  }
  return fields;
}

/**
 * Puts each sentence under its field, marks the field as wrong, and focuses the first one. Returns the number of wrong
 * fields, and the sentences that are about no field of this form.
 */
function showFieldErrors(form, errors) {
  const wrong = [];
  const inputs = [...form.querySelectorAll("input[name]")];
  for (const input of inputs) {
    const own = errors.filter((error) => error.pointer === `#/${input.name}`);
    showSentence(input, sentencesOf(input, own).join(" "));
    if (own.length > 0) wrong.push(input);
  }
  wrong[0]?.focus();
  const others = errors.filter((error) => !inputs.some((input) => error.pointer === `#/${input.name}`));
  return { count: wrong.length, others: others.map((error) => error.detail) };
}

/** The rules that have a chip share one sentence, which the field knows. */
function sentencesOf(input, errors) {
  const chips = input.dataset.chips?.split(" ") ?? [];
  const sentences = errors.map(({ code, detail }) => (chips.includes(code) ? input.dataset.rules : detail));
  return [...new Set(sentences)];
}

function showSentence(input, text) {
  const place = document.getElementById(`${input.id}-error`);
  // The form was replaced while its call was running.
  if (!place) return;
  place.textContent = text;
  input.setAttribute("aria-invalid", String(text !== ""));
  // What is wrong takes the place of the sentence with the rules.
  if (input.dataset.rules) input.setAttribute("aria-describedby", text === "" ? `${place.id} rules` : place.id);
}
