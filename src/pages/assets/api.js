// Calls to the JSON API.

import { solve } from "./proof-of-work.js";

/** The greatest number of proofs of work for one call. After them its refusal is shown. */
const MOST_PROOFS = 3;
/** The longest wait for an answer. */
const PATIENCE_MILLISECONDS = 20_000;

/**
 * Returns `{status, body, wait}`. The status is 0 where the server cannot be reached or another server answers. With every
 * refusal, and with status 0, `body.detail` is a sentence to show. `wait` is the time after which the call may succeed, in
 * seconds, or `undefined`. After 403 `challenge-required` the proof of work is made and the call repeated.
 */
export async function call(method, path, body, bearer) {
  try {
    let answer = await send(method, path, body, bearer);
    for (let proofs = 0; proofs < MOST_PROOFS && answer.body.code === "challenge-required"; proofs += 1) {
      const proof = await solve(answer.body.challenge, answer.body.difficulty);
      answer = await send(method, path, { ...body, proof }, bearer);
    }
    return answer;
  } catch {
    const { networkError, offline } = document.querySelector("main").dataset;
    return { status: 0, body: { detail: navigator.onLine === false ? offline : networkError } };
  }
}

async function send(method, path, body, bearer) {
  const headers = { "Accept-Language": document.documentElement.lang, Accept: "application/json" };
  if (body) headers["Content-Type"] = "application/json";
  if (bearer) headers.Authorization = `Bearer ${bearer}`;
  // Safari 15 has no AbortSignal.timeout.
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), PATIENCE_MILLISECONDS);
  try {
    const options = { method, headers, body: body && JSON.stringify(body), signal: abort.signal };
    const response = await fetch(path, options);
    const answer = response.status === 204 ? {} : await response.json();
    if (!response.ok && typeof answer.detail !== "string") throw new TypeError("no answer of the API");
    const wait = response.status === 429 ? Number(response.headers.get("Retry-After")) || undefined : undefined;
    return { status: response.status, body: answer, wait };
  } finally {
    clearTimeout(timer);
  }
}
