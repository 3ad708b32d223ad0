// The page of support: signing in, asking, and the answer.

import { followActs, offerActs } from "./support-acts.js";
import { hideAnswer, showAnswer } from "./support-answer.js";
import { callSignedIn, goOn, person, signIn, signOut } from "./support-session.js";

const main = document.querySelector("main");
const notice = document.getElementById("notice");
const signInForm = document.getElementById("sign-in");
const room = document.getElementById("room");
const question = document.getElementById("question");

function notify(sentence) {
  notice.textContent = sentence ?? "";
  notice.hidden = !sentence;
  if (sentence) notice.focus();
}

/** Shows the sign-in, with a sentence why. */
function askToSignIn(sentence) {
  hideAnswer();
  question.reset();
  room.hidden = true;
  document.getElementById("who").hidden = true;
  signInForm.hidden = false;
  if (sentence) notify(sentence);
  else document.getElementById("client-id").focus();
}

function enter() {
  notify("");
  signInForm.hidden = true;
  document.getElementById("person").textContent = person();
  document.getElementById("who").hidden = false;
  room.hidden = false;
  document.getElementById("number").focus();
}

/** A wait in short words, such as `15 min`. */
function duration(seconds) {
  const [value, unit] = seconds < 60 ? [seconds, "second"] : [Math.ceil(seconds / 60), "minute"];
  const format = { style: "unit", unit, unitDisplay: "short" };
  return new Intl.NumberFormat(document.documentElement.lang, format).format(value);
}

/** The sentence of a refusal that is about no field. */
function refusal({ status, body, wait }) {
  if (status === 429) return main.dataset.wait.replace("{time}", duration(Number(wait ?? 60)));
  return status === 0 ? main.dataset.networkError : (body.detail ?? main.dataset.networkError);
}

/** Runs work once for each submission, while the button shows that it is busy. */
function onSubmit(form, work) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    if (button.disabled) return;
    const label = button.textContent;
    button.disabled = true;
    button.textContent = button.dataset.busy ?? label;
    notify("");
    try {
      await work(new FormData(form));
    } finally {
      button.disabled = false;
      button.textContent = label;
    }
  });
}

onSubmit(signInForm, async (fields) => {
  const [id, secret] = ["client_id", "client_secret"].map((name) => fields.get(name).trim());
  // The secret is dropped whatever the answer is.
  document.getElementById("client-secret").value = "";
  const answer = await signIn(id, secret);
  if (answer.status === 201) {
    signInForm.reset();
    return enter();
  }
  const { wrongClient, noPerson } = main.dataset;
  return notify({ 401: wrongClient, 403: noPerson }[answer.status] ?? refusal(answer));
});

/** Puts each sentence under its field, and focuses the first wrong one. */
function showFieldErrors(errors) {
  let first = null;
  for (const input of question.querySelectorAll("input")) {
    const own = errors.filter((error) => error.pointer === `#/${input.name}`);
    document.getElementById(`${input.id}-error`).textContent = own.map((error) => error.detail).join(" ");
    input.setAttribute("aria-invalid", String(own.length > 0));
    if (own.length > 0) first ??= input;
  }
  first?.focus();
}

onSubmit(question, async (fields) => {
  const number = fields.get("customer_number").trim();
  const email = fields.get("email").trim();
  const language = fields.get("language");
  hideAnswer();
  showFieldErrors([]);
  const asked = { customer_number: number, ...(email && { email }) };
  const answer = await callSignedIn("/v1/support/diagnosis", asked, { language });
  if (answer.status === 401) return askToSignIn(main.dataset.sessionOver);
  if (answer.status === 422) return showFieldErrors(answer.body.errors);
  if (answer.status !== 200) return notify(refusal(answer));
  offerActs({ number, accountId: answer.body.account_id });
  return showAnswer(answer.body, { number, language, hasEmail: email !== "" });
});

followActs({
  refusal,
  over: () => askToSignIn(main.dataset.sessionOver),
  // What an act has changed stands in the next answer.
  done: () => question.requestSubmit(),
});

document.getElementById("sign-out").addEventListener("click", async () => {
  const { status } = await signOut();
  askToSignIn(status === 0 ? main.dataset.networkError : main.dataset.signedOut);
});

// A page from the browser's cache is loaded again: its session may have ended.
addEventListener("pageshow", (event) => event.persisted && location.reload());

const answer = main.dataset.mayBeSignedIn === "true" ? await goOn() : { status: 401 };
if (answer.status === 200) enter();
else if (answer.status === 401) askToSignIn(main.dataset.mayBeSignedIn === "true" ? main.dataset.sessionOver : "");
else askToSignIn(refusal(answer));
