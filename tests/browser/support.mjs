// The functions that the scripts of the browser tests share. Each script gets its input as JSON. It may ask the test
// that started it for mails and for time to pass. It succeeds only if no page reported an error.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const input = JSON.parse(process.argv[2]);
const require = createRequire(`${input.modules}/`);
const { chromium } = require("playwright-core");

const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

export const { given, url } = input;
export const PHONE = { width: 360, height: 740 };
/** The narrowest window that has to do without scrolling sideways (WCAG 2.2, 1.4.10). */
export const NARROWEST = { width: 320, height: 640 };
export const DESKTOP = { width: 1280, height: 800 };

const answers = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

async function ask(question) {
  process.stdout.write(`${JSON.stringify(question)}\n`);
  return JSON.parse((await answers.next()).value);
}

/** Lets everything due be done, and returns the last mail. `link` is its link, at the address of this service. */
export async function lastMail() {
  const mail = await ask({ ask: "mail" });
  const link = mail.text.match(/https?:\/\/\S+/)?.[0];
  return { ...mail, link: link?.replace("https://identity.test", url) };
}

/** Lets everything due be done, and returns the link to a page in the last mail to an address, with the mail. */
export async function lastLinkTo(address, path) {
  const { all } = await ask({ ask: "mail" });
  const mail = all.findLast(({ to, text }) => to === address && text.includes(path));
  assert(mail, `no mail to ${address} leads to ${path}`);
  const link = mail.text.match(/https?:\/\/\S+/g).find((found) => new URL(found).pathname === path);
  return { ...mail, link: link.replace("https://identity.test", url) };
}

export async function advance(seconds) {
  await ask({ ask: "advance", seconds });
}

/** Runs a test with a browser of its own. Its result goes to the test that started the script. */
export async function test(body) {
  const browser = await chromium.launch({ executablePath: input.chromium, args: ["--no-sandbox", "--disable-gpu"] });
  try {
    const done = (await body(browser)) ?? null;
    process.stdout.write(`${JSON.stringify({ done })}\n`);
  } catch (error) {
    console.error(error);
    process.exitCode = 1;
  } finally {
    await browser.close();
    process.stdin.destroy();
  }
}

/**
 * Opens a new browser context, runs `steps` with its page, and fails if the page called another host, violated its
 * content security policy or wrote an error to the console. A refusal by the API is no error of the page, although the
 * console shows it. `options.broken` says that the service itself is made to fail.
 */
export async function visit(browser, options, steps) {
  const { broken = false, hosts = [url], size = DESKTOP, ...others } = options;
  const context = await browser.newContext({ viewport: size, ...others });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  const complaints = [];
  page.on("console", (message) => {
    const isRefusal = message.text().startsWith("Failed to load resource") && message.location().url.includes("/v1/");
    if (["error", "warning"].includes(message.type()) && !isRefusal && !broken) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("request", (request) => {
    if (!hosts.some((host) => request.url().startsWith(`${host}/`))) complaints.push(`asks ${request.url()}`);
    if (/token/.test(new URL(request.url()).search)) complaints.push(`a token in ${request.url()}`);
  });
  await steps(page);
  assert.deepEqual(complaints, []);
  await context.close();
}

/** Checks WCAG 2.2 AA by axe, and that nothing is too wide, on a phone not even in the narrowest window. */
export async function check(page, state) {
  // The debugger evaluates the script, so the content security policy does not block it.
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(axe);
  const { violations, passes } = await page.evaluate(
    (tags) => globalThis.axe.run(document, { runOnly: tags, rules: { "target-size": { enabled: true } } }),
    TAGS,
  );
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" ")}`);
  assert.deepEqual(found, [], state);
  assert(passes.length > 10, `${state}: axe has looked at nothing`);
  const { width, height } = page.viewportSize();
  if (width === PHONE.width) await page.setViewportSize(NARROWEST);
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert(overflow <= 0, `${state} is ${overflow} px too wide`);
  await page.setViewportSize({ width, height });
}

export async function screenshot(page, name, options = {}) {
  const path = `${input.screenshots}/${name}.png`;
  if (input.screenshots) await page.screenshot({ path, animations: "disabled", ...options });
}

/** Chooses another language from the menu of the page. */
export async function chooseLanguage(page, name) {
  await page.locator("#languages summary").click();
  await page.locator("#languages").getByRole("link", { name }).click();
}

/** The panel that says what happened. */
export const notice = (page) => page.locator("#notice");

/** The visible field with a label. */
export const field = (page, label) => page.getByLabel(label, { exact: true }).filter({ visible: true });

/** The sentences at the wrong fields, by name. */
export async function fieldErrors(page) {
  const fields = await page.locator("input[aria-invalid=true]:visible").all();
  const errors = {};
  for (const field of fields) {
    const name = await field.getAttribute("name");
    errors[name] = await page.locator(`#${await field.getAttribute("id")}-error`).textContent();
    const border = await field.evaluate((element) => getComputedStyle(element).borderTopColor);
    const [red, green, blue] = border.match(/\d+/g).map(Number);
    assert(red > 1.3 * green && red > 1.3 * blue, `the frame of ${name} is ${border}`);
  }
  return errors;
}

/** What is left of the page once its tab is closed, and what its history shows. */
export async function outlivesTab(page) {
  return page.evaluate(() => JSON.stringify([{ ...localStorage }, document.cookie, history.state, location.href]));
}

/** Everything that the browser stores for the page. */
export async function stored(page) {
  return page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]));
}
