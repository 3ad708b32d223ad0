// The session of this tab: it ends with the tab, and other tabs sign in for themselves.

import { call } from "./api.js";

const KEY = "session";

/** The one refresh under way: a refresh token that is sent twice ends the session. */
let refreshing = null;

export function keepSession({ access_token, refresh_token }) {
  sessionStorage.setItem(KEY, JSON.stringify({ access_token, refresh_token }));
}

export function forgetSession() {
  sessionStorage.removeItem(KEY);
}

function session() {
  return JSON.parse(sessionStorage.getItem(KEY) ?? "null");
}

/** Calls as the signed-in customer, with a new access token where the old one serves no more; 401 where none does. */
export async function callSignedIn(method, path, body) {
  const used = session()?.access_token;
  if (!used) return { status: 401, body: {} };
  const answer = await call(method, path, body, used);
  if (answer.status !== 401) return answer;
  if (session()?.access_token === used) {
    refreshing ??= refresh().finally(() => {
      refreshing = null;
    });
    const refreshed = await refreshing;
    if (refreshed.status !== 200) return refreshed;
  }
  return call(method, path, body, session()?.access_token);
}

async function refresh() {
  const answer = await call("POST", "/v1/sessions/refresh", { refresh_token: session().refresh_token });
  if (answer.status === 200) keepSession(answer.body);
  return answer;
}
