// The page of support: signing in, asking, copying the customer's sentence, and the acts. With axe in each state.

import assert from "node:assert/strict";
import { DESKTOP, advance, check as checkPage, field, given, notice, screenshot, stored, test, visit } from "./support.mjs";

const { desk, id, number, part, secret, words } = given;
const NARROW = { width: 360, height: 740 };
const options = { hosts: [desk], locale: "sl" };

async function check(page, state) {
  await screenshot(page, `support-${state}`);
  await checkPage(page, state);
}

const button = (page, name) => page.getByRole("button", { name: words[name], exact: true });
const isFocused = (page, id) => page.waitForFunction((wanted) => document.activeElement.id === wanted, id);

/** Signs in without a mouse. */
async function signIn(page, clientSecret = secret) {
  await page.goto(`${desk}/support`);
  await isFocused(page, "client-id");
  await page.keyboard.type(id);
  await page.keyboard.press("Tab");
  await page.keyboard.type(` ${clientSecret} `);
  await page.keyboard.press("Enter");
}

/** Asks without a mouse. */
async function ask(page, email, language) {
  await isFocused(page, "number");
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.type(number);
  await page.keyboard.press("Tab");
  await page.keyboard.press("ControlOrMeta+a");
  if (email) await page.keyboard.type(email);
  else await page.keyboard.press("Delete");
  await field(page, words["support-answer-language"]).selectOption(language);
  await field(page, words["support-email"]).press("Enter");
  await isFocused(page, "findings-title");
}

async function refused(browser) {
  // The console shows each refusal.
  await visit(browser, { ...options, broken: true, size: NARROW }, async (page) => {
    await signIn(page, "wrong");
    await isFocused(page, "notice");
    assert.equal(await notice(page).textContent(), words["support-wrong-client"]);
    assert.equal(await field(page, words["support-client-secret"]).inputValue(), "");
    await check(page, "refused");
    await signIn(page);
    await isFocused(page, "number");
    await field(page, words["support-number"]).fill("12");
    await field(page, words["support-number"]).press("Enter");
    await page.locator("#number[aria-invalid=true]").waitFor();
    assert.notEqual(await page.locator("#number-error").textContent(), "");
    await advance(31 * 60);
    await field(page, words["support-number"]).fill(number);
    await field(page, words["support-number"]).press("Enter");
    await isFocused(page, "notice");
    assert.equal(await notice(page).textContent(), words["support-session-over"]);
    assert.equal(await field(page, words["support-number"]).count(), 0);
  });
}

async function asked(browser, colorScheme, [name, size]) {
  const state = (what) => `${colorScheme}-${name}-${what}`;
  const permissions = ["clipboard-read", "clipboard-write"];
  await visit(browser, { ...options, colorScheme, permissions, size }, async (page) => {
    await page.goto(`${desk}/support`);
    await isFocused(page, "client-id");
    await check(page, state("sign-in"));
    await signIn(page);
    await isFocused(page, "number");
    await page.getByText(given.person).waitFor();
    assert.equal(await field(page, words["support-answer-language"]).inputValue(), "sl");
    await check(page, state("question"));

    // A caller who knows the number alone is told nothing of the customer's mailbox.
    await ask(page, "", "de");
    assert.equal(await page.locator("#say-nothing:visible").textContent(), words["support-say-unasked"]);
    assert.equal(await page.locator("#findings blockquote").count(), 0);
    await page.locator("#number").focus();
    await ask(page, "somebody@example.com", "de");
    assert.equal(await page.locator("#say-nothing:visible").textContent(), words["support-say-nothing"]);

    await page.locator("#number").focus();
    await ask(page, given.email, "de");
    const first = page.locator("#findings > li").first();
    assert.equal(await first.locator(".desk-severity").textContent(), words["support-severity-blocking"]);
    assert.equal(await first.locator("blockquote").textContent(), given.sentence);
    assert.equal(await first.locator("blockquote").getAttribute("lang"), "de");
    const events = await page.locator("#timeline tbody td:last-child").allTextContents();
    assert(events.includes(given.german["timeline-mail_handed_over"]), events.join("; "));
    const [time] = await page.locator("#timeline time").all();
    const at = new Date(await time.getAttribute("datetime"));
    const hour = new Intl.DateTimeFormat("de", { timeStyle: "short", timeZone: "Europe/Ljubljana" }).format(at);
    assert((await time.textContent()).includes(hour));
    assert.equal(await page.locator("#say-nothing:visible").count(), 0);
    await check(page, state("answer"));
    await page.locator("#timeline").scrollIntoViewIfNeeded();
    await screenshot(page, `support-${state("timeline")}`);
    // No operation of an act exists in this build.
    assert.equal(await page.locator("#acts").count(), 0);

    await first.getByRole("button", { name: words["support-copy"], exact: true }).press("Enter");
    await first.getByRole("button", { name: words["support-copied"], exact: true }).waitFor();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), given.sentence);
    assert.equal(await page.locator("#spoken").textContent(), words["support-copied"]);

    // The tab goes on without the secret, which nothing has kept. Scripts see no cookie.
    await page.reload();
    await isFocused(page, "number");
    assert.equal(await stored(page), JSON.stringify([{}, {}, ""]));
    const cookies = await page.context().cookies(`${desk}/support`);
    assert.deepEqual(cookies.map(({ httpOnly, sameSite }) => [httpOnly, sameSite]), [[true, "Strict"]]);
    await button(page, "support-sign-out").press("Enter");
    await isFocused(page, "notice");
    assert.equal(await notice(page).textContent(), words["support-signed-out"]);
    assert.deepEqual(await page.context().cookies(`${desk}/support`), []);
  });
}

async function acted(browser) {
  const calls = [];
  for (const [name, size] of [["phone", NARROW], ["desktop", DESKTOP]]) {
    await visit(browser, { ...options, size }, async (page) => {
      await page.route(`${desk}/support`, async (route) => {
        const response = await route.fetch();
        await route.fulfill({ response, body: given.html });
      });
      const answer = (pattern, body) =>
        page.route(pattern, (route) => {
          const request = route.request();
          calls.push([new URL(request.url()).pathname, request.postDataJSON(), Boolean(request.headers().authorization)]);
          return route.fulfill({ status: 200, json: body });
        });
      await answer(`${desk}/v1/accounts/*/unlock`, {});
      await answer(`${desk}/v1/support/caller-codes`, { id: "code-1", expires_at: "2026-11-22T13:05:00.000Z" });
      await answer(`${desk}/v1/support/caller-codes/*/check`, { verified: true, by: "page" });
      await signIn(page);
      await ask(page, "", "sl");
      assert.equal(await page.locator("#acts button:visible").count(), 5);
      await check(page, `acts-${name}`);

      await button(page, "support-act-unlock").press("Enter");
      const dialogue = page.getByRole("dialog");
      await dialogue.getByText(words["support-act-unlock-confirm"]).waitFor();
      await isFocused(page, "act-reason");
      await check(page, `act-${name}`);
      await page.keyboard.type("Klic stranke");
      await page.keyboard.press("Enter");
      await dialogue.getByText(words["support-act-done"]).waitFor();
      await page.keyboard.press("Escape");

      await button(page, "support-act-caller").press("Enter");
      await dialogue.getByRole("radio").nth(1).check();
      await button(page, "support-act-do").press("Enter");
      await isFocused(page, "act-code");
      await page.keyboard.type("123456");
      await button(page, "support-act-check").press("Enter");
      await dialogue.getByText(words["support-act-verified"]).waitFor();
      await check(page, `act-code-${name}`);
    });
  }
  const round = [
    [`/v1/accounts/${given.account}/unlock`, { reason: "Klic stranke" }, true],
    ["/v1/support/caller-codes", { customer_number: number, deliver_to: "mail" }, true],
    ["/v1/support/caller-codes/code-1/check", { code: "123456" }, true],
  ];
  assert.deepEqual(calls, [...round, ...round]);
}

await test(async (browser) => {
  if (part === "acting") return acted(browser);
  for (const colorScheme of ["light", "dark"]) {
    for (const form of [["phone", NARROW], ["desktop", DESKTOP]]) await asked(browser, colorScheme, form);
  }
  return refused(browser);
});
