// What every view begins with: a frame around the drawing that Python made.
// Joined in front of the view's own module, so its functions are plain local names there.

function node(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value !== null && value !== undefined && value !== false) made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

// Each view runs a copy of this code, on a page with others: an id that none of them has.
const copy = Math.random().toString(36).slice(2, 10);
let ids = 0;
const unique = (name) => `${name}-${copy}-${(ids += 1)}`;

// What stays the same is left alone: a screen reader would read it once more.
function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

// A toolbar: one stop for Tab, arrow keys inside (w3.org/WAI/ARIA/apg/patterns/toolbar).
function toolbar(bar, label, buttons) {
  bar.setAttribute("role", "toolbar");
  bar.setAttribute("aria-label", label);
  const lead = (to) => buttons.forEach((one) => { one.tabIndex = one === to ? 0 : -1; });
  bar.addEventListener("focusin", (event) => lead(event.target));
  bar.addEventListener("keydown", (event) => {
    const at = buttons.indexOf(event.target);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: -1 }[event.key];
    if (at < 0 || to === undefined) return;
    event.preventDefault();
    buttons.at(to % buttons.length).focus();
  });
  lead(buttons[0]);
}

// The drawing is our own, with every text from outside escaped; it is parsed as XML all the same,
// so that nothing in it can ever run as HTML would.
function parsed(svg) {
  const root = new DOMParser().parseFromString(svg, "image/svg+xml").documentElement;
  for (const script of root.querySelectorAll("script, foreignObject")) script.remove();
  return document.importNode(root, true);
}

// A view: drawing, a place for controls, a live region for screen readers, the text alternative.
function frame(model, el) {
  const picture = node("div", { class: "dl-picture" });
  const controls = node("div", { class: "dl-controls" });
  const status = node("div", { class: "dl-status", role: "status", "aria-live": "polite" });
  const text = node("pre", { class: "dl-text" });
  const summary = node("summary", {}, model.get("words")["view.text"] ?? "Text");
  const view = node("section", { class: "dl-view", "aria-label": model.get("title") });
  // JupyterLab would take arrow keys for itself (fold headings) and letters for commands.
  view.addEventListener("keydown", (event) => {
    const combined = event.ctrlKey || event.metaKey || event.altKey || event.shiftKey;
    if (!combined && event.key !== "Escape") event.stopPropagation();
  });
  view.append(picture, controls, status, node("details", {}, summary, text));
  const paint = () => {
    const svg = model.get("svg"); // empty: the view makes its picture of the page's own parts
    if (svg) picture.replaceChildren(parsed(svg));
    text.textContent = model.get("text");
  };
  paint();
  el.replaceChildren(view);
  return { view, picture, controls, status, paint };
}

function listen(model, names, handler) {
  for (const name of names) model.on(`change:${name}`, handler);
  return () => names.forEach((name) => model.off(`change:${name}`, handler));
}

const calm = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;
