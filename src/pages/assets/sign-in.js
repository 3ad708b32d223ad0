import { call } from "./api.js";
import { deviceToken, keepDeviceToken } from "./devices.js";
import { onSubmit } from "./form.js";
import { followNewPassword } from "./new-password.js";
import { keepSession } from "./session.js";
import { forget, keep, kept } from "./tab-storage.js";
import { leaveFor, notify, showDone, start } from "./window.js";

const signIn = document.getElementById("sign-in");
const expired = document.getElementById("expired");
let changeToken = null;
let customerNumber = "";
let rules = null;

onSubmit(signIn, async (fields) => {
  customerNumber = fields.customer_number;
  const device_token = deviceToken(customerNumber);
  const answer = await call("POST", "/v1/sessions", { ...fields, ...(device_token && { device_token }) });
  const { status, body } = answer;
  if (status === 201) {
    forget("changed");
    keepDeviceToken(customerNumber, body.device_token);
    keep("customer_number", customerNumber);
    if (keepSession(body)) return leaveFor(`/account${location.search}`);
    // The account page would not know of the session.
    await call("DELETE", "/v1/sessions/current", undefined, body.access_token);
    return { status: 0, body: { detail: signIn.dataset.noStorage } };
  }
  if (body.code === "password-expired" && body.change_token) letChange(body.change_token);
  return answer;
}, { way: document.getElementById("forgot") });

/** Lets the customer replace a right password that is too old, and signs in with the new one. */
function letChange(token) {
  changeToken = token;
  keep("customer_number", customerNumber);
  signIn.hidden = true;
  signIn.reset();
  expired.hidden = false;
  document.getElementById("expired-user-name").value = customerNumber;
  expired.elements.new_password.focus();
  rules ??= followNewPassword(expired);
}

onSubmit(expired, async (fields) => {
  const answer = await call("POST", "/v1/account/password", fields, changeToken);
  const { status, body } = answer;
  if (status === 200) {
    keepDeviceToken(customerNumber, body.device_token);
    expired.reset();
    showDone(body.message);
    return { status, body: {} };
  }
  if (status === 401) {
    // The change token has expired, which it does after ten minutes.
    expired.hidden = true;
    expired.reset();
    signIn.hidden = false;
    signIn.elements.customer_number.value = customerNumber;
  }
  return answer;
});

start(signIn);
// A customer who has just changed the password has typed the number already.
const { customer_number: number, password } = signIn.elements;
number.value = kept("customer_number") ?? "";
if (location.hash === "#session-over") {
  history.replaceState(null, "", location.pathname + location.search);
  notify(signIn.dataset.sessionOver, { form: signIn });
} else {
  (number.value ? password : number).focus();
}
