// Repaints when the engine tells of a move; parts explain themselves; clicks act on the project.

function render({ model, el }) {
  const words = model.get("words");
  const { picture, controls, status, paint } = frame(model, el);
  tell(picture, status);
  const { fill, forget } = actions({
    model, controls, status, label: words["graph.buttons"], rest: () => picture.querySelector("[data-tip]:focus")?.dataset.tip ?? words["view.point"],
  });

  function moved() {
    // The part under the keyboard is another element afterwards, and so is what changed.
    const before = new Map([...picture.querySelectorAll("[data-key]")]
      .map((part) => [part.dataset.key, part.dataset.state]));
    const key = picture.contains(document.activeElement) ? document.activeElement.dataset.key : "";
    paint();
    tell(picture, status);
    for (const part of picture.querySelectorAll("[data-key]")) {
      if (part.dataset.key === key) part.focus({ preventScroll: true });
      if (before.get(part.dataset.key) !== part.dataset.state && !calm()) part.classList.add("moved");
    }
    fill();
  }

  const forgetMoves = listen(model, ["svg"], moved);
  return () => { forgetMoves(); forget(); };
}

export default { render };
