import { call, notify, onSubmit, takeToken } from "./api.js";

const form = document.getElementById("withdraw");
let token = null;

// Nothing is sent until somebody presses the button: mail scanners open this page too.
function open() {
  token = takeToken();
  form.hidden = !token;
  notify(token ? "" : document.querySelector("main").dataset.noToken);
}

onSubmit(form, async () => {
  const { status, body } = await call("POST", "/v1/password-resets/withdraw", { token });
  form.hidden = status === 200 || status === 410;
  notify(status === 200 ? body.message : body.detail);
});

addEventListener("hashchange", () => location.hash && open());
open();
