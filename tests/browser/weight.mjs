// The size of a page with everything that it loads, compressed, and the time until something is visible. Several visits
// are allowed, since other tests run at the same time.

import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { given, test, url, visit } from "./support.mjs";

const KIB = 1024;
const MOST_PAINT_MILLISECONDS = 300;
const MOST_VISITS = 20;

await test(async (browser) => {
  const measured = {};
  for (const path of given.pages) {
    let paint = Infinity;
    let weight = 0;
    for (let visits = 0; visits < MOST_VISITS && paint > MOST_PAINT_MILLISECONDS; visits += 1) {
      await visit(browser, { locale: "sl" }, async (page) => {
        const bodies = [];
        page.on("response", (response) => bodies.push(response.body().catch(() => "")));
        await page.goto(`${url}${path}#token=0123456789abcdef`);
        await page.waitForLoadState("networkidle");
        weight = (await Promise.all(bodies)).reduce((sum, body) => sum + gzipSync(body).length, 0);
        paint = await page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0].startTime);
      });
    }
    measured[path] = { kib: weight / KIB, paint };
    assert(weight <= 60 * KIB, `${path}: ${weight} bytes`);
    assert(paint <= MOST_PAINT_MILLISECONDS, `${path}: ${paint} ms`);
  }
  return measured;
});
