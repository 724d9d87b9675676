"use strict";
// The reader's own values, filled into a runbook's commands.

function values(form) {
  addresses();
  const inputs = [...form.querySelectorAll("input")];
  const places = [...document.querySelectorAll(".value[data-name]")];
  const written = new Map(places.map((place) => [place, place.textContent]));
  const fill = () => {
    for (const place of places) {
      const input = inputs.find((field) => field.name === place.dataset.name);
      const value = input && input.checkValidity() ? input.value : "";
      place.textContent = value || written.get(place);
      place.classList.toggle("filled", Boolean(value));
    }
  };
  for (const input of inputs) {
    // Only from the reader's own input: a link must not change commands to copy.
    input.value = store.get(`value:${input.name}`) || "";
    if (input.name === "API") input.placeholder = ownAddress(input.placeholder);
    input.addEventListener("input", () => {
      store.set(`value:${input.name}`, input.value);
      fill();
    });
  }
  form.addEventListener("submit", (event) => event.preventDefault());
  fill();
}

const valuesForm = document.querySelector("form.values");
if (valuesForm) values(valuesForm);
