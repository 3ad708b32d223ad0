import { call } from "./api.js";
import { onSubmit } from "./form.js";
import { keep, kept } from "./tab-storage.js";
import { forgetToken, onToken } from "./token.js";
import { notify, start } from "./window.js";

const form = document.getElementById("withdraw");
/** Under this name the tab keeps that a link was withdrawn. Who comes back to the page is told so again. */
const WITHDRAWN = "withdrawn";
let token = null;

// A mail scanner that presses the button does not know the customer number.
onSubmit(form, async (fields) => {
  const answer = await call("POST", "/v1/password-resets/withdraw", { token, ...fields });
  const { status, body } = answer;
  if (status !== 200 && status !== 410) return answer;
  form.hidden = true;
  forgetToken();
  if (status === 410) return { status, body, kind: "refused" };
  keep(WITHDRAWN, true);
  return { status, body: { detail: body.message } };
});

start();
onToken((taken) => {
  token = taken;
  form.hidden = !token;
  const isWithdrawn = !token && kept(WITHDRAWN) === true;
  if (token) notify("");
  else notify(isWithdrawn ? form.dataset.withdrawn : form.dataset.noToken, { kind: isWithdrawn ? "done" : "" });
});
