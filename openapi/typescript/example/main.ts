import { Client, Problem, withProof } from "../client.js";

const identity = new Client("http://127.0.0.1:8080", "sl");
const token = new URLSearchParams(location.hash.slice(1)).get("token") ?? "";
// Out of the address bar at once, before somebody copies the address or a script of others reads it.
history.replaceState(null, "", location.pathname);

/** Shows one of the three windows. */
function show(name: "sign-in" | "request" | "change"): void {
  for (const form of document.forms) form.hidden = form.id !== name;
}

/** What happens when a window's form is sent; its sentence, or the problem's, is shown at the bottom of the page. */
function onSubmit(name: string, act: (fields: Record<string, string>) => Promise<string>): void {
  const form = document.forms.namedItem(name)!;
  const status = document.querySelector("output")!;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const fields = Object.fromEntries(new FormData(form)) as Record<string, string>;
    const button = form.querySelector("button")!;
    button.disabled = true;
    status.textContent = await act(fields).catch(sentences);
    button.disabled = false;
  });
}

/** A problem's sentences: those at the fields, if there are any. */
function sentences(error: unknown): string {
  if (!(error instanceof Problem)) return "Povezava ni uspela. Poskusite znova.";
  const fields = error.body.errors?.map(({ detail }) => detail) ?? [];
  return fields.join(" ") || error.body.detail || "Poskusite znova pozneje.";
}

onSubmit("request", async ({ customer_number = "" }) => {
  const ask = (proof: object) => identity.call("post", "/v1/password-resets", { body: { customer_number, ...proof } });
  return (await withProof(ask)).message;
});

onSubmit("change", async ({ customer_number = "", new_password = "", new_password_confirmation = "" }) => {
  const body = { token, customer_number, new_password, new_password_confirmation };
  const { message, device_token } = await identity.call("post", "/v1/password-resets/complete", { body });
  localStorage.setItem(`device_token ${customer_number}`, device_token);
  show("sign-in");
  return message;
});

onSubmit("sign-in", async ({ customer_number = "", password = "" }) => {
  const device_token = localStorage.getItem(`device_token ${customer_number}`);
  const body = { customer_number, password, ...(device_token && { device_token }) };
  const session = await withProof((proof) => identity.call("post", "/v1/sessions", { body: { ...body, ...proof } }));
  localStorage.setItem(`device_token ${customer_number}`, session.device_token);
  const account = await identity.call("get", "/v1/account", { bearer: session.access_token });
  return `Prijavljeni ste: ${account.customer_number}.`;
});

document.querySelector("a")!.addEventListener("click", () => show("request"));
show(token === "" ? "sign-in" : "change");
