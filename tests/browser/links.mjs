// Links that can no longer be used, links that scanners open first, and the data that a page keeps of them.

import assert from "node:assert/strict";
import {
  advance,
  chooseLanguage,
  field,
  fieldErrors,
  given,
  lastMail,
  notice,
  outlivesTab,
  screenshot,
  stored,
  test,
  url,
  visit,
} from "./support.mjs";

const { number, other, passwords, words } = given;

async function ask(page) {
  await page.goto(`${url}/forgot-password`);
  await field(page, words["page-user-name"]).fill(number);
  await page.getByRole("button", { name: words["page-request-submit"] }).click();
  await notice(page).waitFor();
  return (await lastMail()).link;
}

async function fill(page, customerNumber, password, again = password) {
  await field(page, words["page-user-name"]).fill(customerNumber);
  await field(page, words["page-new-password"]).fill(password);
  await field(page, words["page-new-password-again"]).fill(again);
  await page.getByRole("button", { name: words["page-submit"] }).click();
}

/** The page says why the link cannot be used, and the next click asks for another one. */
async function isRefused(page, link, reason) {
  await page.goto("about:blank");
  await page.goto(link);
  const why = page.locator("#why");
  await why.waitFor();
  assert.equal(await why.textContent(), given.reasons[reason]);
  assert.equal(await page.evaluate(() => document.activeElement.id), "why");
  assert(await page.getByRole("button", { name: words["page-submit"] }).isHidden());
  await screenshot(page, `link-${reason}`);
  const count = (await lastMail()).count;
  await field(page, words["page-user-name"]).fill(number);
  await page.getByRole("button", { name: words["page-request-submit"] }).click();
  await notice(page).waitFor();
  return { page, count };
}

await test(async (browser) => {
  const german = { locale: "de-AT" };
  let link;
  await visit(browser, german, async (page) => {
    link = await ask(page);
  });

  // A mail scanner with scripts opens both pages of the mail, and everything that they refer to.
  const withdraw = link.replace("/change-password", "/withdraw-reset");
  await visit(browser, german, async (page) => {
    for (const address of [link, withdraw, link]) {
      await page.goto(address);
      await page.waitForLoadState("networkidle");
      await page.keyboard.press("Enter");
    }
  });

  // The customer can still use the link. The language may be changed meanwhile, and each wrong field is named.
  await visit(browser, german, async (page) => {
    await page.goto(link);
    await field(page, words["page-user-name"]).waitFor();
    assert.equal(await page.title(), "Passwort ändern · STAkis");
    await chooseLanguage(page, "Slovenščina");
    await page.getByRole("heading", { name: "Sprememba gesla" }).waitFor();
    assert.equal(page.url(), `${url}/change-password?lang=sl`);
    await chooseLanguage(page, "Deutsch");
    await page.getByRole("heading", { name: words["page-change-title"] }).waitFor();

    // The page survives a reload, and a tab that comes back. Another tab has no token, and offers another link.
    await page.reload();
    await field(page, words["page-new-password"]).waitFor();
    assert(!(await outlivesTab(page)).includes(link.split("token=")[1]));
    await page.goto(`${url}/change-password`);
    await field(page, words["page-new-password"]).waitFor();
    const otherTab = await page.context().newPage();
    await otherTab.goto(`${url}/change-password`);
    await otherTab.locator("#why").waitFor();
    assert.equal(await otherTab.locator("#why").textContent(), words["page-no-token-again"]);
    await otherTab.locator("#request").waitFor();
    await otherTab.close();

    await fill(page, other, passwords[0]);
    await page.locator("input[aria-invalid=true]").first().waitFor();
    assert.deepEqual(Object.keys(await fieldErrors(page)), ["customer_number"]);
    await fill(page, number, passwords[0], passwords[1]);
    await page.locator("#change-new_password_confirmation[aria-invalid=true]").waitFor();
    assert.deepEqual(Object.keys(await fieldErrors(page)), ["new_password_confirmation"]);
    await fill(page, ` ${number} `, "x");
    await page.locator("#change-new_password[aria-invalid=true]").waitFor();
    assert.deepEqual(Object.keys(await fieldErrors(page)), ["new_password"]);
    assert.match((await fieldErrors(page)).new_password, /6.*15.*\.$/s);
    await fill(page, number, passwords[0]);
    await page.getByRole("dialog").waitFor();
    // Closing the dialogue with the Escape key leads to the sign-in as well.
    await page.keyboard.press("Escape");
    await page.waitForURL("**/sign-in**");
    // The stored data gives no access: it holds no password and no token of the link.
    const kept = await stored(page);
    assert(kept.includes("device_token") && !kept.includes(passwords[0]) && !kept.includes(link.split("token=")[1]));
    // A customer who comes back is told again what happened, and led on.
    await page.goto(`${url}/change-password`);
    await page.getByRole("dialog", { name: words["password-replaced"] }).waitFor();
    assert(!page.url().includes("token"));
  });

  await visit(browser, german, async (page) => {
    await isRefused(page, link, "used");
    await advance(301);
    const second = await ask(page);
    assert.notEqual(second, link);
    await advance(301);
    const third = await ask(page);

    // "This was not me" does nothing before the button is pressed, and then withdraws this link alone.
    await page.goto(third.replace("/change-password", "/withdraw-reset"));
    // A mail scanner presses the button too, and does not know the number.
    const withdraw = page.getByRole("button", { name: words["page-withdraw-submit"] });
    for (const guess of ["", "999999"]) {
      await field(page, words["page-user-name"]).fill(guess);
      await withdraw.click();
      await page.locator("input[aria-invalid=true]").waitFor();
    }
    await screenshot(page, "withdraw");
    await page.reload();
    await field(page, words["page-user-name"]).fill(number);
    await withdraw.click();
    await notice(page).waitFor();
    assert.equal(await notice(page).textContent(), words["link-withdrawn"]);
    await advance(301);
    await isRefused(page, third, "withdrawn");
    await page.goto("about:blank");
    await page.goto(second);
    await field(page, words["page-new-password"]).waitFor();
    // The page survives a reload, without the token in its address.
    await page.reload();
    await field(page, words["page-new-password"]).waitFor();
    assert(!page.url().includes("token"));
    await advance(3601);
    await isRefused(page, second, "expired");

    // A form that was open when the link expired says so too, and offers another link.
    await advance(301);
    const last = await ask(page);
    await page.goto(last);
    await field(page, words["page-new-password"]).waitFor();
    await advance(3601);
    await fill(page, number, passwords[1]);
    await page.locator("#why").waitFor();
    assert.equal(await page.locator("#why").textContent(), given.reasons.expired);
  });
});
