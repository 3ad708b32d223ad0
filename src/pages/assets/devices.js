// The device token lets the owner sign in while strangers try passwords on the number. It gives no access by itself.
// There is one for each number, since several people may share a browser.

const key = (customerNumber) => `device_token ${customerNumber}`;

/** Returns the device token of a number, or `undefined` where the browser stores none. */
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
    // Without storage this browser remains an unknown device.
  }
}
