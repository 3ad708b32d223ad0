// The behaviour of every form: one submission at a time, a sentence at each wrong field, and what else was refused above
// the button.

import { followSecrets, hideSecrets } from "./secret.js";
import { countDown, fill, inWords, notify, sentence } from "./window.js";

/**
 * Runs `work` with the fields, once for each submission. The button is disabled and shows progress until it has
 * finished. `work` returns the answer of its call; wrong fields and other refusals are shown here. `way` is a link that
 * leads on where the whole form is refused.
 */
export function onSubmit(form, work, { way } = {}) {
  const button = form.querySelector("[type=submit]");
  let endWait = () => {};
  followSecrets(form);
  // The mark of a wrong field goes as soon as the field is corrected.
  form.addEventListener("input", ({ target }) => target.name && showSentence(target, ""));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (button.disabled) return;
    endWait();
    const label = showBusy(button);
    notify("");
    try {
      const { status, body, wait } = await work(fieldsOf(form));
      hideSecrets(form);
      const { count, others } = showFieldErrors(form, status === 422 ? body.errors : []);
      if (status === 429 && wait) endWait = showWait(form, wait, way);
      else if (status === 0 && body.detail) showAway(form, body.detail);
      else if (status === 422) count + others.length > 0 && showWrong(form, count, others);
      else notify(body.detail, { kind: kindOf(status, form), form, way: status === 401 ? way : undefined });
    } finally {
      button.disabled = button.dataset.waits === "true";
      button.removeAttribute("aria-busy");
      button.textContent = button.dataset.label ?? label;
      button.style.minWidth = "";
    }
  });
}

/** Where the form is gone, the answer is no refusal of what stands in it. */
function kindOf(status, form) {
  if (status < 300) return "done";
  return form.hidden ? "" : "refused";
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

/** Says for how long calls are refused, and which way is open meanwhile. */
function showWait(form, wait, way) {
  let said = "";
  return countDown(wait, (left) => {
    const next = left > 0 ? fill(sentence("wait"), { time: inWords(left) }) : "";
    // The sentence is written anew where its words change: a screen reader announces each change.
    if (next !== said) notify((said = next), { kind: "wait", form, way });
  });
}

/** Says that the server cannot be reached. What was not sent is sent once the network is back. */
function showAway(form, detail) {
  notify(detail, { kind: "wait", form });
  if (navigator.onLine === false) addEventListener("online", () => form.requestSubmit?.(), { once: true });
}

/** Says how many fields are wrong, and what is wrong apart from fields. The focus stays at the first wrong field. */
function showWrong(form, count, others) {
  const focused = document.activeElement;
  const sentences = [...others, ...(count > 0 ? [sentence("wrong").split("|")[count - 1] ?? ""] : [])];
  notify(sentences.join(" "), { kind: "refused", form });
  if (count > 0) focused.focus();
}

/**
 * The values of the fields. A customer number may be written as people write numbers: `123 456`, `123-456`, `123.456`, in
 * fullwidth digits, or with invisible characters that came along when it was copied. A password is taken as typed.
 */
function fieldsOf(form) {
  const fields = Object.fromEntries(new FormData(form));
  if ("customer_number" in fields) {
    fields.customer_number = fields.customer_number.normalize("NFKC").replace(/[\s.\-\u00ad\u200b-\u200f\u2010-\u2015\u2060\ufeff]/g, "");
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
  document.getElementById(`${input.id}-error`).textContent = text;
  input.setAttribute("aria-invalid", String(text !== ""));
}
