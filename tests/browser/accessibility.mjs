// WCAG 2.2 AA by axe, in each state of each page in one language, on a phone and on a desktop. Then keys alone, and
// reduced motion.

import assert from "node:assert/strict";
import {
  DESKTOP,
  PHONE,
  advance,
  check,
  field,
  given,
  lastMail,
  notice,
  screenshot,
  test,
  url,
  visit,
} from "./support.mjs";

const { colorSchemes, language, number, pages, words } = given;
const press = (page, word) => page.getByRole("button", { name: words[word], exact: true }).click();

/** Looks at every state that the pages have, with `look`. */
async function everyState(page, look, changed) {
  for (const path of pages) {
    if (path === "/account") continue;
    await page.goto(url + path);
    await page.locator("main [type=submit]:visible, main a:visible").first().waitFor();
    await look(path.slice(1));
  }
  await page.locator("#languages summary").click();
  await look("languages");
  await page.goto(`${url}/change-password#token=0123456789abcdef`);
  await page.locator("#why").waitFor();
  await look("unknown-link");
  await page.goto(`${url}/nowhere`, { headers: { Accept: "text/html" } });
  await page.getByRole("heading", { name: words["page-not-found-title"] }).waitFor();
  await look("nowhere");
  await page.goto(`${url}/forgot-password`);
  await field(page, words["page-user-name"]).fill(number);
  await page.context().setOffline(true);
  await press(page, "page-request-submit");
  await notice(page).waitFor();
  await look("offline");
  await page.context().setOffline(false);
  await page.getByText(words["reset-requested"]).waitFor();
  await look("requested");

  // A good link: the form, its refusal, and the window of the success.
  await page.goto((await lastMail()).link);
  await field(page, words["page-user-name"]).waitFor();
  await field(page, words["page-new-password"]).fill("zimske");
  await look("change-form");
  await press(page, "page-submit");
  await page.locator("input[aria-invalid=true]").first().waitFor();
  await look("change-refused");
  await field(page, words["page-user-name"]).fill(number);
  await field(page, words["page-new-password"]).fill(changed);
  await field(page, words["page-new-password-again"]).fill(changed);
  await press(page, "page-submit");
  await page.getByRole("dialog").waitFor();
  await look("changed");

  await page.goto(`${url}/sign-in`);
  await field(page, words["page-user-name"]).fill("");
  await press(page, "page-sign-in-submit");
  await page.locator("input[aria-invalid=true]").first().waitFor();
  await look("red");
  await field(page, words["page-user-name"]).fill(number);
  await field(page, words["page-password"]).fill("Wrong-password-1");
  await press(page, "page-sign-in-submit");
  await notice(page).locator("a").waitFor();
  await look("refused");
  await page.route("**/v1/sessions", (route) =>
    route.fulfill({
      status: 429,
      contentType: "application/problem+json",
      headers: { "Retry-After": "840" },
      body: JSON.stringify({ status: 429, code: "rate-limited", detail: "…" }),
    }),
  );
  await press(page, "page-sign-in-submit");
  await page.locator("#notice[data-kind=wait]").waitFor();
  await look("throttled");
  await page.unroute("**/v1/sessions");
  await field(page, words["page-password"]).fill(changed);
  await press(page, "page-sign-in-submit");
  await page.waitForURL("**/account");
  await page.getByText(number).waitFor();
  await field(page, words["page-new-password"]).fill("Zimske-gume-27");
  await page.locator(".chips .met").first().waitFor();
  await look("account");

  // A link that is not wanted: the form, and what is said once it is withdrawn, also to who comes back.
  await advance(301);
  await page.goto(`${url}/forgot-password`);
  await field(page, words["page-user-name"]).fill(number);
  await press(page, "page-request-submit");
  await notice(page).waitFor();
  await page.goto((await lastMail()).link.replace("/change-password", "/withdraw-reset"));
  await field(page, words["page-user-name"]).fill(number);
  await look("withdraw-form");
  await press(page, "page-withdraw-submit");
  for (const state of ["withdrawn", "withdrawn-before"]) {
    await notice(page).waitFor();
    assert.equal(await notice(page).textContent(), words["link-withdrawn"]);
    assert.equal(await notice(page).getAttribute("data-kind"), "done");
    await look(state);
    await page.reload();
  }

  // The session and the password have expired.
  await advance(181 * 86_400);
  await page.goto(`${url}/account`);
  await page.waitForURL("**/sign-in");
  await notice(page).waitFor();
  await look("session-over");
  assert.equal(await field(page, words["page-user-name"]).inputValue(), number);
  await field(page, words["page-password"]).fill(changed);
  await press(page, "page-sign-in-submit");
  await field(page, words["page-new-password"]).waitFor();
  await look("expired");
}

async function inTheirSurroundings(browser) {
  for (const [device, size] of [["phone", PHONE], ["desktop", DESKTOP]]) {
    const colorScheme = colorSchemes[device];
    // Offline the browser complains, which is what the page is tried with.
    await visit(browser, { broken: true, colorScheme, locale: language, size }, async (page) => {
      const shot = `${language}-${colorScheme}-${device}`;
      const look = async (state) => {
        await screenshot(page, `${shot}-${state}`);
        await check(page, `${shot}: ${state}`);
      };
      await everyState(page, look, `Zavorne-obloge-${shot}`);
    });
    await advance(301);
  }
}

/** Asks for a link, opens it, sets the password and signs in without a mouse. */
async function keysAlone(browser) {
  await visit(browser, { locale: language, size: DESKTOP, reducedMotion: "reduce" }, async (page) => {
    const tabTo = async (name) => {
      for (let presses = 0; presses < 30; presses += 1) {
        const focused = await page.evaluate(() => {
          const element = document.activeElement;
          return element.getAttribute("aria-label") || element.labels?.[0]?.textContent.trim() || element.textContent.trim();
        });
        if (focused === name) return;
        await page.keyboard.press("Tab");
      }
      assert.fail(`${name} cannot be reached`);
    };
    await page.goto(`${url}/sign-in`);
    await field(page, words["page-user-name"]).waitFor();
    await tabTo(words["page-request-title"]);
    const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
    assert.notEqual(outline, "none");
    await page.keyboard.press("Enter");
    await page.waitForURL("**/forgot-password");
    await page.waitForFunction(() => document.activeElement.name === "customer_number");
    await page.keyboard.type(number);
    await page.keyboard.press("Enter");
    await notice(page).waitFor();
    assert.equal(await page.evaluate(() => document.activeElement.id), "notice");

    await page.goto((await lastMail()).link);
    await page.waitForFunction(() => document.activeElement.name === "customer_number");
    await page.keyboard.type(number);
    await tabTo(words["page-new-password"]);
    await page.keyboard.type("Zavorne-obloge-3");
    // The rules are ticked off during typing. The password is shown on request, and hidden when it is sent.
    assert.equal(await page.locator(".chips .met:visible").count(), 1);
    assert.equal(await page.locator("#strength").getAttribute("data-level"), "2");
    await tabTo(words["page-show-password"]);
    await page.keyboard.press("Space");
    assert.equal(await field(page, words["page-new-password"]).getAttribute("type"), "text");
    await tabTo(words["page-new-password-again"]);
    await page.keyboard.type("Zavorne-obloge-3");
    await tabTo(words["page-submit"]);
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").waitFor();
    assert.equal(await field(page, words["page-new-password"]).getAttribute("type"), "password");
    await page.keyboard.press("Enter");
    await page.waitForURL("**/sign-in");
  });
}

/** Checks the attributes that password managers rely on. */
async function managers(browser) {
  await visit(browser, { locale: language }, async (page) => {
    await page.goto(`${url}/sign-in`);
    const autocomplete = () => page.locator("form:visible input[autocomplete]").evaluateAll((all) => all.map((input) => input.autocomplete));
    await field(page, words["page-user-name"]).waitFor();
    assert.deepEqual(await autocomplete(), ["username", "current-password"]);
    await page.goto(`${url}/change-password#token=0123456789abcdef`);
    const chosen = page.locator("#change-new_password[passwordrules]");
    await chosen.waitFor({ state: "attached" });
    assert.match(await chosen.getAttribute("passwordrules"), /minlength: 6;/);
    assert.equal(await chosen.getAttribute("autocomplete"), "new-password");
    assert.equal(await chosen.getAttribute("maxlength"), null);
    await page.goto(`${url}/sign-in`);
    const secret = field(page, words["page-password"]);
    await field(page, words["page-user-name"]).fill("pasted-1");
    await field(page, words["page-user-name"]).press("ControlOrMeta+a");
    await field(page, words["page-user-name"]).press("ControlOrMeta+c");
    await secret.press("ControlOrMeta+v");
    assert.equal(await secret.inputValue(), "pasted-1");
  });
}

await test(async (browser) => {
  await inTheirSurroundings(browser);
  await managers(browser);
  await keysAlone(browser);
});
