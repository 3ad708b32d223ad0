// The device token lets the owner sign in while strangers try passwords on the number. It opens nothing by itself, and
// there is one for each number, since several people may share a browser.

const key = (customerNumber) => `device_token ${customerNumber}`;

/** Nothing where the browser keeps nothing. */
export function deviceToken(customerNumber) {
  try {
    return localStorage.getItem(key(customerNumber)) ?? undefined;
  } catch {
    return undefined;
  }
}

export function keepDeviceToken(customerNumber, token) {
  try {
    localStorage.setItem(key(customerNumber), token);
  } catch {
    // Then this browser stays a stranger.
  }
}
