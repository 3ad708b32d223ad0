import { followLink } from "./link-form.js";

followLink("/v1/password-resets/withdraw");
