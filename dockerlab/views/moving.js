// Repaints as what it shows moves; parts explain themselves; what happens is told once.

function render({ model, el }) {
  const words = model.get("words");
  const { picture, controls, status, paint } = frame(model, el);
  controls.remove();
  picture.classList.add("dl-moving");
  let news = model.get("news");
  let held = false;
  let late = false;

  // Dashes that move along the wires go on where they were, though their paths are new ones.
  const flow = () => {
    const at = performance.now() % 900;
    for (const path of picture.querySelectorAll(".traffic")) path.style.animationDelay = `-${at}ms`;
  };

  function moved() {
    if (held) {
      late = true;
      return;
    }
    const told = status.textContent;
    const before = new Map([...picture.querySelectorAll("[data-key]")].map((part) => [part.dataset.key, part.dataset.state]));
    const active = picture.contains(document.activeElement) ? document.activeElement : null;
    const link = active?.localName === "a";
    const key = active?.dataset.key;
    paint();
    tell(picture, status, told);
    flow();
    if (link) picture.querySelector("a")?.focus({ preventScroll: true });
    for (const part of picture.querySelectorAll("[data-key]")) {
      if (key && part.dataset.key === key) part.focus({ preventScroll: true });
      if (before.get(part.dataset.key) !== part.dataset.state && !calm()) part.classList.add("moved");
    }
    // Who listens hears of what happens, not of every number.
    if (news !== model.get("news")) {
      news = model.get("news");
      setText(status, news);
    }
  }

  // A picture that changes between press and release would swallow the click on its link.
  const hold = () => { held = true; };
  const release = () => setTimeout(() => {
    held = false;
    if (late) moved();
    late = false;
  });
  picture.addEventListener("pointerdown", hold);
  window.addEventListener("pointerup", release);
  window.addEventListener("pointercancel", release);
  tell(picture, status, words["view.point"]);
  flow();
  let due = false;
  const soon = () => {
    if (due) return;
    due = true;
    requestAnimationFrame(() => { due = false; moved(); });
  };
  const forget = listen(model, ["svg", "text", "news"], soon);
  return () => {
    forget();
    window.removeEventListener("pointerup", release);
    window.removeEventListener("pointercancel", release);
  };
}

export default { render };
