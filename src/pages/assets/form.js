// The behaviour of every form: one submission at a time, a sentence at each wrong field, and showing a password.

import { notify } from "./window.js";

/**
 * Runs `work` with the fields, once for each submission. The button is disabled and shows progress until it has
 * finished. `work` returns the answer of its call; wrong fields and other refusals are shown here.
 */
export function onSubmit(form, work) {
  const reveal = form.querySelector(".reveal input");
  reveal?.addEventListener("change", () => show(form, reveal.checked));
  // The mark of a wrong field goes as soon as the field is corrected.
  form.addEventListener("input", ({ target }) => target.name && showSentence(target, ""));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    if (button.disabled) return;
    button.disabled = true;
    button.setAttribute("aria-busy", "true");
    notify("");
    try {
      const { status, body } = await work(fieldsOf(form));
      if (reveal) show(form, (reveal.checked = false));
      const others = showFieldErrors(form, status === 422 ? body.errors : []);
      if (others) notify(others);
      else if (status !== 422) notify(body.detail);
    } finally {
      button.disabled = button.dataset.waits === "true";
      button.removeAttribute("aria-busy");
    }
  });
}

/**
 * The values of the fields. Spaces around a copied customer number are dropped. A password is taken exactly as typed.
 */
function fieldsOf(form) {
  const fields = Object.fromEntries(new FormData(form));
  if ("customer_number" in fields) fields.customer_number = fields.customer_number.trim();
  return fields;
}

/**
 * Shows or hides the passwords. They are hidden after a submission, since password managers save only password fields.
 */
function show(form, isShown) {
  for (const input of form.querySelectorAll("[autocomplete$=password]")) input.type = isShown ? "text" : "password";
}

/**
 * Puts each sentence under its field, marks the field as wrong, and focuses the first one. Returns the sentences that
 * are about no field of this form.
 */
function showFieldErrors(form, errors) {
  let first = null;
  const inputs = [...form.querySelectorAll("input[name]")];
  for (const input of inputs) {
    const own = errors.filter((error) => error.pointer === `#/${input.name}`);
    showSentence(input, own.map((error) => error.detail).join(" "));
    if (own.length > 0) first ??= input;
  }
  first?.focus();
  const others = errors.filter((error) => !inputs.some((input) => error.pointer === `#/${input.name}`));
  return others.map((error) => error.detail).join(" ");
}

function showSentence(input, sentence) {
  document.getElementById(`${input.id}-error`).textContent = sentence;
  input.setAttribute("aria-invalid", String(sentence !== ""));
}
