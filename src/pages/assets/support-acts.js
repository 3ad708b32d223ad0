// What support can do for a customer. The page has a button for each act that the service knows. Each is confirmed in one
// dialogue, which asks for what the act needs; a caller code is checked there as well.

import { callSignedIn, mayAct } from "./support-session.js";

const acts = document.getElementById("acts");
const dialogue = document.getElementById("act");
const form = document.getElementById("act-form");
const result = document.getElementById("act-result");
const words = document.getElementById("act-words")?.dataset;
const confirm = document.getElementById("act-do");
const cancel = document.getElementById("act-cancel");

/** The customer of the present answer: `{number, accountId, language}`. */
let customer = null;
/** The call that the dialogue is about: `{path, input}`. */
let chosen = null;

/** Offers the acts that are possible for a customer. */
export function offerActs(about) {
  customer = about;
  if (!acts) return;
  for (const button of acts.querySelectorAll("button")) {
    button.hidden = button.dataset.path.includes("{id}") && !about.accountId;
  }
  acts.hidden = !mayAct() || !acts.querySelector("button:not([hidden])");
}

function open(button) {
  const { path, input } = button.dataset;
  chosen = { path: path.replace("{id}", customer.accountId), input };
  form.reset();
  document.getElementById("act-title").textContent = button.textContent;
  document.getElementById("act-confirm").textContent = button.dataset.confirm;
  confirm.dataset.label ??= confirm.textContent;
  confirm.textContent = confirm.dataset.label;
  confirm.hidden = false;
  cancel.dataset.label ??= cancel.textContent;
  cancel.textContent = cancel.dataset.label;
  tell("");
  ask(input);
  dialogue.showModal();
}

/** Shows the fields of one step alone. */
function ask(step) {
  for (const [id, of] of [["act-with-reason", "reason"], ["act-with-way", "caller-code"], ["act-with-code", "code"]]) {
    document.getElementById(id).hidden = of !== step;
  }
  form.querySelector("div:not([hidden]) > input, fieldset:not([hidden]) input")?.focus();
}

function tell(sentence) {
  result.textContent = sentence;
  result.hidden = !sentence;
}

/** What an act sends, from the fields that it asks for. */
function bodyOf(input) {
  const fields = Object.fromEntries(new FormData(form));
  if (input === "reason") return { reason: fields.reason.trim() };
  if (input === "caller-code") return { customer_number: customer.number, deliver_to: fields.deliver_to };
  return input === "code" ? { code: fields.code.trim() } : {};
}

async function run() {
  const { path, input } = chosen;
  const { status, body } = await callSignedIn(path, bodyOf(input));
  if (status === 0 || status >= 400) {
    const sentences = (body.errors ?? []).map((error) => error.detail).join(" ");
    return tell(sentences || body.detail || document.querySelector("main").dataset.networkError);
  }
  if (input === "caller-code") {
    chosen = { path: `${path}/${encodeURIComponent(body.id)}/check`, input: "code" };
    confirm.textContent = confirm.dataset.check;
    tell("");
    return ask("code");
  }
  if (input === "code") {
    if (body.verified) finish();
    return tell(body.verified ? words.verified : words.notVerified);
  }
  finish();
  ask("done");
  return tell(words.done);
}

/** Leaves nothing to do but to close the dialogue. */
function finish() {
  confirm.hidden = true;
  cancel.textContent = cancel.dataset.close;
  cancel.focus();
}

acts?.addEventListener("click", ({ target }) => target.dataset.path && open(target));
cancel?.addEventListener("click", () => dialogue.close());
form?.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (confirm.disabled || confirm.hidden) return;
  confirm.disabled = true;
  try {
    await run();
  } finally {
    confirm.disabled = false;
  }
});
