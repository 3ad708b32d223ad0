// "Have you called support?": the code that the customer reads out. It is shown once the customer says that the call is
// theirs, and leaves the page when its time is over, when it is hidden, and with the page itself.

import { onSubmit } from "./form.js";
import { callOrLeave } from "./signed-in.js";
import { fill, notify } from "./window.js";

const form = document.getElementById("show-caller-code");
const button = form.querySelector("button");
const shown = document.getElementById("caller-code");
const place = document.getElementById("caller-notice");
const label = button.textContent;

/** The timer of the code that is shown. */
let timer = 0;

const clock = (moment) => moment.toLocaleTimeString(document.documentElement.lang, { timeStyle: "short" });

/** Takes the code away, with a sentence why. */
function hide(sentence = "") {
  clearTimeout(timer);
  shown.querySelector(".code").textContent = "";
  shown.hidden = true;
  button.textContent = label;
  notify(sentence, { kind: "wait", place });
}

/** The time for which the code is shown. Where the clock of the computer is wrong, that is the whole time of a code. */
function timeLeft(askedAt, expiresAt) {
  const [whole, left] = [expiresAt - askedAt, expiresAt - Date.now()];
  return left > 0 && left < whole ? left : whole;
}

function show({ code, asked_by, asked_at, expires_at }) {
  const [askedAt, expiresAt] = [new Date(asked_at), new Date(expires_at)];
  const [asked, until] = ["asked", "until"].map((name) => shown.querySelector(`[data-${name}]`));
  shown.querySelector(".code").textContent = `${code.slice(0, 3)} ${code.slice(3)}`;
  // The name is text, whatever it looks like.
  asked.textContent = fill(asked.dataset.asked, { by: asked_by, at: clock(askedAt) });
  until.textContent = fill(until.dataset.until, { time: clock(expiresAt) });
  timer = setTimeout(() => hide(place.dataset.over), timeLeft(askedAt, expiresAt));
  button.dataset.label = form.dataset.hide;
  notify("", { place });
  shown.hidden = false;
  shown.focus();
}

export function followCaller() {
  onSubmit(form, async () => {
    const isShown = !shown.hidden;
    button.dataset.label = label;
    hide();
    if (isShown) return { status: 204, body: {} };
    const answer = await callOrLeave("POST", "/v1/account/caller-code");
    if (answer.status === 200) show(answer.body);
    else if (answer.status === 404) notify(place.dataset.none, { kind: "wait", place });
    else return answer;
    return { status: 204, body: {} };
  });
}
