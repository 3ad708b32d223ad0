// Ways that people take beside the guide's: how they type, lose the network, press too often, and ask for what is not there.

import assert from "node:assert/strict";
import { advance, field, given, lastMail, notice, screenshot, test, url, visit } from "./support.mjs";

const { number, other, password, words } = given;

async function request(page, typed) {
  await page.goto(`${url}/forgot-password`);
  await field(page, words["page-user-name"]).fill(typed);
  await page.getByRole("button", { name: words["page-request-submit"] }).click();
  await notice(page).waitFor();
  return notice(page).textContent();
}

/** A number may be written as people write numbers. */
async function kindInput(browser) {
  const [front, back] = [number.slice(0, 3), number.slice(3)];
  const fullwidth = [...number].map((digit) => String.fromCodePoint(digit.codePointAt(0) + 0xfee0)).join("");
  const invisible = `\u200b${number}\ufeff`;
  await visit(browser, { locale: "en" }, async (page) => {
    const sent = [];
    page.on("request", (call) => call.method() === "POST" && sent.push(call.postDataJSON().customer_number));
    const copied = `\u202a${front}\u2212${back}\u202c`;
    for (const typed of [`${front} ${back}`, `${front}-${back}`, `${front}.${back}`, fullwidth, invisible, copied]) {
      assert.equal(await request(page, typed), words["reset-requested"], typed);
    }
    assert.deepEqual(sent, Array(6).fill(number));
    // What is no number is left as it is, and refused.
    await page.goto(`${url}/forgot-password`);
    await field(page, words["page-user-name"]).fill(`${front}x${back}`);
    await page.getByRole("button", { name: words["page-request-submit"] }).click();
    await page.locator("input[aria-invalid=true]").waitFor();
  });
}

/** The page tells that there is no network, and sends once there is. */
async function offline(browser) {
  await visit(browser, { broken: true, locale: "en" }, async (page) => {
    await page.goto(`${url}/forgot-password`);
    await field(page, words["page-user-name"]).fill(number);
    await page.context().setOffline(true);
    await page.getByRole("button", { name: words["page-request-submit"] }).click();
    await notice(page).waitFor();
    assert.equal(await notice(page).textContent(), words["page-offline"]);
    assert.equal(await notice(page).getAttribute("data-kind"), "wait");
    await screenshot(page, "offline");
    await page.context().setOffline(false);
    await page.getByText(words["reset-requested"]).waitFor();
    assert.equal(await notice(page).getAttribute("data-kind"), "done");
    // A customer who has typed on meanwhile has not finished, so nothing is sent.
    let calls = 0;
    await page.goto(`${url}/sign-in`);
    page.on("request", (call) => (calls += call.url().endsWith("/v1/sessions") ? 1 : 0));
    await field(page, words["page-password"]).fill("Half-");
    await page.context().setOffline(true);
    await page.getByRole("button", { name: words["page-sign-in-submit"] }).click();
    await notice(page).waitFor();
    await field(page, words["page-password"]).fill("Half-typed");
    const before = calls;
    await page.context().setOffline(false);
    await page.waitForTimeout(300);
    assert.equal(calls, before);
  });
}

/** Caps lock is told while a password is typed. */
async function capsLock(browser) {
  await visit(browser, { locale: "en" }, async (page) => {
    await page.goto(`${url}/sign-in`);
    const hint = page.getByText(words["page-caps-lock"]);
    const press = (isOn) =>
      field(page, words["page-password"]).evaluate((input, modifierCapsLock) => {
        input.dispatchEvent(new KeyboardEvent("keydown", { key: "A", modifierCapsLock, bubbles: true }));
      }, isOn);
    await field(page, words["page-password"]).focus();
    await press(true);
    await hint.waitFor();
    await press(false);
    await hint.waitFor({ state: "hidden" });
  });
}

/** After too many attempts the page says how long to wait, and which way is open at once. */
async function throttled(browser) {
  await visit(browser, { locale: "en" }, async (page) => {
    await page.goto(`${url}/sign-in`);
    await field(page, words["page-user-name"]).fill(other);
    for (let attempts = 0; attempts < 40; attempts += 1) {
      await field(page, words["page-password"]).fill(`Wrong-password-${attempts}`);
      await page.getByRole("button", { name: words["page-sign-in-submit"] }).click();
      await page.locator("#sign-in [type=submit]:not([aria-busy])").waitFor();
      if ((await notice(page).getAttribute("data-kind")) === "wait") break;
    }
    const [before, after] = words["page-wait"].split("{time}");
    const said = await notice(page).innerText();
    assert(said.startsWith(before) && /in \d+ (second|minute|hour)s?/.test(said) && said.includes(after), said);
    assert(said.includes(words["page-wait-way"]));
    // The time changes where it stands, and does not take the focus from a customer who types.
    const time = notice(page).locator("span");
    const first = await time.textContent();
    await field(page, words["page-password"]).focus();
    await page.waitForFunction((first) => document.querySelector("#notice span").textContent !== first, first);
    assert.equal(await page.evaluate(() => document.activeElement.name), "password");
    await notice(page).getByRole("link", { name: words["page-request-title"] }).click();
    await page.waitForURL("**/forgot-password");
  });
}

/** After the success: another device, a second tab, the way back, and a reload. */
async function afterwards(browser) {
  let link;
  await visit(browser, { locale: "en" }, async (page) => {
    await request(page, number);
    link = (await lastMail()).link;
    await page.goto(link);
    await field(page, words["page-user-name"]).fill(number);
    // The printed example, its variants, the brand and the number are weak, whatever stands beside them.
    for (const weak of ["And42rej", "4Nd42r3j!!", "STAkis2026", `${number}Ab`]) {
      await field(page, words["page-new-password"]).fill(weak);
      assert.equal(await page.locator("#strength").getAttribute("data-level"), "0", weak);
    }
    await field(page, words["page-new-password"]).fill(password);
    assert.equal(await page.locator("#strength").getAttribute("data-level"), "2");
    await field(page, words["page-new-password-again"]).fill(password);
    await page.getByRole("button", { name: words["page-submit"] }).click();
    const done = page.getByRole("dialog", { name: words["password-replaced"] });
    await done.waitFor();
    await page.reload();
    await done.waitFor();
    await done.getByRole("link").click();
    await page.waitForURL("**/sign-in");
    assert.equal(await field(page, words["page-user-name"]).inputValue(), number);
    await page.goBack();
    await done.waitFor();
    const second = await page.context().newPage();
    await second.goto(link);
    await second.locator("#why").waitFor();
    assert.equal(await second.locator("#why").textContent(), given.used);
  });
  await visit(browser, { locale: "en" }, async (page) => {
    await page.goto(link);
    await page.locator("#why").waitFor();
    assert.equal(await page.locator("#why").textContent(), given.used);
    await page.getByRole("link", { name: words["page-back-to-sign-in"] }).click();
    await page.waitForURL("**/sign-in");
  });
}

/** An address that leads nowhere leads on. */
async function nowhere(browser) {
  await visit(browser, { broken: true, locale: "en" }, async (page) => {
    await page.goto(`${url}/nowhere`);
    await page.getByRole("heading", { name: words["page-not-found-title"] }).waitFor();
    await screenshot(page, "nowhere");
    await page.getByRole("main").getByRole("link").click();
    await page.waitForURL("**/sign-in");
    await page.goto(`${url}/`);
    assert.equal(page.url(), `${url}/sign-in`);
  });
}

await test(async (browser) => {
  await kindInput(browser);
  await offline(browser);
  await capsLock(browser);
  await nowhere(browser);
  await throttled(browser);
  await advance(7200);
  await afterwards(browser);
});
