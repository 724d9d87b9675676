import { init } from "/docs/assets/redoc.js";

init("/openapi.json", {}, document.getElementById("redoc"));
