// Repaints when the engine tells of a move, lets a dot run along the arrow taken, and sends clicks.

function render({ model, el }) {
  const words = model.get("words");
  const { picture, controls, status, paint } = frame(model, el);
  let seen = model.get("history").length;
  const { fill, forget } = actions({
    model, controls, status, label: words["life.buttons"], rest: () => model.get("text").split("\n").at(-1),
  });

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
    dot.setAttribute("class", "dl-token");
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

  const forgetMoves = listen(model, ["svg"], moved);
  return () => { forgetMoves(); forget(); };
}

export default { render };
