// What the pages share: the token out of the address bar, one call to the JSON API, and showing what it said.

import { solve } from "./proof-of-work.js";

/** Who is challenged again after so many proofs is told so. */
const MOST_PROOFS = 3;

/** The token of the mail's link. It is taken out of the address bar before anything else happens. */
export function takeToken() {
  const token = new URLSearchParams(location.hash.slice(1)).get("token");
  if (location.hash) history.replaceState(null, "", location.pathname);
  return token;
}

/**
 * Answers `{status, body}`; a server that cannot be reached, or answers no JSON, is status 0. A proof of work that is
 * asked for is done, and the call repeated with it.
 */
export async function call(method, path, body) {
  let answer = await send(method, path, body);
  for (let proofs = 0; proofs < MOST_PROOFS && answer.body.code === "challenge-required"; proofs += 1) {
    const proof = await solve(answer.body.challenge, answer.body.difficulty);
    answer = await send(method, path, { ...body, proof });
  }
  return answer;
}

async function send(method, path, body) {
  const headers = { "Accept-Language": document.documentElement.lang, Accept: "application/json" };
  if (body) headers["Content-Type"] = "application/json";
  try {
    const response = await fetch(path, { method, headers, body: body && JSON.stringify(body) });
    return { status: response.status, body: await response.json() };
  } catch {
    return { status: 0, body: { detail: document.querySelector("main").dataset.networkError } };
  }
}

/** Shows a sentence above everything and moves the focus there, so that it is read out. */
export function notify(sentence) {
  const notice = document.getElementById("notice");
  notice.textContent = sentence;
  notice.hidden = !sentence;
  if (sentence) notice.focus();
}

/** Puts each sentence under its field, frames the field in red, and goes to the first one. */
export function showFieldErrors(form, prefix, errors) {
  let first = null;
  for (const input of form.querySelectorAll("input")) {
    const own = errors.filter((error) => error.pointer === `#/${input.name}`);
    const place = document.getElementById(`${prefix}${input.name}-error`);
    place.textContent = own.map((error) => error.detail).join(" ");
    input.setAttribute("aria-invalid", String(own.length > 0));
    input.setAttribute("aria-describedby", place.id);
    if (own.length > 0) first ??= input;
  }
  first?.focus();
}

/** Runs `work` once per submission: the button is off, and shows that something goes on, until it has finished. */
export function onSubmit(form, work) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    if (button.disabled) return;
    button.disabled = true;
    button.setAttribute("aria-busy", "true");
    try {
      await work();
    } finally {
      button.disabled = false;
      button.removeAttribute("aria-busy");
    }
  });
}
