import { call } from "./api.js";
import { keepDeviceToken } from "./devices.js";
import { onSubmit } from "./form.js";
import { followNewPassword } from "./new-password.js";
import { followRequest, markStep } from "./request-reset.js";
import { forget, keep, kept } from "./tab-storage.js";
import { forgetToken, onToken } from "./token.js";
import { notify, showDone, start } from "./window.js";

/** Under this name the tab keeps that the password was changed: whoever comes back here is told again. */
const CHANGED = "changed";

const change = document.getElementById("change");
const again = document.getElementById("again");
let token = null;

/** Replaces the form with the offer of a new link, and says why it is needed. */
function offerNewLink(reason, kind) {
  forgetToken();
  change.hidden = true;
  again.hidden = false;
  markStep(1);
  notify("");
  notify(reason, { kind, place: document.getElementById("why") });
}

onSubmit(change, async (fields) => {
  const answer = await call("POST", "/v1/password-resets/complete", { token, ...fields });
  const { status, body } = answer;
  if (status === 200) {
    keepDeviceToken(fields.customer_number, body.device_token);
    keep("customer_number", fields.customer_number);
    keep(CHANGED, body.message);
    change.reset();
    forgetToken();
    showDone(body.message);
    return { status, body: {} };
  }
  if (status !== 410) return answer;
  offerNewLink(body.detail, "refused");
  return { status, body: {} };
});

followRequest();
start();
onToken(async (taken) => {
  token = taken;
  if (!token) {
    const changed = kept(CHANGED);
    offerNewLink(changed ?? again.dataset.noToken, changed ? "done" : "");
    if (changed) showDone(changed);
    return;
  }
  forget(CHANGED);
  const { status, body } = await call("POST", "/v1/password-resets/verify", { token: taken });
  // Another link was opened meanwhile, so this answer no longer counts.
  if (token !== taken) return;
  if (status === 410 || status === 422) {
    offerNewLink(body.detail, "refused");
    return;
  }
  // The check of the link is a courtesy. Where it fails, the link may still work in a moment, so the form is shown.
  change.hidden = false;
  again.hidden = true;
  if (status === 200) change.elements.customer_number.focus();
  else notify(body.detail, { kind: "wait", form: change });
});
followNewPassword(change);
