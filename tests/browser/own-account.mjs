// The account page in the owner's hands: the banner about the address, the names of devices, what happened, and the
// lock-down. Each state is looked at in the narrowest window and on a desktop, once light and once dark.

import assert from "node:assert/strict";
import { DESKTOP, NARROWEST, advance, check, field, fieldErrors, given, notice, screenshot, test, url, visit } from "./support.mjs";

const { language, number, passwords, words } = given;

/** As long as a name may be. */
const MARKUP = "<img src=x onerror=document.title='ran'>";

const button = (page, word) => page.getByRole("button", { name: words[word], exact: true });

/** The colours of a width. Two languages show each other's, so that all four surroundings are looked at. */
const colorScheme = (size) => ((size === DESKTOP) === given.isDarkOnDesktop ? "dark" : "light");

function lookAt(page, size) {
  return async (state) => {
    await screenshot(page, `${language}-${size.width}-${state}`, { fullPage: true });
    await check(page, `${language} ${size.width}: ${state}`);
  };
}

async function signIn(page, password = passwords[0]) {
  await page.goto(`${url}/sign-in`);
  await field(page, words["page-user-name"]).fill(number);
  await field(page, words["page-password"]).fill(password);
  await button(page, "page-sign-in-submit").click();
}

async function openAccount(page) {
  await signIn(page);
  await page.waitForURL("**/account");
  await page.locator("#account").waitFor();
}

const focused = (page) => page.evaluate(() => document.activeElement.id);

/** The banner of a state, which the test has brought about, and what it offers. */
async function banner(page, look) {
  const { state, selfService, sentence } = given;
  await openAccount(page);
  const shown = page.locator("#banner");
  await shown.waitFor();
  assert((await shown.innerText()).startsWith(sentence), await shown.innerText());
  const opener = shown.getByRole("button", { name: words[state === "none" ? "page-email-add" : "page-email-change"] });
  const contact = shown.locator("a[href^='tel:']:visible");
  assert.equal(await opener.count(), selfService ? 1 : 0);
  assert.equal(await contact.count(), selfService ? 0 : 1);
  assert.equal(await button(page, "page-still-mine").count(), state === "confirm_due" ? 1 : 0);
  // The address has its own place as well, and there too support is named where it alone changes the address.
  assert.equal(await page.getByText(words["page-email-by-support"]).count(), selfService ? 0 : 1);
  await look(`banner-${state}${selfService ? "" : "-support"}`);
  if (selfService) {
    await opener.click();
    assert.equal(await page.evaluate(() => document.activeElement.name), "email");
    await look(`banner-${state}-form`);
    await button(page, "page-cancel").click();
  }

  // Where no mail reaches the customer, the question says beforehand that only support leads back in.
  await page.locator("#open-lock-down").click();
  const question = page.getByRole("dialog");
  await question.waitFor();
  const isReached = state === "confirm_due";
  assert.equal(await question.getByText(words["page-lock-down-mail"]).isVisible(), isReached);
  assert.equal(await question.getByText(words["page-lock-down-no-mail"]).isVisible(), !isReached);
  await look(`lock-down-question-${state}`);
  await button(page, "page-cancel").click();
  await question.waitFor({ state: "hidden" });
  assert.equal(await focused(page), "open-lock-down");

  if (state !== "confirm_due") return;
  await button(page, "page-still-mine").click();
  await notice(page).waitFor();
  assert.equal(await notice(page).textContent(), words["page-still-mine-done"]);
  assert(await shown.isHidden());
  await look("still-mine");
  await page.reload();
  await page.locator("#account").waitFor();
  assert(await shown.isHidden());
  // The next visit is asked again.
  await advance(given.confirmAfterSeconds + 1);
}

/** Names of devices, and what happened. */
async function names(page, look) {
  for (let index = 0; index < 9; index += 1) {
    const body = JSON.stringify({ customer_number: number, password: index < 2 ? "Wrong-password-1" : passwords[0] });
    await fetch(`${url}/v1/sessions`, { method: "POST", headers: { "Content-Type": "application/json" }, body });
  }
  await advance(60);
  await openAccount(page);
  const own = page.locator("#sessions li").filter({ has: page.locator(".current") });
  const rename = own.locator(".open-rename");
  assert.equal(await rename.textContent(), words["page-device-name"]);

  // Nothing is changed by going back, with the button or with Escape.
  await rename.click();
  await field(page, words["page-device-label"]).fill("Pult 9");
  await page.keyboard.press("Escape");
  assert.match(await focused(page), /^open-rename-/);
  await rename.click();
  assert.equal(await field(page, words["page-device-label"]).inputValue(), "");
  await field(page, words["page-device-label"]).fill("Pult\u202e 1");
  await button(page, "page-save").click();
  await page.locator("#sessions [aria-invalid=true]").waitFor();
  assert.deepEqual(Object.keys(await fieldErrors(page)), ["name"]);
  await look("name-refused");

  await advance(60);
  // A name is text, whatever it looks like. Its field takes no more than forty characters.
  await field(page, words["page-device-label"]).fill("");
  await field(page, words["page-device-label"]).pressSequentially(`${MARKUP}x`);
  assert.equal(await field(page, words["page-device-label"]).inputValue(), MARKUP);
  await button(page, "page-save").click();
  await own.locator(".device").getByText(MARKUP).waitFor();
  assert.match(await focused(page), /^open-rename-/);
  await page.locator("#events").getByText(MARKUP).first().waitFor();
  assert.equal(await page.locator("main img").count(), 0);
  assert.notEqual(await page.title(), "ran");
  await advance(60);
  await rename.click();
  await field(page, words["page-device-label"]).fill("Pult 1");
  await Promise.all([page.waitForResponse(/account\/activity/), page.keyboard.press("Enter")]);
  await own.locator(".device").getByText("Pult 1", { exact: true }).waitFor();
  assert.equal(await rename.textContent(), words["page-device-rename"]);
  assert.match(await own.locator(".program").textContent(), /Chrome/);

  // The newest event stands first, and failures are summed.
  const events = page.locator("#events li");
  await page.locator("#events").getByText(words["activity-session_renamed"]).first().waitFor();
  assert.match(await events.first().textContent(), new RegExp(words["activity-session_renamed"]));
  const shown = await events.count();
  await look("names");
  await button(page, "page-activity-more").click();
  await page.waitForFunction((count) => document.querySelectorAll("#events li").length > count, shown);
  assert.equal(await page.evaluate((count) => [...document.querySelectorAll("#events li")].indexOf(document.activeElement), shown), shown);
  while (await button(page, "page-activity-more").isVisible()) {
    const before = await events.count();
    await button(page, "page-activity-more").click();
    await page.waitForFunction((count) => document.querySelectorAll("#events li").length > count, before);
  }
  await page.locator("#events").getByText(given.failures).waitFor();
  await look("activity");

  // An empty field takes the name away.
  await rename.click();
  await field(page, words["page-device-label"]).fill(" ");
  await button(page, "page-save").click();
  await own.locator(".open-rename").getByText(words["page-device-name"], { exact: true }).waitFor();
  assert(await own.locator(".program").isHidden());

  // Where the list cannot be read, the rest of the page works, and the button reads it again.
  await page.route("**/v1/account/activity?*", (route) => route.abort());
  await page.reload();
  await page.locator("#activity-trouble").waitFor();
  assert.equal(await page.locator("#activity-trouble").textContent(), words["page-network-error"]);
  assert(await own.isVisible());
  await look("activity-away");
  await page.unroute("**/v1/account/activity?*");
  await button(page, "page-activity-more").click();
  await events.first().waitFor();
  assert(await page.locator("#activity-trouble").isHidden());
  // A service without events says so.
  await page.route("**/v1/account/activity?*", (route) => route.fulfill({ json: { events: [], next: null } }));
  await page.reload();
  await page.getByText(words["page-activity-none"]).waitFor();
  await page.unroute("**/v1/account/activity?*");
}

/** Locking the access down from a session. Nothing happens before the question is answered. */
async function lockDown(page, look) {
  await openAccount(page);
  let calls = 0;
  page.on("request", (request) => request.url().endsWith("/lock-down") && (calls += 1));
  await page.locator("#open-lock-down").press("Enter");
  await page.getByRole("dialog", { name: words["page-lock-down-question"] }).waitFor();
  // The harmless button has the focus.
  assert.equal(await page.evaluate(() => document.activeElement.textContent), words["page-cancel"]);
  await page.keyboard.press("Escape");
  assert.equal(await focused(page), "open-lock-down");
  await page.locator("#open-lock-down").click();
  await look("lock-down-question");
  await page.context().setOffline(true);
  await button(page, "page-lock-down-submit").click();
  await page.getByRole("dialog").getByText(words["page-offline"]).waitFor();
  assert(await page.locator("#account").isVisible());
  assert.equal(calls, 1);
  await page.context().setOffline(false);
  await page.locator("#notice[data-kind=done]").waitFor();
  assert.equal(await notice(page).textContent(), words["locked-down"]);
  assert.equal(await focused(page), "notice");
  assert(await page.locator("#account").isHidden());
  assert.equal(await page.evaluate(() => sessionStorage.getItem("session")), null);
  await look("locked-down-by-page");
  await page.locator("main a[href^='tel:']:visible").waitFor();
  await page.getByRole("link", { name: words["page-done-sign-in"] }).click();
  await page.waitForURL("**/sign-in");
  await signIn(page);
  await notice(page).waitFor();
  assert.equal(await notice(page).textContent(), words["problem-password-expired-locked-down"]);
}

const parts = { banner, lockDown, names };
await test(async (browser) => {
  for (const size of given.sizes.map((width) => (width === NARROWEST.width ? NARROWEST : DESKTOP))) {
    // Offline the browser complains, which is what the page is tried with.
    const options = { broken: true, colorScheme: colorScheme(size), locale: language, size };
    await visit(browser, options, (page) => parts[given.part](page, lookAt(page, size)));
  }
});
