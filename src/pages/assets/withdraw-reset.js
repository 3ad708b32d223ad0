import { call } from "./api.js";
import { onSubmit } from "./form.js";
import { onToken } from "./token.js";
import { notify, start } from "./window.js";

const form = document.getElementById("withdraw");
let token = null;

// Nothing is sent before the button is pressed, since mail scanners open this page too.
onSubmit(form, async () => {
  const { status, body } = await call("POST", "/v1/password-resets/withdraw", { token });
  form.hidden = status === 200 || status === 410;
  return { status, body: { detail: status === 200 ? body.message : body.detail } };
});

start();
onToken((taken) => {
  token = taken;
  form.hidden = !token;
  notify(token ? "" : form.dataset.noToken);
});
