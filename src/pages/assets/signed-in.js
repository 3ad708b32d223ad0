// Calls of the pages that only a signed-in customer sees.

import { callSignedIn, forgetSession, hasSession } from "./session.js";

// A tab that never signed in has no session that could have ended.
const hadSession = hasSession();
let isLeaving = false;

/** Calls the API as the signed-in customer, and leaves the page where the session has ended. */
export async function callOrLeave(method, path, body) {
  const answer = await callSignedIn(method, path, body);
  if (answer.status === 401) leave(hadSession ? "#session-over" : "");
  return answer;
}

/** Leaves the page once, even if several calls find at the same time that the session has ended. */
export function leave(hash) {
  if (isLeaving) return;
  isLeaving = true;
  forgetSession();
  location.replace(`/sign-in${location.search}${hash}`);
}
