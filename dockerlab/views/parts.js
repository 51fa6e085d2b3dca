// A still drawing whose parts explain themselves.

function render({ model, el }) {
  const { picture, controls, status } = frame(model, el);
  controls.remove();
  tell(picture, status, model.get("words")["view.point"]);
}

export default { render };
