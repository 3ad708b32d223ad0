// What support can do for a customer. The page has a button for each act that the service knows. Each is confirmed in one
// dialogue, which asks for what the act needs; a caller code is checked there as well.

import { callSignedIn, hasScope } from "./support-session.js";

const acts = document.getElementById("acts");
const dialogue = document.getElementById("act");
const form = document.getElementById("act-form");
const result = document.getElementById("act-result");
const words = document.getElementById("act-words")?.dataset;
const confirm = document.getElementById("act-do");
const cancel = document.getElementById("act-cancel");
const code = document.getElementById("act-code");

const times = new Intl.DateTimeFormat(document.documentElement.lang, { timeStyle: "short", timeZone: "Europe/Ljubljana" });

/** The customer of the present answer: `{number, accountId}`. */
let customer = null;
/** The call that the dialogue is about: `{method, path, input}`. */
let chosen = null;
/** Whether an act has changed something since the last answer. */
let isChanged = false;
/** What the page does: `refusal` gives a sentence, `over` asks to sign in, `done` asks the question again. */
let page = null;

/** Offers the acts that are possible for a customer and that the person may do. */
export function offerActs(about) {
  customer = about;
  if (!acts) return;
  for (const button of acts.querySelectorAll("button")) {
    const { path, scope } = button.dataset;
    button.hidden = !hasScope(scope) || (path.includes("{id}") && !about.accountId);
  }
  acts.hidden = !acts.querySelector("button:not([hidden])");
}

function open(button) {
  const { method, path, input } = button.dataset;
  chosen = { method, path: path.replace("{id}", customer.accountId), input };
  form.reset();
  document.getElementById("act-title").textContent = button.textContent;
  document.getElementById("act-confirm").textContent = button.dataset.confirm;
  confirm.dataset.label ??= confirm.textContent;
  confirm.textContent = confirm.dataset.label;
  confirm.hidden = false;
  cancel.dataset.label ??= cancel.textContent;
  cancel.textContent = cancel.dataset.label;
  tell("");
  dialogue.showModal();
  ask(input);
}

/** Shows the fields of one step alone. */
function ask(step) {
  for (const [id, of] of [["act-with-reason", "reason"], ["act-with-way", "caller-code"], ["act-with-code", "code"]]) {
    document.getElementById(id).hidden = of !== step;
  }
  const first = form.querySelector("div:not([hidden]) > input, fieldset:not([hidden]) input");
  // What asks for nothing has the harmless button focused.
  (first ?? cancel).focus();
}

/** Says what came of an act. The focus goes there where nothing is left to be typed. */
function tell(sentence, { isFocused = false } = {}) {
  result.textContent = sentence;
  result.hidden = !sentence;
  if (isFocused) result.focus();
}

/** What an act sends, from the fields that it asks for. */
function bodyOf(input) {
  const fields = Object.fromEntries(new FormData(form));
  if (input === "reason") return { reason: fields.reason };
  if (input === "caller-code") return { customer_number: customer.number, deliver_to: fields.deliver_to };
  // People say and type a code in groups.
  return input === "code" ? { code: fields.code.replace(/\s/g, "") } : undefined;
}

async function run() {
  const { method, path, input } = chosen;
  const body = bodyOf(input);
  tell("");
  const answer = await callSignedIn(path, body, { method });
  if (answer.status === 401) {
    dialogue.close();
    return page.over();
  }
  if (answer.status === 0 || answer.status >= 400) {
    const sentences = (answer.body.errors ?? []).map((error) => error.detail).join(" ");
    tell(sentences || page.refusal(answer));
    return form.querySelector("div:not([hidden]) > input")?.focus();
  }
  if (input === "caller-code") return askForCode(path, answer.body, body.deliver_to);
  if (input === "code") return tellOfCode(answer.body);
  isChanged = true;
  ask("done");
  return finish(answer.body.message ?? words.done);
}

function askForCode(path, { id, expires_at }, way) {
  chosen = { method: "POST", path: `${path}/${encodeURIComponent(id)}/check`, input: "code" };
  confirm.textContent = confirm.dataset.check;
  const hint = document.getElementById("act-code-hint");
  hint.textContent = hint.dataset[way].replace("{time}", times.format(new Date(expires_at)));
  document.getElementById("act-confirm").textContent = "";
  ask("code");
}

function tellOfCode({ verified, by }) {
  if (verified) {
    ask("done");
    return finish(by === "mail" ? words.verifiedMail : words.verifiedPage);
  }
  tell(words.notVerified);
  code.value = "";
  return code.focus();
}

/** Leaves nothing to do but to close the dialogue. */
function finish(sentence) {
  confirm.hidden = true;
  cancel.textContent = cancel.dataset.close;
  tell(sentence, { isFocused: true });
}

/** Follows the buttons and the dialogue. */
export function followActs(of) {
  page = of;
  acts?.addEventListener("click", ({ target }) => target.dataset.path && open(target));
  cancel?.addEventListener("click", () => dialogue.close());
  dialogue?.addEventListener("close", () => {
    if (!isChanged) return;
    isChanged = false;
    page.done();
  });
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
}
