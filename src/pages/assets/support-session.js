// The session of a person of support. The cookie of the session is invisible here; the access token stays in memory and
// ends with the tab. The secret of the client is sent once and kept nowhere.

/** The longest wait for an answer. */
const PATIENCE_MILLISECONDS = 20_000;
/** A token that is older is renewed before it is used, so that the service knows when the page was last used. */
const FRESH_FOR_MILLISECONDS = 60_000;

/** What the page may do at present: `{token, person, scope, since}`. */
let access = null;

/** Returns `{status, body, wait}`. The status is 0 where the service cannot be reached. `wait` is what a 429 asks for. */
async function send(method, path, { body, bearer, language }) {
  const headers = { Accept: "application/json", "Accept-Language": language ?? document.documentElement.lang };
  if (body) headers["Content-Type"] = "application/json";
  if (bearer) headers.Authorization = `Bearer ${bearer}`;
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), PATIENCE_MILLISECONDS);
  try {
    const options = { method, headers, body: body && JSON.stringify(body), signal: abort.signal };
    const response = await fetch(path, options);
    const answer = response.status === 204 ? {} : await response.json();
    return { status: response.status, body: answer, wait: response.headers.get("Retry-After") };
  } catch {
    return { status: 0, body: {} };
  } finally {
    clearTimeout(timer);
  }
}

function keep({ access_token, person, scope }) {
  access = { token: access_token, person, scope: scope.split(" "), since: Date.now() };
}

export const person = () => access?.person;
export const hasScope = (scope) => access?.scope.includes(scope) ?? false;

/** Exchanges the secret for a session. */
export async function signIn(client_id, client_secret) {
  const answer = await send("POST", "/support/session", { body: { client_id, client_secret } });
  if (answer.status === 201) keep(answer.body);
  return answer;
}

/** Asks for another access token; 401 means that the session is over. */
export async function goOn() {
  const answer = await send("POST", "/support/session/refresh", {});
  if (answer.status === 200 && (!access || access.person === answer.body.person)) {
    keep(answer.body);
    return answer;
  }
  if (answer.status !== 200 && answer.status !== 401) return answer;
  // Another tab may have signed somebody else in: what this one shows would then stand under the wrong name.
  if (answer.status === 401) await send("DELETE", "/support/session", {});
  access = null;
  return { status: 401, body: {} };
}

export async function signOut() {
  access = null;
  return send("DELETE", "/support/session", {});
}

/** Calls the API as the person who is signed in. A final 401 means that the session is over. */
export async function callSignedIn(path, body, { language, method = "POST" } = {}) {
  const use = () => send(method, path, { body, bearer: access.token, language });
  const isFresh = access && Date.now() - access.since < FRESH_FOR_MILLISECONDS;
  if (!isFresh) {
    const renewed = await goOn();
    if (renewed.status !== 200) return renewed;
    return use();
  }
  const answer = await use();
  if (answer.status !== 401) return answer;
  const renewed = await goOn();
  return renewed.status === 200 ? use() : renewed;
}
