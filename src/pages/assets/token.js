// The token of the mail's link.

import { keepInOtherLanguages } from "./window.js";

let token = null;

/**
 * Takes the token out of the address bar before anything else happens, and calls `open` with it, or with null; again
 * when a second link is opened in the same tab, which changes only the fragment.
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
