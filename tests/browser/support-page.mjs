// The page of support: signing in, asking, copying the customer's sentence, and the acts. With axe in each state.

import assert from "node:assert/strict";
import { DESKTOP, advance, check as checkPage, field, given, notice, screenshot, stored, test, url, visit } from "./support.mjs";

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
async function signIn(page, clientSecret = secret, clientId = id) {
  await page.goto(`${desk}/support`);
  await isFocused(page, "client-id");
  await page.keyboard.type(clientId);
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
    assert.equal(await page.locator("#acts button:visible").count(), 6);

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

/** Confirms an act in its dialogue. After it the question is asked once more. */
async function act(page, name, reason) {
  await button(page, `support-act-${name}`).press("Enter");
  const dialogue = page.getByRole("dialog");
  await dialogue.getByText(words[`support-act-${name}-confirm`]).waitFor();
  if (reason) {
    await isFocused(page, "act-reason");
    await page.keyboard.press("Enter");
    // Without a reason nothing is done.
    await dialogue.getByRole("alert").filter({ visible: true }).waitFor();
    await page.keyboard.type(reason);
    await page.keyboard.press("Enter");
  } else {
    // What asks for nothing does not happen by a second press of the same key.
    await isFocused(page, "act-cancel");
    await button(page, "support-act-do").press("Enter");
  }
  await dialogue.getByText(words["support-act-done"]).waitFor();
  await page.keyboard.press("Escape");
  await isFocused(page, "findings-title");
}

/** Signs the customer in, and returns the code on the account page once "I am calling" is pressed. */
async function readCode(page, state) {
  await page.goto(`${url}/sign-in`);
  await field(page, words["page-user-name"]).fill(number);
  await field(page, words["page-password"]).fill(given.password);
  await button(page, "page-sign-in-submit").click();
  await page.waitForURL("**/account");
  // The code is there for who asks for it alone.
  assert.equal(await page.locator("#caller-code:visible").count(), 0);
  await button(page, "page-caller-submit").press("Enter");
  await isFocused(page, "caller-code");
  const shown = page.locator("#caller-code");
  await shown.getByText(given.person).waitFor();
  await shown.getByText(words["page-caller-only"]).waitFor();
  await check(page, state);
  return shown.locator(".code").textContent();
}

async function acted(browser) {
  for (const [name, size] of [["phone", NARROW], ["desktop", DESKTOP]]) {
    await visit(browser, { ...options, size }, async (page) => {
      await signIn(page);
      await ask(page, "", "sl");
      assert.equal(await page.locator("#acts button:visible").count(), 6);
      await check(page, `acts-${name}`);
      await button(page, "support-act-lift").press("Enter");
      await check(page, `act-${name}`);
      await page.keyboard.press("Escape");
      await act(page, "lift", given.reason);

      await button(page, "support-act-caller").press("Enter");
      const dialogue = page.getByRole("dialog");
      await dialogue.getByRole("radio").first().check();
      await button(page, "support-act-do").press("Enter");
      await isFocused(page, "act-code");
      await visit(browser, { locale: "sl", size }, async (customer) => {
        const code = await readCode(customer, `caller-code-${name}`);
        assert.match(code, /^\d{3}\s\d{3}$/);
        const wrong = String((Number(code.replace(/\s/, "")) + 1) % 1_000_000).padStart(6, "0");
        await page.keyboard.type(wrong);
        await button(page, "support-act-check").press("Enter");
        await dialogue.getByText(words["support-act-not-verified"]).waitFor();
        await page.keyboard.type(code);
        await button(page, "support-act-check").press("Enter");
        await dialogue.getByText(words["support-act-verified-page"]).waitFor();
        await check(page, `act-code-${name}`);
        await page.keyboard.press("Escape");
        await act(page, "sign-out");
        await customer.reload();
        await customer.waitForURL("**/sign-in*");
      });
    });
  }
  // A person who may only read is offered no act.
  await visit(browser, options, async (page) => {
    await signIn(page, given.reader.secret, given.reader.id);
    await ask(page, "", "sl");
    assert.equal(await page.locator("#acts:visible").count(), 0);
  });
}

await test(async (browser) => {
  if (part === "acting") return acted(browser);
  for (const colorScheme of ["light", "dark"]) {
    for (const form of [["phone", NARROW], ["desktop", DESKTOP]]) await asked(browser, colorScheme, form);
  }
  return refused(browser);
});
