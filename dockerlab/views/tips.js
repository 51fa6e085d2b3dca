// Parts of a drawing that carry a data-tip tell it below the picture: mouse, touch or keyboard.

function tell(picture, status, first) {
  if (first !== undefined) setText(status, first);
  const root = picture.querySelector("svg");
  root.setAttribute("role", "group"); // an img would hide its parts from a screen reader
  for (const part of picture.querySelectorAll("[data-tip]")) {
    part.setAttribute("tabindex", "0");
    part.setAttribute("role", "img");
    part.setAttribute("aria-label", part.dataset.tip);
    const say = () => setText(status, part.dataset.tip);
    for (const event of ["focus", "pointerenter", "click"]) part.addEventListener(event, say);
  }
}
