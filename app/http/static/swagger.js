"use strict";
// Swagger UI is dark below this class.
const follow = () => root.classList.toggle("dark-mode", dark());
root.addEventListener("theme", follow);
follow();

window.ui = SwaggerUIBundle({
  url: `${prefix}/openapi.json`,
  dom_id: "#swagger-ui",
  deepLinking: true,
  displayRequestDuration: true,
  tryItOutEnabled: true,
  validatorUrl: null,
  presets: [SwaggerUIBundle.presets.apis],
  onComplete: () => ui.layoutActions.show(["operations", "predictions", "predict"], true),
});
