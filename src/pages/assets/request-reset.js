// The form that asks for a reset mail, and the wait before asking again.

import { call } from "./api.js";
import { onSubmit } from "./form.js";
import { fill } from "./window.js";

/** Shows the form. Nothing is sent until somebody presses the button, since mail scanners open pages too. */
export function followRequest() {
  const form = document.getElementById("request");
  form.hidden = false;
  onSubmit(form, async (fields) => {
    const answer = await call("POST", "/v1/password-resets", fields);
    if (answer.status !== 202) return answer;
    wait(form, answer.body.resend_after_seconds);
    return { status: 202, body: { detail: answer.body.message } };
  });
  return form;
}

/** Disables the button and counts down, because an earlier repeat would send no further mail. */
function wait(form, seconds) {
  const button = form.querySelector("button");
  const place = form.querySelector(".wait");
  const until = Date.now() + seconds * 1000;
  const show = () => {
    const left = Math.ceil((until - Date.now()) / 1000);
    const waits = left > 0;
    button.dataset.waits = String(waits);
    if (button.getAttribute("aria-busy") !== "true") button.disabled = waits;
    place.hidden = !waits;
    place.textContent = fill(form.dataset.wait, { time: clock(left) });
    if (!waits) clearInterval(timer);
  };
  const timer = setInterval(show, 1000);
  // A request for another number need not wait.
  form.elements.customer_number.addEventListener("input", () => {
    clearInterval(timer);
    button.dataset.waits = "false";
    button.disabled = false;
    place.hidden = true;
  }, { once: true });
  show();
}

function clock(seconds) {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
