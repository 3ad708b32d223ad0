// What owners do themselves with links of mails: they change the address on file, and say "this was not me". Each step is
// looked at in the narrowest window and on a desktop, once light and once dark.

import assert from "node:assert/strict";
import { DESKTOP, NARROWEST, check, field, fieldErrors, given, lastLinkTo, notice, screenshot, test, url, visit } from "./support.mjs";

const { addresses, language, number, other, passwords, reasons, words } = given;
const size = given.width === NARROWEST.width ? NARROWEST : DESKTOP;
/** Two languages show each other's colours, so that all four surroundings are looked at. */
const colorScheme = (size === DESKTOP) === given.isDarkOnDesktop ? "dark" : "light";

const button = (page, word) => page.getByRole("button", { name: words[word], exact: true });

async function look(page, state) {
  await screenshot(page, `${language}-${given.width}-${state}`, { fullPage: true });
  await check(page, `${language} ${given.width}: ${state}`);
}

async function signIn(page, password) {
  await page.goto(`${url}/sign-in`);
  await field(page, words["page-user-name"]).fill(number);
  await field(page, words["page-password"]).fill(password);
  await button(page, "page-sign-in-submit").click();
}

/** Opens a link as its mail does, and waits for the form. Looking is free: no call goes out before the button is pressed. */
async function open(page, link) {
  let calls = 0;
  const count = (request) => new URL(request.url()).pathname.startsWith("/v1/") && (calls += 1);
  page.on("request", count);
  await page.goto("about:blank");
  await page.goto(link);
  await field(page, words["page-user-name"]).waitFor();
  await page.waitForLoadState("networkidle");
  assert(!page.url().includes("token"), page.url());
  assert.equal(calls, 0);
  page.off("request", count);
}

/** Types a number, and presses the one button. */
async function press(page, word, customerNumber = number) {
  await field(page, words["page-user-name"]).fill(customerNumber);
  await button(page, word).click();
}

/** Without the right number nothing happens, and the field says why. */
async function takesTheNumber(page, word) {
  for (const guess of ["", other]) {
    await press(page, word, guess);
    await page.locator("input[aria-invalid=true]").waitFor();
    assert.deepEqual(Object.keys(await fieldErrors(page)), ["customer_number"]);
  }
}

/** The panel says what happened, with the focus on it; the form is gone. */
async function says(page, sentence, kind) {
  await page.locator(`#notice[data-kind=${kind}]`).waitFor();
  assert.equal(await notice(page).textContent(), sentence);
  assert.equal(await page.evaluate(() => document.activeElement.id), "notice");
  assert.equal(await page.locator("#link:visible").count(), 0);
}

/** Asks for another address on the account page. */
async function askFor(page, email) {
  await button(page, "page-email-change").click();
  await field(page, words["page-new-email"]).fill(email);
  await page.locator("#email-change-current_password").fill(passwords[0]);
  await button(page, "page-email-submit").click();
  const asked = page.locator("#email-asked");
  await asked.waitFor();
  assert.equal(await asked.textContent(), words["email-change-asked"]);
  assert.equal(await page.evaluate(() => document.activeElement.id), "email-asked");
  assert(await page.locator("#email-change").isHidden());
}

async function changesTheAddress(page) {
  await signIn(page, passwords[0]);
  await page.waitForURL("**/account");
  await page.getByText(addresses.oldMasked).waitFor();

  // The form opens beside the address, takes the focus, and gives it back when it is closed.
  const opener = button(page, "page-email-change");
  await opener.press("Enter");
  assert.equal(await opener.getAttribute("aria-expanded"), "true");
  assert.equal(await page.evaluate(() => document.activeElement.name), "email");
  await button(page, "page-email-submit").click();
  await page.locator("#email-change [aria-invalid=true]").first().waitFor();
  assert.deepEqual(Object.keys(await fieldErrors(page)), ["email", "current_password"]);
  await look(page, "email-refused");
  await button(page, "page-cancel").click();
  assert.equal(await page.evaluate(() => document.activeElement.id), "open-email-change");
  assert.equal(await opener.getAttribute("aria-expanded"), "false");
  await opener.click();
  assert.deepEqual(await fieldErrors(page), {});
  for (const [email, password, wrong] of [
    ["nova", passwords[0], "email"],
    [addresses.old, passwords[0], "email"],
    [addresses.new, "Wrong-password-1", "current_password"],
  ]) {
    await field(page, words["page-new-email"]).fill(email);
    await page.locator("#email-change-current_password").fill(password);
    await button(page, "page-email-submit").click();
    await page.locator("#email-change [aria-invalid=true]").waitFor();
    assert.deepEqual(Object.keys(await fieldErrors(page)), [wrong]);
  }
  await opener.click();
  await askFor(page, addresses.new);
  await look(page, "email-asked");

  // The mail to the old address withdraws it, and who comes back is told so again.
  const withdraw = await lastLinkTo(addresses.old, "/withdraw-email");
  const withdrawn = await lastLinkTo(addresses.new, "/confirm-email");
  await open(page, withdraw.link);
  await takesTheNumber(page, "page-withdraw-email-submit");
  await look(page, "withdraw-email");
  await press(page, "page-withdraw-email-submit");
  for (const state of ["email-withdrawn", "email-withdrawn-before"]) {
    await says(page, words["email-change-withdrawn"], "done");
    await page.getByRole("link", { name: words["page-withdraw-email-new-password"] }).waitFor();
    await look(page, state);
    await page.reload();
  }
  await open(page, withdrawn.link);
  await press(page, "page-confirm-email-submit");
  await says(page, reasons.withdrawn, "refused");

  // A second change is confirmed from the new address, where one attempt is refused for a while.
  await page.goto(`${url}/account`);
  await page.getByText(addresses.oldMasked).waitFor();
  await askFor(page, addresses.new);
  const late = await lastLinkTo(addresses.old, "/withdraw-email");
  const confirm = await lastLinkTo(addresses.new, "/confirm-email");
  await showMail(page, confirm, "email-mail");
  await showMail(page, late, "email-notice");
  await open(page, confirm.link);
  await takesTheNumber(page, "page-confirm-email-submit");
  await look(page, "confirm-email");
  await page.route("**/v1/email-changes/confirm", (route) =>
    route.fulfill({
      status: 429,
      contentType: "application/problem+json",
      headers: { "Retry-After": "604800" },
      body: JSON.stringify({ status: 429, code: "rate-limited", detail: "…" }),
    }),
  );
  await press(page, "page-confirm-email-submit");
  await page.locator("#notice[data-kind=wait]").waitFor();
  assert.match(await notice(page).textContent(), /\b7\b/);
  await look(page, "confirm-email-later");
  await page.unroute("**/v1/email-changes/confirm");
  // The page survives a reload, and sends by itself what was pressed without a network.
  await page.reload();
  await page.context().setOffline(true);
  await press(page, "page-confirm-email-submit");
  await page.locator("#notice[data-kind=wait]").waitFor();
  assert.equal(await notice(page).textContent(), words["page-offline"]);
  await page.context().setOffline(false);
  for (const state of ["email-confirmed", "email-confirmed-before"]) {
    await says(page, words["email-changed"], "done");
    await look(page, state);
    await page.reload();
  }
  await page.getByRole("link", { name: words["page-done-sign-in"] }).click();
  await page.waitForURL("**/sign-in");
  await signIn(page, passwords[0]);
  await page.waitForURL("**/account");
  await page.getByText(addresses.newMasked).waitFor();

  // The link that withdraws comes too late, and the page names support.
  await open(page, late.link);
  await press(page, "page-withdraw-email-submit");
  await says(page, reasons.used, "refused");
  await page.locator("#otherwise").getByText(words["page-withdraw-email-otherwise"]).waitFor();
  await look(page, "withdraw-email-late");
  // The old address was told again, with a link that locks the access down.
  await lastLinkTo(addresses.old, "/not-me");
}

async function showMail(page, mail, state) {
  const opened = await page.context().newPage();
  await opened.setContent(mail.html);
  await screenshot(opened, `${language}-${given.width}-${state}`);
  await opened.close();
}

async function saysThatItWasNotMe(page) {
  // Without a link the page asks for a reset mail, as ever, and names support.
  await page.goto(`${url}/not-me`);
  await button(page, "page-request-submit").waitFor();
  await page.getByText(words["page-not-me-what"]).waitFor();
  await look(page, "not-me-without-link");

  const { html, link } = await lastLinkTo(addresses.old, "/not-me");
  await showMail(page, { html }, "device-notice");
  await open(page, link);
  await page.getByText(words["page-lock-down-effect"]).waitFor();
  assert(await button(page, "page-request-submit").isHidden());
  await page.keyboard.press("Enter");
  await takesTheNumber(page, "page-lock-down-submit");
  await look(page, "not-me");
  await press(page, "page-lock-down-submit");
  for (const state of ["locked-down", "locked-down-before"]) {
    await says(page, words["locked-down"], "done");
    await look(page, state);
    await page.reload();
  }

  // The password is no longer valid, and the mail leads back in.
  await signIn(page, passwords[0]);
  await notice(page).waitFor();
  assert.equal(await notice(page).textContent(), words["problem-password-expired-locked-down"]);
  const reset = await lastLinkTo(addresses.old, "/change-password");
  await page.goto(reset.link);
  await field(page, words["page-user-name"]).fill(number);
  await field(page, words["page-new-password"]).fill(passwords[1]);
  await field(page, words["page-new-password-again"]).fill(passwords[1]);
  await button(page, "page-submit").click();
  await page.getByRole("dialog").getByRole("link").click();
  await signIn(page, passwords[1]);
  await page.waitForURL("**/account");
  await page.getByText(number).waitFor();

  // The link serves once. Then the page says why, and offers what it offers without one.
  await open(page, link);
  await press(page, "page-lock-down-submit");
  await page.locator("#notice[data-kind=refused]").waitFor();
  await button(page, "page-request-submit").waitFor();
  await look(page, "not-me-used");
}

const parts = { changesTheAddress, saysThatItWasNotMe };
await test(async (browser) => {
  // Offline the browser complains, which is what the page is tried with.
  const options = { broken: true, colorScheme, locale: language, size };
  if (given.part === "saysThatItWasNotMe") {
    for (const userAgent of given.userAgents) {
      await visit(browser, { locale: language, userAgent }, async (page) => {
        await signIn(page, passwords[0]);
        await page.waitForURL("**/account");
      });
    }
  }
  await visit(browser, options, parts[given.part]);
});
