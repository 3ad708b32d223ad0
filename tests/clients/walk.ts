// Walks through the guides with the types that openapi-typescript made of the OpenAPI document, over openapi-fetch.
import { connect, machineToken } from "./generate-a-client.js";
import type { components } from "./schema.js";

declare const process: { env: Record<string, string> };
const { SERVICE, NUMBER, PASSWORD, NEXT_PASSWORD, TOKEN, CLIENT_ID, CLIENT_SECRET } = process.env as Record<
  "SERVICE" | "NUMBER" | "PASSWORD" | "NEXT_PASSWORD" | "TOKEN" | "CLIENT_ID" | "CLIENT_SECRET",
  string
>;

type Answer<T> = { data?: T; error?: { status: number; code: string }; response: Response };

/** The answer of a call that has to succeed. */
async function success<T>(call: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await call;
  if (!response.ok) throw new Error(`${response.status} ${JSON.stringify(error)}`);
  return data!;
}

/** The problem of a call that has to be refused. */
async function refusal(call: Promise<{ error?: components["schemas"]["Problem"]; response: Response }>) {
  const { error } = await call;
  if (error === undefined) throw new Error("the call was not refused");
  return error;
}

const name = ({ status, code }: { status: number; code: string }) => `${status} ${code}`;

async function ask() {
  const customer = connect(SERVICE);
  const wrong = await refusal(customer.POST("/v1/password-resets", { body: { customer_number: "4217" } }));
  const [field] = wrong.errors!;
  const asked = await success(customer.POST("/v1/password-resets", { body: { customer_number: NUMBER } }));
  return { wrong: `${name(wrong)} ${field!.pointer} ${field!.code}`, wait: asked.resend_after_seconds };
}

async function walk() {
  const customer = connect(SERVICE);
  const link = await success(customer.POST("/v1/password-resets/verify", { body: { token: TOKEN } }));
  const form = { token: TOKEN, customer_number: NUMBER };
  const set = (password: string) =>
    customer.POST("/v1/password-resets/complete", {
      body: { ...form, new_password: password, new_password_confirmation: password },
    });
  const short = await refusal(set("Ab1"));
  const tooShort = short.errors!.find(({ code }) => code === "too_short")!;
  const replaced = await success(set(PASSWORD));
  const signIn = (password: string) =>
    customer.POST("/v1/sessions", { body: { customer_number: NUMBER, password } });
  const wrong = await refusal(signIn(`${PASSWORD}!`));
  const session = await success(signIn(PASSWORD));
  const refreshed = await success(
    customer.POST("/v1/sessions/refresh", { body: { refresh_token: session.refresh_token } }),
  );
  const account = await success(connect(SERVICE, refreshed.access_token).GET("/v1/account"));
  const changed = await success(
    connect(SERVICE, refreshed.access_token).POST("/v1/account/password", {
      body: {
        current_password: PASSWORD,
        new_password: NEXT_PASSWORD,
        new_password_confirmation: NEXT_PASSWORD,
      },
    }),
  );
  if (!("access_token" in changed)) throw new Error("the session does not continue");
  const own = connect(SERVICE, changed.access_token);
  await success(own.DELETE("/v1/sessions/current"));
  const over = await refusal(own.GET("/v1/account"));

  const wrongSecret = await machineToken(SERVICE, CLIENT_ID, `${CLIENT_SECRET}x`).catch((error: Error) => error.message);
  const machine = connect(SERVICE, await machineToken(SERVICE, CLIENT_ID, CLIENT_SECRET));
  const diagnosis = await success(machine.POST("/v1/support/diagnosis", { body: { customer_number: NUMBER } }));
  const named = { path: { id: diagnosis.account_id! } };
  const body = { reason: "walk" };
  const found = machine.GET("/v1/accounts/{id}", { params: named });
  const version = (await found).response.headers.get("ETag")!;
  const close = (etag: string) =>
    machine.POST("/v1/accounts/{id}/close", { params: { ...named, header: { "If-Match": etag } }, body });
  const otherVersion = await refusal(close('"other"'));
  const closed = await success(close(version));
  const reopened = await success(machine.POST("/v1/accounts/{id}/reopen", { params: named, body }));
  return {
    link: link.status,
    too_short: tooShort.params["min_length"],
    message: replaced.message,
    wrong_password: name(wrong),
    is_refreshed: refreshed.access_token !== session.access_token && refreshed.session_id === session.session_id,
    account: `${account.customer_number} ${account.email_state}`,
    changed: changed.message,
    after_sign_out: name(over),
    wrong_secret: wrongSecret,
    finding: diagnosis.findings[0]!.code,
    has_timeline: diagnosis.timeline.length > 0,
    other_version: name(otherVersion),
    closed: closed.state,
    reopened: reopened.state,
  };
}

console.log(JSON.stringify(TOKEN === "" ? await ask() : await walk()));
