// The token in the link of a mail.

import { keepInOtherLanguages } from "./window.js";

let token = null;

/**
 * Removes the token from the address bar, and then calls `open` with the token or with null. The same happens when a
 * second link is opened in the same tab, which changes the fragment alone.
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
