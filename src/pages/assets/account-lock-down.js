// "Is somebody else using your access?": locks the access down, after a question.

import { onSubmit } from "./form.js";
import { forgetSession } from "./session.js";
import { callOrLeave } from "./signed-in.js";
import { closeDialog, notify, openDialog } from "./window.js";

const dialog = document.getElementById("lock-down");

/** Where no mail reaches the customer, only support leads back in, and the question says so beforehand. */
export function showLockDown({ email_state }) {
  const isReached = email_state !== "none" && email_state !== "bouncing";
  dialog.querySelector("[data-mail]").hidden = !isReached;
  dialog.querySelector("[data-no-mail]").hidden = isReached;
}

export function followLockDown() {
  document.getElementById("open-lock-down").addEventListener("click", () => {
    notify("");
    openDialog(dialog);
  });
  dialog.querySelector("[data-cancel]").addEventListener("click", () => closeDialog(dialog));
  onSubmit(dialog.querySelector("form"), async () => {
    const answer = await callOrLeave("POST", "/v1/account/lock-down");
    if (answer.status !== 200) return answer;
    // The session is over, so there is nothing left to show or to sign out.
    forgetSession();
    closeDialog(dialog);
    document.getElementById("account").hidden = true;
    document.getElementById("locked-down").hidden = false;
    return { status: 200, body: { detail: answer.body.message } };
  });
}
