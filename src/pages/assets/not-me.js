import { followLink } from "./link-form.js";
import { followRequest } from "./request-reset.js";

// Without a link that can be used, the page asks for a reset mail.
followRequest();
followLink("/v1/lock-downs");
