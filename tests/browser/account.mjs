// The account page: the state of the password, the sessions, changing the password, and replacing an expired one.

import assert from "node:assert/strict";
import { advance, field, fieldErrors, given, notice, screenshot, stored, test, url, visit } from "./support.mjs";

const { closed, now, number, passwords, words } = given;

async function signIn(page, password, customerNumber = number) {
  await page.goto(`${url}/sign-in`);
  await field(page, words["page-user-name"]).fill(customerNumber);
  await field(page, words["page-password"]).fill(password);
  await page.getByRole("button", { name: words["page-sign-in-submit"] }).click();
}

async function change(page, password, again = password) {
  await field(page, words["page-new-password"]).fill(password);
  await field(page, words["page-new-password-again"]).fill(again);
  await page.getByRole("button", { name: words["page-submit"] }).click();
}

await test(async (browser) => {
  const english = { locale: "en" };

  // Two other browsers sign in with the same account.
  for (const userAgent of given.userAgents) {
    await visit(browser, { ...english, userAgent }, async (page) => {
      await signIn(page, passwords[0]);
      await page.waitForURL("**/account");
      await page.getByRole("listitem").first().waitFor();
    });
  }

  await visit(browser, english, async (page) => {
    // The clock of the page is set to that of the service, so that ages are right.
    await page.clock.setFixedTime(now);
    await page.goto(`${url}/account`);
    await page.waitForURL("**/sign-in");
    // A tab that never signed in has no session that could have ended.
    await field(page, words["page-password"]).waitFor();
    assert(await notice(page).isHidden());

    await signIn(page, "Wrong-password-1");
    await notice(page).waitFor();
    const wrong = await notice(page).textContent();
    await signIn(page, "Wrong-password-1", "999999");
    await notice(page).waitFor();
    assert.equal(await notice(page).textContent(), wrong);
    await signIn(page, closed.password, closed.number);
    await notice(page).waitFor();
    assert.match(await notice(page).textContent(), /stakis\.support@stahlgruber\.si/);

    await signIn(page, passwords[0]);
    await page.waitForURL("**/account");
    await page.getByText("d•••@e•••.si").waitFor();
    const facts = (await page.locator("dl").innerText()).replaceAll("\n", " ");
    assert.match(facts, /22 November 2026 \(today\)/);
    assert.match(facts, /21 May 2027/);
    const sessions = page.locator("#sessions li");
    assert.equal(await sessions.count(), 3);
    assert.equal(await sessions.filter({ hasText: "this device" }).count(), 1);
    await sessions.filter({ hasText: "Firefox" }).getByRole("button", { name: words["page-session-end"] }).click();
    await notice(page).waitFor();
    assert.equal(await sessions.count(), 2);
    await screenshot(page, "account-sessions");
    await page.getByRole("button", { name: words["page-session-end-others"] }).click();
    await page.waitForFunction(() => document.querySelectorAll("#sessions li").length === 1);
    assert(await page.getByRole("button", { name: words["page-session-end-others"] }).isHidden());

    // All wrong fields are marked at once.
    await field(page, words["page-current-password"]).fill("Wrong-password-1");
    await change(page, "x", "y");
    await page.locator("input[aria-invalid=true]").first().waitFor();
    assert.deepEqual(Object.keys(await fieldErrors(page)), ["current_password", "new_password", "new_password_confirmation"]);
    await field(page, words["page-current-password"]).fill(passwords[0]);
    await change(page, passwords[1]);
    await notice(page).waitFor();
    assert.equal(await notice(page).textContent(), words["password-replaced"]);
    assert.equal(await page.locator("[type=password]").evaluateAll((all) => all.map((input) => input.value).join("")), "");

    // The access token expires after ten minutes. The page refreshes the session once for both of its calls.
    await advance(660);
    const refreshes = [];
    page.on("request", (request) => request.url().endsWith("/refresh") && refreshes.push(request));
    await page.reload();
    await page.getByText(number).waitFor();
    assert.equal(refreshes.length, 1);
    await page.getByRole("button", { name: words["page-sign-out"], exact: true }).click();
    await page.waitForURL("**/sign-in");
    const kept = await stored(page);
    assert(!kept.includes("refresh_token") && !kept.includes(passwords[1]), kept);
    await page.goto(`${url}/account`);
    await page.waitForURL("**/sign-in");
  });

  // A tab is duplicated, which copies its session. Both go on with it, and share each refresh.
  await visit(browser, english, async (page) => {
    await signIn(page, passwords[1]);
    await page.waitForURL("**/account");
    await page.getByText(number).waitFor();
    const copied = await page.evaluate(() => sessionStorage.getItem("session"));
    const twin = await page.context().newPage();
    await twin.addInitScript((session) => sessionStorage.getItem("session") ?? sessionStorage.setItem("session", session), copied);
    await twin.goto(`${url}/account`);
    await twin.getByText(number).waitFor();
    const refreshes = [];
    page.context().on("request", (request) => request.url().endsWith("/refresh") && refreshes.push(request));
    await advance(660);
    await Promise.all([page, twin].map((tab) => tab.getByRole("button", { name: words["page-session-end-others"], includeHidden: true }).evaluate((button) => button.form.requestSubmit())));
    await page.waitForTimeout(500);
    assert.equal(refreshes.length, 1);
    for (const tab of [twin, page, page, twin]) {
      await advance(660);
      await tab.reload();
      await tab.getByText(number).waitFor();
    }
    assert.equal(refreshes.length, 5);
  });

  // The session has ended meanwhile, and the page says so when it is loaded.
  await visit(browser, english, async (page) => {
    await signIn(page, passwords[1]);
    await page.waitForURL("**/account");
    await page.getByText(number).waitFor();
    await advance(31 * 86_400);
    await page.reload();
    await page.waitForURL("**/sign-in");
    await notice(page).waitFor();
    assert.equal(await notice(page).textContent(), words["page-session-over"]);
  });

  // The password has expired, so a new one is chosen at the sign-in.
  await advance(150 * 86_400);
  await visit(browser, english, async (page) => {
    await signIn(page, passwords[1]);
    await field(page, words["page-new-password"]).waitFor();
    await notice(page).waitFor();
    await screenshot(page, "expired-password");
    assert.equal(await field(page, words["page-user-name"]).inputValue(), number);
    await change(page, passwords[1]);
    await page.locator("input[aria-invalid=true]").first().waitFor();
    assert.deepEqual(Object.keys(await fieldErrors(page)), ["new_password"]);
    await change(page, passwords[2]);
    await page.getByRole("dialog").getByRole("link").click();
    await signIn(page, passwords[2]);
    await page.waitForURL("**/account");
    await page.getByText(number).waitFor();
  });

  // The change token expires after ten minutes, so the customer signs in again.
  await advance(181 * 86_400);
  await visit(browser, english, async (page) => {
    await signIn(page, passwords[2]);
    await field(page, words["page-new-password"]).waitFor();
    await advance(601);
    await change(page, passwords[0]);
    await page.getByRole("button", { name: words["page-sign-in-submit"] }).waitFor();
    assert.notEqual(await notice(page).textContent(), "");
  });
});
