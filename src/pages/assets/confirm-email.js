import { followLink } from "./link-form.js";

followLink("/v1/email-changes/confirm");
