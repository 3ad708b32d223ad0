import { call, notify, onSubmit, showFieldErrors } from "./api.js";

const form = document.getElementById("request");

// Nothing is sent until somebody presses the button: mail scanners open this page too.
form.hidden = false;

onSubmit(form, async () => {
  const fields = Object.fromEntries(new FormData(form));
  const { status, body } = await call("POST", "/v1/password-resets", fields);
  showFieldErrors(form, "", status === 422 ? body.errors : []);
  form.hidden = status === 202;
  if (status === 202) notify(body.message);
  else notify(status === 422 ? "" : body.detail);
});
