import { call } from "./api.js";
import { onSubmit } from "./form.js";
import { forgetToken, onToken } from "./token.js";
import { notify, start } from "./window.js";

const form = document.getElementById("withdraw");
let token = null;

// A mail scanner that presses the button does not know the customer number.
onSubmit(form, async (fields) => {
  const answer = await call("POST", "/v1/password-resets/withdraw", { token, ...fields });
  const { status, body } = answer;
  if (status !== 200 && status !== 410) return answer;
  form.hidden = true;
  forgetToken();
  return { status, body: { detail: status === 200 ? body.message : body.detail } };
});

start();
onToken((taken) => {
  token = taken;
  form.hidden = !token;
  notify(token ? "" : form.dataset.noToken);
});
