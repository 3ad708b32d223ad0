import { keepDeviceToken } from "./devices.js";
import { onSubmit } from "./form.js";
import { followNewPassword } from "./new-password.js";
import { callSignedIn, forgetSession, hasSession, keepSession } from "./session.js";
import { fill, notify, retryOnline, start } from "./window.js";

const DAY_MILLISECONDS = 86_400_000;

const language = document.documentElement.lang;
const account = document.getElementById("account");
const change = document.getElementById("change");
const retry = document.getElementById("retry");
// Slovenian and Croatian write dates in numbers: after a preposition a month's name would take another ending.
const dates = ["sl", "hr"].includes(language) ? { day: "numeric", month: "numeric", year: "numeric" } : { day: "numeric", month: "long", year: "numeric" };
const times = { hour: "numeric", minute: "2-digit" };
const locale = language === "en" ? "en-GB" : language;
const moment = new Intl.DateTimeFormat(locale, { ...dates, ...times });
const day = new Intl.DateTimeFormat(locale, dates);
const fromNow = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
// A tab that never signed in has no session that could have ended.
const hadSession = hasSession();
let isLeaving = false;

/** Calls the API as the signed-in customer, and leaves the page where the session has ended. */
async function callOrLeave(method, path, body) {
  const answer = await callSignedIn(method, path, body);
  if (answer.status === 401) leave(hadSession ? "#session-over" : "");
  return answer;
}

/** Leaves the page once, even if several calls find at the same time that the session has ended. */
function leave(hash) {
  if (isLeaving) return;
  isLeaving = true;
  forgetSession();
  location.replace(`/sign-in${location.search}${hash}`);
}

function put(id, text) {
  document.getElementById(id).textContent = text ?? "–";
}

function showAccount({ customer_number, email, last_sign_in_at, password }) {
  put("customer_number", customer_number);
  put("email", email ?? account.dataset.noEmail);
  put("last_sign_in_at", last_sign_in_at && moment.format(new Date(last_sign_in_at)));
  put("changed_at", password.changed_at && `${day.format(new Date(password.changed_at))} (${age(password.changed_at)})`);
  put("expires_at", password.expires_at && day.format(new Date(password.expires_at)));
  document.getElementById("user-name").value = customer_number;
  const advice = document.getElementById("advice");
  const reasons = password.change_recommended_reasons.map((reason) => advice.dataset[reason] ?? "");
  advice.textContent = [...reasons, advice.dataset.change].join(" ");
  advice.hidden = reasons.length === 0;
}

function age(changedAt) {
  return fromNow.format(-Math.floor((Date.now() - new Date(changedAt)) / DAY_MILLISECONDS), "day");
}

function showSessions(sessions) {
  const list = document.getElementById("sessions");
  const items = sessions.map((session) => {
    const item = document.getElementById("session").content.cloneNode(true).firstElementChild;
    item.querySelector(".device").textContent = [session.device ?? list.dataset.unknown, session.source]
      .filter(Boolean)
      .join(" · ");
    const times = { created: session.created_at, used: session.last_used_at };
    for (const name in times) times[name] = moment.format(new Date(times[name]));
    item.querySelector(".times").textContent = fill(list.dataset.times, times);
    const form = item.querySelector("form");
    item.querySelector(".device").id = `device-${session.id}`;
    form.querySelector("button").setAttribute("aria-describedby", `device-${session.id}`);
    if (session.current) {
      const mark = document.createElement("strong");
      mark.textContent = list.dataset.current;
      form.replaceWith(mark);
    } else {
      onSubmit(form, () => end(`/v1/sessions/${encodeURIComponent(session.id)}`, list.dataset.ended));
    }
    return item;
  });
  list.replaceChildren(...items);
  document.getElementById("end-others").hidden = sessions.every((session) => session.current);
}

async function end(path, sentence) {
  const answer = await callOrLeave("DELETE", path);
  // 404 means that the session has ended meanwhile, which is as good as 204.
  if (answer.status !== 204 && answer.status !== 404) return answer;
  await load();
  return { status: 204, body: { detail: sentence } };
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
  showSessions(listed.body.sessions);
}

const endOthers = document.getElementById("end-others");
onSubmit(endOthers, () => end("/v1/sessions", endOthers.dataset.ended));

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
followNewPassword(change);
load();
