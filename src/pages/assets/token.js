// The token in the link of a mail.

import { keepInOtherLanguages } from "./window.js";

let token = null;

/**
 * Takes the token out of the address bar first, and calls `open` with it, or with null. It does so again when a second
 * link is opened in the same tab, which changes the fragment alone.
 */
export function onToken(open) {
  const take = () => {
    token = new URLSearchParams(location.hash.slice(1)).get("token");
    if (location.hash) history.replaceState(null, "", location.pathname + location.search);
    open(token);
  };
  addEventListener("hashchange", () => location.hash && take());
  keepInOtherLanguages(() => (token ? `token=${encodeURIComponent(token)}` : ""));
  take();
}
