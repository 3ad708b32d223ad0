// One call to the JSON API.

import { solve } from "./proof-of-work.js";

/** Who is challenged again after so many proofs is told so. */
const MOST_PROOFS = 3;
/** Nobody waits longer than that for an answer. */
const PATIENCE_MILLISECONDS = 20_000;

/**
 * Answers `{status, body}`. A server that cannot be reached, or answers what is no answer of the API, is status 0; then,
 * as with every refusal, `body.detail` is a sentence. A proof of work that is asked for is done, and the call repeated
 * with it.
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
    return { status: 0, body: { detail: document.querySelector("main").dataset.networkError } };
  }
}

async function send(method, path, body, bearer) {
  const headers = { "Accept-Language": document.documentElement.lang, Accept: "application/json" };
  if (body) headers["Content-Type"] = "application/json";
  if (bearer) headers.Authorization = `Bearer ${bearer}`;
  const signal = AbortSignal.timeout(PATIENCE_MILLISECONDS);
  const response = await fetch(path, { method, headers, body: body && JSON.stringify(body), signal });
  const answer = response.status === 204 ? {} : await response.json();
  if (!response.ok && typeof answer.detail !== "string") throw new TypeError("no answer of the API");
  return { status: response.status, body: answer };
}
