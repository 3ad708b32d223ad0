// The token in the link of a mail.

import { forget, keep, kept } from "./tab-storage.js";
import { keepInOtherLanguages } from "./window.js";

/** Each page has a token of its own kind. */
const NAME = `token ${location.pathname}`;

let token = null;

/**
 * Removes the token from the address bar, and then calls `open` with the token or with null. The same happens when a
 * second link is opened in the same tab, which changes the fragment alone. The tab keeps the token until it is closed, so
 * that the page survives a reload. Neither the history nor other tabs get it.
 */
export function onToken(open) {
  const take = () => {
    const given = new URLSearchParams(location.hash.slice(1)).get("token");
    token = given ?? kept(NAME);
    if (given) keep(NAME, given);
    hideFragment();
    open(token);
  };
  addEventListener("hashchange", () => location.hash && take());
  // Where the tab can keep nothing, the link to another language carries the token.
  keepInOtherLanguages(() => (token && kept(NAME) !== token ? `token=${encodeURIComponent(token)}` : ""));
  take();
}

/** Forgets the token once its link is used, or cannot be used. */
export function forgetToken() {
  token = null;
  forget(NAME);
}

function hideFragment() {
  history.replaceState(null, "", location.pathname + location.search);
}
