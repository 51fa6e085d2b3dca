// Buttons that act on what is drawn. `rest` says what stands below while nothing is going on.

function actions({ model, controls, status, label, rest }) {
  const words = model.get("words");
  let asked = "";

  const act = (button) => {
    // Not `disabled`: a disabled button cannot be focused, and nobody would read why.
    if (button.getAttribute("aria-disabled") === "true") {
      setText(status, button.title);
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
  if (buttons.length) toolbar(controls, label, buttons);
  else controls.remove();

  function fill() {
    const busy = model.get("busy") || asked;
    const alive = model.comm_live !== false;
    model.get("buttons").forEach((one, index) => {
      const button = buttons[index];
      if (!button) return;
      button.setAttribute("aria-disabled", String(!one.enabled || !!busy || !alive));
      button.classList.toggle("busy", busy === one.action);
      button.title = alive ? one.title : words["view.offline"];
    });
    const error = model.get("error");
    status.classList.toggle("bad", !!error && !busy);
    setText(status, busy ? `${busy}: ${words["view.busy"]}` : error || rest());
  }

  const answered = () => {
    if (!model.get("busy")) asked = "";
    fill();
  };
  fill();
  return { fill, forget: listen(model, ["busy", "error", "buttons"], answered) };
}
