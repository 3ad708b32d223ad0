import { call } from "./api.js";
import { keepDeviceToken } from "./devices.js";
import { onSubmit } from "./form.js";
import { followNewPassword } from "./new-password.js";
import { followRequest, markStep } from "./request-reset.js";
import { forget, keep, kept } from "./tab-storage.js";
import { forgetToken, onToken } from "./token.js";
import { notify, retryOnline, showDone, start } from "./window.js";

/** Under this name the tab keeps that the password was changed. Who comes back to the page is told so again. */
const CHANGED = "changed";

const change = document.getElementById("change");
const again = document.getElementById("again");
let token = null;

/** Replaces the form with the offer of a new link, and says why it is needed. */
function offerNewLink(reason, kind) {
  forgetToken();
  change.hidden = true;
  again.hidden = false;
  notify("");
  notify(reason, { kind, place: document.getElementById("why") });
}

onSubmit(change, async (fields) => {
  const answer = await call("POST", "/v1/password-resets/complete", { token, ...fields });
  const { status, body } = answer;
  if (status === 200) {
    keepDeviceToken(fields.customer_number, body.device_token);
    keep("customer_number", fields.customer_number);
    keep(CHANGED, true);
    change.reset();
    forgetToken();
    markStep(4);
    showDone(body.message);
    return { status, body: {} };
  }
  if (status !== 410) return answer;
  markStep(1);
  offerNewLink(body.detail, "refused");
  return { status, body: {} };
});

/** Shows the form where the link can be used, and says why not where it cannot. */
async function checkLink(taken) {
  const { status, body } = await call("POST", "/v1/password-resets/verify", { token: taken });
  // Another link was opened meanwhile, so this answer no longer counts.
  if (token !== taken) return;
  start();
  if (status === 410 || status === 422) {
    markStep(1);
    offerNewLink(body.detail, "refused");
    return;
  }
  // The check of the link is a courtesy. Where it fails, the link may still work in a moment, so the form is shown.
  change.hidden = false;
  again.hidden = true;
  markStep(3);
  if (status !== 200) {
    notify(body.detail, { kind: "wait", form: change });
    if (status === 0) retryOnline(() => checkLink(taken));
    return;
  }
  notify("");
  change.elements.customer_number.focus();
}

followRequest();
onToken((taken) => {
  token = taken;
  if (token) {
    forget(CHANGED);
    checkLink(token);
    return;
  }
  start();
  const isChanged = kept(CHANGED) === true;
  markStep(isChanged ? 4 : 1);
  offerNewLink(isChanged ? again.dataset.changed : again.dataset.noToken, isChanged ? "done" : "");
  if (isChanged) showDone(again.dataset.changed);
});
followNewPassword(change);
