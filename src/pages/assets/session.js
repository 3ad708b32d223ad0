// The session of this tab. It ends with the tab, and other tabs sign in on their own. A tab that is duplicated takes its
// session along, so the tabs of one session share each refresh: a refresh token that is used again after some seconds, or
// by many tabs, ends the session.

import { call } from "./api.js";
import { forget, keep, kept } from "./tab-storage.js";

const NAME = "session";

/** How long the other tabs of a session have to tell its new tokens. */
const PATIENCE_MILLISECONDS = 100;

/** Leads to the other tabs of a session. Safari has it from 15.4 on; before, each tab refreshes alone. */
const channel = "BroadcastChannel" in window ? new BroadcastChannel(NAME) : null;

/** The running refresh of this tab, which several calls share. */
let refreshing = null;

channel?.addEventListener("message", ({ data: { session_id, asks, told } }) => {
  const own = session();
  if (session_id !== own?.session_id) return;
  if (told) keep(NAME, told);
  else if (asks !== own.access_token) tell(own);
});

function tell(told) {
  channel?.postMessage({ session_id: told.session_id, told });
}

/** Asks the other tabs for the tokens that have taken the place of this one, and waits for a moment. */
async function askOthers(used) {
  channel?.postMessage({ session_id: session()?.session_id, asks: used });
  for (let left = channel ? PATIENCE_MILLISECONDS : 0; left > 0 && session()?.access_token === used; left -= 10) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Returns false where the browser stores nothing, so that no other page would know of the session. */
export function keepSession({ session_id, access_token, refresh_token }) {
  return keep(NAME, { session_id, access_token, refresh_token });
}

/** Whether this tab has signed in, and not signed out. The session may have ended meanwhile. */
export function hasSession() {
  return session() !== null;
}

export function forgetSession() {
  forget(NAME);
}

function session() {
  return kept(NAME);
}

/**
 * Calls as the signed-in customer. On 401 it refreshes the access token and repeats the call. A final 401 means that
 * the session has ended.
 */
export async function callSignedIn(method, path, body) {
  const used = session()?.access_token;
  if (!used) return { status: 401, body: {} };
  const answer = await call(method, path, body, used);
  if (answer.status !== 401) return answer;
  refreshing ??= inTurn(() => refresh(used)).finally(() => {
    refreshing = null;
  });
  const refreshed = await refreshing;
  if (refreshed.status !== 200) return refreshed;
  return call(method, path, body, session()?.access_token);
}

/** Runs work while no other tab of the session does, where the browser has locks. */
function inTurn(work) {
  return navigator.locks ? navigator.locks.request(`${NAME} ${session()?.session_id}`, work) : work();
}

/** Refreshes the session, unless this or another tab has done so since the access token was used. */
async function refresh(used) {
  await askOthers(used);
  const { access_token, refresh_token } = session() ?? {};
  if (!refresh_token) return { status: 401, body: {} };
  if (access_token !== used) return { status: 200, body: {} };
  const answer = await call("POST", "/v1/sessions/refresh", { refresh_token });
  if (answer.status === 200) {
    keepSession(answer.body);
    tell(session());
  }
  // Without locks another tab may have been faster. The service gives both the same tokens. It refuses the fifth tab, and a
  // faster one has told its tokens.
  return session()?.access_token === used ? answer : { status: 200, body: {} };
}
