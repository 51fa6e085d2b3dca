// Repaints when the engine tells of a move, lets a dot run along the arrow taken, and sends clicks.

function render({ model, el }) {
  const words = model.get("words");
  const { picture, controls, status, paint } = frame(model, el);
  controls.setAttribute("role", "toolbar");
  controls.setAttribute("aria-label", words["life.buttons"]);
  let seen = model.get("history").length;
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

  function fill() {
    const busy = model.get("busy") || asked;
    const alive = model.comm_live !== false;
    model.get("buttons").forEach((one, index) => {
      const button = buttons[index];
      if (!button) return;
      button.setAttribute("aria-disabled", String(!one.enabled || !!busy || !alive));
      button.classList.toggle("busy", busy === one.action);
      button.title = alive ? one.title : words["life.offline"];
    });
    const error = model.get("error");
    status.classList.toggle("bad", !!error && !busy);
    const path = model.get("text").split("\n");
    status.textContent = busy ? `${busy}: ${words["life.busy"]}` : error || path[path.length - 1];
  }

  function moved() {
    paint();
    const history = model.get("history");
    if (history.length > seen) run(history[history.length - 1]);
    seen = history.length;
    fill();
  }

  function run(step) {
    const track = picture.querySelector(`[data-edge="${CSS.escape(step.edge)}"] .track`);
    if (!track || calm()) return;
    const dot = document.createElementNS("http://www.w3.org/2000/svg", "circle");
    dot.setAttribute("r", "7");
    dot.setAttribute("class", "dl-dot");
    track.ownerSVGElement.append(dot);
    const length = track.getTotalLength();
    const began = performance.now();
    const frameOf = (now) => {
      const part = Math.min((now - began) / 600, 1);
      const eased = part * part * (3 - 2 * part);
      const at = track.getPointAtLength(length * eased);
      dot.setAttribute("cx", at.x);
      dot.setAttribute("cy", at.y);
      if (part < 1 && dot.isConnected) requestAnimationFrame(frameOf);
      else dot.remove();
    };
    requestAnimationFrame(frameOf);
  }

  const answered = () => {
    if (!model.get("busy")) asked = "";
    fill();
  };
  const forgetMoves = listen(model, ["svg"], moved);
  const forgetBusy = listen(model, ["busy", "error", "buttons"], answered);
  fill();
  return () => { forgetMoves(); forgetBusy(); };
}

export default { render };
