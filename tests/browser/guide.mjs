// The eight steps of the customer guide, as a person takes them.

import assert from "node:assert/strict";
import {
  DESKTOP,
  PHONE,
  advance,
  field,
  fieldErrors,
  given,
  lastMail,
  notice,
  screenshot,
  outlivesTab,
  stored,
  test,
  url,
  visit,
} from "./support.mjs";

const { language, number, passwords, words } = given;

async function walk(page, size, [password, again]) {
  const shot = (step) => screenshot(page, `${language}-${size}-${step}`);

  // Steps 1 and 2: the sign-in window, and "Pozabljeno geslo" at its bottom.
  await page.goto(`${url}/sign-in`);
  await page.getByRole("heading", { name: words["page-sign-in-title"], level: 1 }).waitFor();
  await shot("1-sign-in");
  await page.getByRole("link", { name: words["page-request-title"] }).click();

  // Steps 3 and 4: the number, "Ponastavi", and the notice at the bottom.
  await field(page, words["page-user-name"]).fill(number);
  await shot("3-request");
  await page.getByRole("button", { name: words["page-request-submit"] }).click();
  await notice(page).waitFor();
  assert.equal(await notice(page).textContent(), words["reset-requested"]);
  const button = page.getByRole("button", { name: words["page-request-again"] });
  assert(await button.isDisabled());
  assert.match(await page.getByRole("timer").textContent(), /\b5\b/);
  assert((await notice(page).boundingBox()).y > (await button.boundingBox()).y);
  await shot("4-requested");

  // Step 5: the mail.
  const mail = await lastMail();
  const opened = await page.context().newPage();
  await opened.setContent(mail.html);
  await screenshot(opened, `${language}-${size}-5-mail`);
  await opened.close();

  // Step 6: the link, and the new password. All wrong fields turn red at once.
  await page.goto(mail.link);
  await field(page, words["page-user-name"]).waitFor();
  assert.equal(page.url(), `${url}/change-password`);
  assert(!(await outlivesTab(page)).includes(mail.link.split("token=")[1]));
  await field(page, words["page-new-password-again"]).fill("x");
  await page.getByRole("button", { name: words["page-submit"] }).click();
  await page.locator("input[aria-invalid=true]").first().waitFor();
  assert.deepEqual(Object.keys(await fieldErrors(page)), ["customer_number", "new_password", "new_password_confirmation"]);
  assert.equal(await page.evaluate(() => document.activeElement.name), "customer_number");
  await shot("6-red");
  await field(page, words["page-user-name"]).fill(number);
  await field(page, words["page-new-password"]).fill(password);
  await field(page, words["page-new-password-again"]).fill(password);
  await shot("6-change");
  await page.getByRole("button", { name: words["page-submit"] }).click();

  // Step 7: the dialogue.
  const done = page.getByRole("dialog", { name: words["password-replaced"] });
  await done.waitFor();
  await shot("7-changed");
  assert(!(await stored(page)).includes(password));
  await done.getByRole("link").click();

  // Step 8: signing in with the new password, and changing it again. The number is there already.
  await field(page, words["page-password"]).waitFor();
  assert.equal(await field(page, words["page-user-name"]).inputValue(), number);
  await field(page, words["page-password"]).fill(password);
  await page.getByRole("button", { name: words["page-sign-in-submit"] }).click();
  await page.waitForURL("**/account");
  await page.getByText(number).waitFor();
  await shot("8-account");
  await field(page, words["page-current-password"]).fill(password);
  await field(page, words["page-new-password"]).fill(again);
  await field(page, words["page-new-password-again"]).fill(again);
  await page.getByRole("button", { name: words["page-submit"] }).click();
  await notice(page).waitFor();
  assert.equal(await notice(page).textContent(), words["password-replaced"]);
  await page.getByRole("button", { name: words["page-sign-out"], exact: true }).click();
  await page.waitForURL("**/sign-in");
  // The password is valid in every other front end too.
  const { Client, Problem } = await import(given.client);
  const client = new Client(url, language);
  const signIn = (password) => client.call("post", "/v1/sessions", { body: { customer_number: number, password } });
  assert.equal((await signIn(again)).account.customer_number, number);
  await assert.rejects(signIn(password), (error) => error instanceof Problem && error.body.status === 401);
  const kept = await stored(page);
  assert(!kept.includes(password) && !kept.includes(again) && !kept.includes("access_token"), kept);
}

await test(async (browser) => {
  await visit(browser, { size: PHONE, locale: language }, (page) => walk(page, "phone", passwords.slice(0, 2)));
  await advance(301);
  await visit(browser, { size: DESKTOP, locale: language }, (page) => walk(page, "desktop", passwords.slice(2)));
});
