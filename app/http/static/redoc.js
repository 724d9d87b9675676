// ReDoc loads its makers' logo from a CDN and has no option against it. This page loads nothing from
// elsewhere: their name replaces the picture.
const NAME =
  "data:image/svg+xml," +
  encodeURIComponent(
    '<svg xmlns="http://www.w3.org/2000/svg" width="48" height="12">' +
      '<text y="10" font-family="sans-serif" font-size="11" fill="#555">Redocly</text></svg>',
  );
const inside = (address) =>
  new URL(address, location.href).origin === location.origin || address.startsWith("data:");
const source = Object.getOwnPropertyDescriptor(HTMLImageElement.prototype, "src");
Object.defineProperty(HTMLImageElement.prototype, "src", {
  ...source,
  set(address) {
    source.set.call(this, inside(address) ? address : NAME);
  },
});

// With workers, ReDoc's search evaluates text as code, which the page's policy forbids.
window.Worker = undefined;

// It is dark below this class, and remembers its own choice, which would differ from ours.
localStorage.removeItem("redoc.colorMode");
const follow = () => {
  root.classList.toggle("dark", dark());
  root.classList.toggle("light", !dark());
};
root.addEventListener("theme", follow);

const place = document.getElementById("redoc");
const { info } = console;
console.info = () => {}; // it advertises itself
const { init } = await import(place.dataset.bundle);
console.info = info;
// Its telemetry would send requests elsewhere.
await init(`${prefix}/openapi.json`, { disableTelemetry: true }, place);
follow();
