import { followRequest } from "./request-reset.js";
import { start } from "./window.js";

followRequest();
start();
