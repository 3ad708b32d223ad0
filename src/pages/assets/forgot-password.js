import { followRequest } from "./request-reset.js";
import { start } from "./window.js";

const form = followRequest();
start();
form.elements.customer_number.focus();
