// The form that asks for a reset mail, what to do where no mail comes, and the wait before asking again.

import { call } from "./api.js";
import { onSubmit } from "./form.js";
import { countDown, fill, inWords, notify } from "./window.js";

/** Shows the form. Nothing is sent until somebody presses the button, since mail scanners open pages too. */
export function followRequest() {
  const form = document.getElementById("request");
  form.hidden = false;
  onSubmit(form, async (fields) => {
    const answer = await call("POST", "/v1/password-resets", fields);
    if (answer.status !== 202) return answer;
    // Why a link was needed is settled.
    const why = document.getElementById("why");
    if (why) notify("", { place: why });
    document.getElementById("no-mail").hidden = false;
    markStep(2);
    wait(form, answer.body.resend_after_seconds);
    return { status: 202, body: { detail: answer.body.message } };
  });
  return form;
}

/** Marks a step of the way as the present one, where the page shows the steps. */
export function markStep(number) {
  const steps = document.querySelectorAll(".steps li");
  steps.forEach((step, index) => {
    if (index === number - 1) step.setAttribute("aria-current", "step");
    else step.removeAttribute("aria-current");
  });
}

/** Disables the button and counts down, because an earlier repeat would send no further mail. */
function wait(form, seconds) {
  const button = form.querySelector("[type=submit]");
  const place = document.getElementById("resend");
  button.dataset.label = form.dataset.again;
  const setWaits = (waits) => {
    button.dataset.waits = String(waits);
    if (button.getAttribute("aria-busy") !== "true") button.disabled = waits;
  };
  const end = countDown(seconds, (left) => {
    setWaits(left > 0);
    place.textContent = left > 0 ? fill(form.dataset.wait, { time: inWords(left) }) : "";
  });
  // A request for another number need not wait.
  form.elements.customer_number.addEventListener("input", () => {
    end();
    setWaits(false);
    place.textContent = "";
  }, { once: true });
}
