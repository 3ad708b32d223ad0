// The pages behind the links of mails on which the customer types the number and presses one button.

import { call } from "./api.js";
import { onSubmit } from "./form.js";
import { forget, keep, kept } from "./tab-storage.js";
import { forgetToken, onToken } from "./token.js";
import { notify, start } from "./window.js";

/** Under this name the tab keeps that the link of this page was used. Who comes back to the page is told so again. */
const DONE = `done ${location.pathname}`;

const form = document.getElementById("link");
/** What leads on once the button has done its work. */
const next = document.getElementById("next");
/** What is offered where there is no link that can be used. */
const otherwise = document.getElementById("otherwise");
const back = document.getElementById("back");

/** Shows one of the parts of the page. */
function show(part) {
  for (const each of [form, next, otherwise]) if (each) each.hidden = each !== part;
  if (back) back.hidden = part === next;
}

/**
 * Shows the form where the page has a token, and sends both to `path` once the button is pressed. A mail scanner that
 * presses the button does not know the customer number.
 */
export function followLink(path) {
  let token = null;
  onSubmit(form, async (fields) => {
    const answer = await call("POST", path, { token, ...fields });
    const { status, body } = answer;
    if (status !== 200 && status !== 410) return answer;
    form.reset();
    forgetToken();
    show(status === 200 ? next : otherwise);
    if (status === 410) return { status, body, kind: "refused" };
    keep(DONE, true);
    return { status, body: { detail: body.message } };
  });

  start();
  onToken((taken) => {
    token = taken;
    if (token) forget(DONE);
    const isDone = !token && kept(DONE) === true;
    if (token) show(form);
    else show(isDone ? next : otherwise);
    if (isDone) notify(form.dataset.done, { kind: "done" });
    else notify(token ? "" : form.dataset.noToken);
  });
}
