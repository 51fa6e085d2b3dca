// Repaints when the engine tells of a move; parts explain themselves; clicks act on the project.

function render({ model, el }) {
  const words = model.get("words");
  const { picture, controls, status, paint } = frame(model, el);
  controls.setAttribute("role", "toolbar");
  controls.setAttribute("aria-label", words["graph.buttons"]);
  let asked = "";

  const act = (button) => {
    // Not `disabled`: a disabled button cannot be focused, and nobody would read why.
    if (button.getAttribute("aria-disabled") === "true") {
      status.textContent = button.title;
      return;
    }
    asked = button.dataset.action;
    model.send({ action: asked });
    fill();
  };
  const buttons = model.get("buttons").map((one) => {
    const made = node("button", { type: "button", "data-action": one.action }, one.action);
    made.addEventListener("click", () => act(made));
    controls.append(made);
    return made;
  });
  if (!buttons.length) controls.remove();

  function fill() {
    const busy = model.get("busy") || asked;
    const alive = model.comm_live !== false;
    model.get("buttons").forEach((one, index) => {
      const button = buttons[index];
      if (!button) return;
      button.setAttribute("aria-disabled", String(!one.enabled || !!busy || !alive));
      button.classList.toggle("busy", busy === one.action);
      button.title = alive ? one.title : words["graph.offline"];
    });
    const error = model.get("error");
    status.classList.toggle("bad", !!error && !busy);
    status.textContent = busy ? `${busy}: ${words["graph.busy"]}` : error || words["view.point"];
  }

  function moved() {
    // The part under the keyboard is another element afterwards, and so is what changed.
    const before = new Map([...picture.querySelectorAll("[data-key]")]
      .map((part) => [part.dataset.key, part.dataset.state]));
    const key = picture.contains(document.activeElement) ? document.activeElement.dataset.key : "";
    paint();
    tell(picture, status, status.textContent);
    for (const part of picture.querySelectorAll("[data-key]")) {
      if (part.dataset.key === key) part.focus({ preventScroll: true });
      if (before.get(part.dataset.key) !== part.dataset.state && !calm()) part.classList.add("moved");
    }
    fill();
  }

  const answered = () => {
    if (!model.get("busy")) asked = "";
    fill();
  };
  tell(picture, status, words["view.point"]);
  fill();
  const forgetMoves = listen(model, ["svg"], moved);
  const forgetBusy = listen(model, ["busy", "error", "buttons"], answered);
  return () => { forgetMoves(); forgetBusy(); };
}

export default { render };
