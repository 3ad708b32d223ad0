import { call, notify, onSubmit, showFieldErrors, takeToken } from "./api.js";

const change = document.getElementById("change");
const request = document.getElementById("request");
let token = null;

function show(form) {
  change.hidden = form !== change;
  request.hidden = form !== request;
}

async function showRules() {
  const { status, body } = await call("GET", "/v1/password-policy");
  if (status !== 200) return;
  document.getElementById("new_password").setAttribute("passwordrules", body.passwordrules);
  const items = body.rules.map((rule) => {
    const item = document.createElement("li");
    item.textContent = rule.description;
    return item;
  });
  document.getElementById("rules").replaceChildren(...items);
}

async function open() {
  token = takeToken();
  notify("");
  if (!token) {
    show(request);
    return;
  }
  const { status, body } = await call("POST", "/v1/password-resets/verify", { token });
  if (status === 410) {
    show(request);
    notify(body.detail);
    return;
  }
  // Looking first is a courtesy: if it cannot be done now, the link may still work in a moment.
  show(change);
  if (status !== 200) notify(body.detail);
  await showRules();
  if (status === 200) document.getElementById("customer_number").focus();
}

onSubmit(change, async () => {
  const fields = Object.fromEntries(new FormData(change));
  const { status, body } = await call("POST", "/v1/password-resets/complete", { token, ...fields });
  showFieldErrors(change, "", status === 422 ? body.errors : []);
  if (status === 200) {
    change.reset();
    show(null);
    notify(body.message);
  } else if (status === 410) {
    show(request);
    notify(body.detail);
  } else {
    notify(status === 422 ? "" : body.detail);
  }
});

onSubmit(request, async () => {
  const fields = Object.fromEntries(new FormData(request));
  const { status, body } = await call("POST", "/v1/password-resets", fields);
  showFieldErrors(request, "request-", status === 422 ? body.errors : []);
  if (status === 202) {
    show(null);
    notify(body.message);
  } else {
    notify(status === 422 ? "" : body.detail);
  }
});

// A second link opened in the same tab changes only the fragment.
addEventListener("hashchange", () => location.hash && open());
open();
