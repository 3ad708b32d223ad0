import { showActivity } from "./account-activity.js";
import { followCaller } from "./account-caller.js";
import { followDevices, showDevices } from "./account-devices.js";
import { followEmail, showEmail } from "./account-email.js";
import { followLockDown, showLockDown } from "./account-lock-down.js";
import { day, moment } from "./dates.js";
import { keepDeviceToken } from "./devices.js";
import { onSubmit } from "./form.js";
import { followNewPassword } from "./new-password.js";
import { callSignedIn, keepSession } from "./session.js";
import { callOrLeave, leave } from "./signed-in.js";
import { notify, retryOnline, start } from "./window.js";

const DAY_MILLISECONDS = 86_400_000;

const account = document.getElementById("account");
const change = document.getElementById("change");
const retry = document.getElementById("retry");
const fromNow = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "auto" });

function put(id, text) {
  document.getElementById(id).textContent = text ?? "–";
}

function showAccount({ customer_number, last_sign_in_at, password }) {
  put("customer_number", customer_number);
  put("last_sign_in_at", last_sign_in_at && moment(last_sign_in_at));
  put("changed_at", password.changed_at && `${day(password.changed_at)} (${age(password.changed_at)})`);
  put("expires_at", password.expires_at && day(password.expires_at));
  for (const name of document.querySelectorAll("[autocomplete=username]")) name.value = customer_number;
  const advice = document.getElementById("advice");
  const reasons = password.change_recommended_reasons.map((reason) => advice.dataset[reason] ?? "");
  advice.textContent = [...reasons, advice.dataset.change].join(" ");
  advice.hidden = reasons.length === 0;
}

function age(changedAt) {
  return fromNow.format(-Math.floor((Date.now() - new Date(changedAt)) / DAY_MILLISECONDS), "day");
}

async function load() {
  const focused = document.activeElement;
  const [shown, listed] = await Promise.all([callOrLeave("GET", "/v1/account"), callOrLeave("GET", "/v1/sessions")]);
  const isLoaded = shown.status === 200 && listed.status === 200;
  if (shown.status === 401 || listed.status === 401) return;
  start();
  account.hidden = !isLoaded;
  retry.hidden = isLoaded;
  notify(isLoaded ? "" : (shown.body.detail ?? listed.body.detail), { kind: "wait" });
  if (!isLoaded) {
    if (shown.status === 0 || listed.status === 0) retryOnline(load);
    return;
  }
  if (focused === retry) document.querySelector("h1").focus();
  showAccount(shown.body);
  showEmail(shown.body);
  showLockDown(shown.body);
  showDevices(listed.body.sessions);
  // What happened is an addition, so the rest does not wait for it.
  showActivity();
}

onSubmit(document.getElementById("sign-out"), async () => {
  const answer = await callSignedIn("DELETE", "/v1/sessions/current");
  if (answer.status !== 204 && answer.status !== 401) return answer;
  leave("");
  return { status: 204, body: {} };
});

onSubmit(change, async (fields) => {
  const answer = await callOrLeave("POST", "/v1/account/password", fields);
  if (answer.status !== 200) return answer;
  keepSession(answer.body);
  keepDeviceToken(answer.body.account.customer_number, answer.body.device_token);
  change.reset();
  await load();
  return { status: 200, body: { detail: answer.body.message } };
});

retry.addEventListener("click", load);
followDevices(load);
followEmail(load);
followLockDown();
followCaller();
followNewPassword(change);
load();
