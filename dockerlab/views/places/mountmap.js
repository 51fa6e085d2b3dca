// Below the drawing a field: a path goes to Python, which says where it comes from.

function render({ model, el }) {
  const words = model.get("words");
  const { picture, controls, status } = frame(model, el);
  tell(picture, status, words["view.point"]);
  const path = node("input", { type: "text", spellcheck: "false", placeholder: "/usr/src/app/server.js" });
  const form = node("form", { class: "dl-ask" },
    node("label", {}, words["mount.ask"], path),
    node("button", { type: "submit" }, words["mount.ask.button"]));
  const answer = () => setText(status, model.get("answer"));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const asked = path.value.trim();
    if (asked && asked === model.get("path")) answer();
    model.set("path", asked);
    model.save_changes();
  });
  controls.append(form);
  return listen(model, ["answer"], answer);
}

export default { render };
