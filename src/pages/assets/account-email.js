// The address on file: whether mail reaches it, and the form for another one.

import { onSubmit } from "./form.js";
import { callOrLeave } from "./signed-in.js";
import { fill, notify } from "./window.js";

const banner = document.getElementById("banner");
const address = document.getElementById("email");
// Where another system owns the address there is no form, and the page names support.
const form = document.getElementById("email-change");
const opener = document.getElementById("open-email-change");
const asked = document.getElementById("email-asked");
const stillMine = document.getElementById("still-mine");

/** Shows the address and, where the customer has something to do about it, the banner with the state. */
export function showEmail({ email, email_state }) {
  address.textContent = email ?? address.dataset.none;
  if (opener) opener.textContent = email ? opener.dataset.change : opener.dataset.add;
  let isShown = false;
  for (const part of banner.querySelectorAll("[data-state]")) {
    part.hidden = part.dataset.state !== email_state;
    isShown ||= !part.hidden;
  }
  // The question about the address is no alarm.
  const isQuestion = email_state === "confirm_due";
  banner.dataset.kind = isQuestion ? "" : "warning";
  const question = banner.querySelector("[data-question]");
  question.textContent = isQuestion ? fill(question.dataset.question, { email }) : "";
  banner.hidden = !isShown;
}

function open(isOpen) {
  form.reset();
  notify("");
  notify("", { place: asked });
  form.hidden = !isOpen;
  opener.setAttribute("aria-expanded", String(isOpen));
  (isOpen ? form.elements.email : opener).focus();
}

/** Follows the buttons of the banner and of the form. `load` is called where the address or its state is another one. */
export function followEmail(load) {
  onSubmit(stillMine, async () => {
    const answer = await callOrLeave("POST", "/v1/account/email/confirmation");
    if (answer.status !== 204) return answer;
    await load();
    return { status: 204, body: { detail: stillMine.dataset.done } };
  });
  if (!form) return;
  opener.addEventListener("click", () => open(form.hidden));
  for (const button of banner.querySelectorAll("button[type=button]")) button.addEventListener("click", () => open(true));
  form.querySelector("[data-cancel]").addEventListener("click", () => open(false));
  onSubmit(form, async (fields) => {
    const answer = await callOrLeave("POST", "/v1/account/email", { ...fields, email: fields.email.trim() });
    // Self-service was switched off while the page was open.
    if (answer.status === 404) return { ...answer, body: { detail: form.dataset.support } };
    if (answer.status !== 202) return answer;
    open(false);
    notify(answer.body.message, { kind: "done", place: asked });
    return { status: 202, body: {} };
  });
}
