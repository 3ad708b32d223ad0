// The token in the link of a mail.

import { keepInOtherLanguages } from "./window.js";

let token = null;

/**
 * Removes the token from the address bar, and then calls `open` with the token or with null. The same happens when a
 * second link is opened in the same tab, which changes the fragment alone. The entry of the tab's history keeps the token,
 * so that the page survives a reload.
 */
export function onToken(open) {
  const take = () => {
    token = new URLSearchParams(location.hash.slice(1)).get("token") ?? history.state?.token ?? null;
    replaceEntry();
    open(token);
  };
  addEventListener("hashchange", () => location.hash && take());
  keepInOtherLanguages(() => (token ? `token=${encodeURIComponent(token)}` : ""));
  take();
}

/** Forgets the token once its link is used, or cannot be used. */
export function forgetToken() {
  token = null;
  replaceEntry();
}

function replaceEntry() {
  history.replaceState(token && { token }, "", location.pathname + location.search);
}
