// The session of this tab. It ends with the tab, and other tabs sign in on their own.

import { call } from "./api.js";

const KEY = "session";

/** The running refresh, which several calls share: a refresh token that is sent twice ends the session. */
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

/**
 * Calls as the signed-in customer. On 401 it refreshes the access token and repeats the call. A final 401 means that
 * the session has ended.
 */
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
