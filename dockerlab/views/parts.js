// A still drawing; the parts that can, explain themselves.

function render({ model, el }) {
  const { picture, controls, status } = frame(model, el);
  controls.remove();
  if (picture.querySelector("[data-tip]")) tell(picture, status, model.get("words")["view.point"]);
  else status.remove();
}

export default { render };
