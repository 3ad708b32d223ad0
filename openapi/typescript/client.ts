// A client of STAkis Identity for browsers and Node: `fetch`, typed by the OpenAPI document. `schema.ts` is made from
// `openapi.json` by openapi-typescript; copy it, this file and `proof-of-work.ts` into a front end.

import { solve } from "./proof-of-work.js";
import type { components, paths } from "./schema.js";

/** The languages of messages. */
export type Language = "sl" | "de" | "en" | "hr";
/** Every error has this form, a problem of RFC 9457. */
export type ProblemBody = Open<components["schemas"]["Problem"]>;

/**
 * An answer whose enumerations are open. A later version of the service may add values; editors still complete the
 * known ones.
 */
export type Open<T> = T extends string
  ? string extends T
    ? T
    : T | (string & {})
  : T extends (infer Item)[]
    ? Open<Item>[]
    : T extends object
      ? { [Field in keyof T]: Open<T[Field]> }
      : T;

type Method = "get" | "post" | "patch" | "delete";
type Path<M extends Method> = {
  [P in keyof paths & `/v1/${string}`]: paths[P] extends Record<M, object> ? P : never;
}[keyof paths & `/v1/${string}`];
type Json<T> = T extends { content: { "application/json": infer Body } } ? Body : undefined;
type Answer<Operation> = Operation extends { responses: infer R }
  ? Open<Json<R[keyof R & (200 | 201 | 202 | 204)]>>
  : never;
type Options<Operation> = { bearer?: string | undefined; signal?: AbortSignal | undefined } & (Operation extends {
  requestBody: infer R;
}
  ? { body: Json<R> }
  : { body?: never }) &
  (Operation extends { parameters: { path: infer P } } ? { path: P } : { path?: never }) &
  (Operation extends { parameters: { query?: infer Q } }
    ? [NonNullable<Q>] extends [never]
      ? { query?: never }
      : { query?: NonNullable<Q> | undefined }
    : { query?: never });
type AnyOptions = {
  bearer?: string | undefined;
  body?: unknown;
  path?: Record<string, string> | undefined;
  query?: Record<string, string | number | string[] | undefined> | undefined;
  signal?: AbortSignal | undefined;
};
type Arguments<O> = object extends O ? [options?: O] : [options: O];

/** An answer that is not a success: decide by `body.code`, show `body.detail`, quote `body.request_id`. */
export class Problem extends Error {
  override readonly name = "Problem";
  /** The seconds to wait before the next attempt, where the answer names them. */
  readonly retryAfterSeconds: number | undefined;
  // Private, so that no log of this error holds the `change_token` that may be in it.
  readonly #body: ProblemBody;

  constructor(body: ProblemBody, retryAfterSeconds?: number) {
    super(`${body.status} ${body.code}`);
    this.#body = body;
    this.retryAfterSeconds = retryAfterSeconds;
  }

  get body(): ProblemBody {
    return this.#body;
  }
}

/** The service, for a front end. */
export class Client {
  /** The language of messages, which may change at any time. */
  language: Language;
  readonly #baseUrl: string;

  /** @param baseUrl the service's public address, such as `https://identity.example.com` */
  constructor(baseUrl: string, language: Language = "sl") {
    this.#baseUrl = baseUrl.replace(/\/+$/, "");
    this.language = language;
  }

  /**
   * Calls an operation, such as `call("post", "/v1/password-resets", { body: { customer_number: "004217" } })`.
   *
   * @throws Problem for every answer that is not a success
   * @throws TypeError if there is no answer, or the service does not list the origin of this page
   * @throws SyntaxError if a success is not JSON, since it comes from a proxy in between
   * @throws the signal's `reason`, by default a `DOMException` named `AbortError`, once `signal` is aborted
   */
  async call<M extends Method, P extends Path<M>>(
    method: M,
    path: P,
    ...[options]: Arguments<Options<paths[P][M]>>
  ): Promise<Answer<paths[P][M]>> {
    // The types of all operations together are too many for the compiler.
    const given: unknown = options;
    const { bearer, body, path: parameters, query, signal } = (given ?? {}) as AnyOptions;
    const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(parameters?.[name] ?? ""));
    const search = new URLSearchParams();
    for (const [name, value] of Object.entries(query ?? {})) {
      const values = Array.isArray(value) ? value : [value];
      for (const one of values) if (one !== undefined) search.append(name, String(one));
    }
    const address = this.#baseUrl + filled + (search.size > 0 ? `?${search.toString()}` : "");
    const headers = new Headers({ Accept: "application/json", "Accept-Language": this.language });
    if (bearer !== undefined) headers.set("Authorization", `Bearer ${bearer}`);
    const request: RequestInit = { method: method.toUpperCase(), headers, credentials: "omit", signal: signal ?? null };
    if (body !== undefined) {
      headers.set("Content-Type", "application/json");
      request.body = JSON.stringify(body);
    }
    const answer = await fetch(address, request);
    if (!answer.ok) throw await problem(answer);
    return (answer.status === 204 ? undefined : await answer.json()) as Answer<paths[P][M]>;
  }
}

/**
 * Makes the error of an answer. An answer that is not a problem comes from a proxy in between, and has no `detail` to
 * show.
 */
async function problem(answer: Response): Promise<Problem> {
  const isProblem = answer.headers.get("Content-Type")?.startsWith("application/problem+json");
  const { status, statusText: title } = answer;
  const foreign = { type: "about:blank", title, status, detail: "", code: "unknown", request_id: "" };
  const body = isProblem ? ((await answer.json()) as ProblemBody) : foreign;
  return new Problem(body, Number(answer.headers.get("Retry-After")) || undefined);
}

/**
 * Sends a request and, where it is refused with `challenge-required`, repeats it with a proof of work, three times at
 * most.
 *
 * @param send gets the proof to put into its body, and must not catch a `Problem`
 */
export async function withProof<T>(
  send: (proof: { proof?: string }) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  let proof = {};
  for (let triesLeft = 3; ; triesLeft -= 1) {
    try {
      return await send(proof);
    } catch (error) {
      if (!(error instanceof Problem) || error.body.code !== "challenge-required" || triesLeft === 0) throw error;
      const { challenge, difficulty } = error.body;
      if (challenge === undefined || difficulty === undefined) throw error;
      proof = { proof: await solve(challenge, difficulty, signal) };
    }
  }
}
